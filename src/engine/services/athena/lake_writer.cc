// Text formats are written as one column that holds the whole line: the CSV writer of DuckDB with
// neither quote nor escape passes it on as it is, compresses it and parts it by folders.
#include "engine/services/athena/lake_writer.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/lake_files.h"

#include <algorithm>
#include <filesystem>

namespace engine::athena {
namespace {

using duck::quote_name;
using duck::quote_text;
using Kind = WriteFormat::Kind;

// Verified: "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of 100 open writers for partitions".
constexpr std::size_t kMostPartitions = 100;

bool is_nested(const std::string& type) {
  return type.ends_with("]") || type.starts_with("MAP(") || type.starts_with("STRUCT(");
}

std::string replaced(const std::string& expression, const std::string& from,
                     const std::string& to) {
  return fmt::format("replace({}, {}, {})", expression, quote_text(from), quote_text(to));
}

std::string json_line(const std::vector<WriteColumn>& columns, const WriteFormat& format) {
  std::string fields;
  for (const WriteColumn& column : columns) {
    const auto key = format.json_keys.find(column.name);
    const std::string name = quote_name(column.name);
    fields += fmt::format("{}{}: {}", fields.empty() ? "" : ", ",
                          quote_text(key == format.json_keys.end() ? column.name : key->second),
                          column.type == "BLOB" ? fmt::format("base64({})", name) : name);
  }
  return fmt::format("CAST(to_json({{{}}}) AS VARCHAR)", fields);
}

std::string text_field(const WriteColumn& column, const WriteFormat& format) {
  if (is_nested(column.type)) {
    throw QueryError(fmt::format(
        "NOT_SUPPORTED: column {} holds arrays, maps or rows, which can't be written as text",
        column.name));
  }
  const std::string name = quote_name(column.name);
  std::string text = column.type == "BLOB" ? fmt::format("base64({})", name)
                                           : fmt::format("CAST({} AS VARCHAR)", name);
  if (format.kind == Kind::kQuotedText) {
    text = replaced(replaced(text, "\\", "\\\\"), "\"", "\\\"");
    return fmt::format("'\"' || coalesce({}, '') || '\"'", text);
  }
  if (!format.escape.empty()) {
    for (const std::string& special : {format.escape, format.delimiter}) {
      text = replaced(text, special, format.escape + special);
    }
  }
  return fmt::format("coalesce({}, {})", text, quote_text(format.null_text));
}

std::string text_line(const std::vector<WriteColumn>& columns, const WriteFormat& format) {
  std::string line;
  for (const WriteColumn& column : columns) {
    if (!line.empty()) line += " || " + quote_text(format.delimiter) + " || ";
    line += text_field(column, format);
  }
  return line;
}

// What stands in a file, and how the partition's values become names of folders.
std::string items_of(const std::vector<WriteColumn>& columns, std::size_t keys,
                     const WriteFormat& format) {
  const std::vector<WriteColumn> data(columns.begin(), columns.end() - static_cast<long>(keys));
  std::string items;
  if (format.kind == Kind::kParquet) {
    for (const WriteColumn& column : data)
      items += (items.empty() ? "" : ", ") + quote_name(column.name);
  } else {
    items = (format.kind == Kind::kJson ? json_line(data, format) : text_line(data, format)) +
            " AS \"a whole line\"";
  }
  for (std::size_t i = columns.size() - keys; i < columns.size(); ++i) {
    const std::string name = quote_name(columns[i].name);
    items += fmt::format(
        ", coalesce(NULLIF(CAST({0} AS VARCHAR), ''), '__HIVE_DEFAULT_PARTITION__') AS {0}", name);
  }
  return items;
}

std::string copy_options(const std::vector<WriteColumn>& columns, std::size_t keys,
                         const WriteFormat& format) {
  std::string options =
      format.kind == Kind::kParquet
          ? fmt::format("FORMAT PARQUET, COMPRESSION {}",
                        format.compression == "none" ? "uncompressed" : format.compression)
          : fmt::format(
                "FORMAT CSV, HEADER false, DELIMITER '\x01', QUOTE '', ESCAPE '', COMPRESSION {}",
                format.compression);
  if (keys == 0) return options;
  options += ", PARTITION_BY (";
  for (std::size_t i = columns.size() - keys; i < columns.size(); ++i) {
    options += (i > columns.size() - keys ? ", " : "") + quote_name(columns[i].name);
  }
  return options + ")";
}

std::vector<WrittenFile> files_below(const std::string& folder,
                                     const std::vector<std::string>& keys) {
  std::vector<WrittenFile> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string path = entry.path().string();
    files.push_back({.path = path,
                     .size = entry.file_size(),
                     .partition = hive_values(path.substr(folder.size() + 1), keys)});
  }
  std::sort(files.begin(), files.end(),
            [](const WrittenFile& a, const WrittenFile& b) { return a.path < b.path; });
  return files;
}

void check_partitions(const std::vector<WrittenFile>& files) {
  std::vector<std::vector<std::string>> partitions;
  for (const WrittenFile& file : files) partitions.push_back(file.partition);
  std::sort(partitions.begin(), partitions.end());
  const auto end = std::unique(partitions.begin(), partitions.end());
  if (static_cast<std::size_t>(end - partitions.begin()) > kMostPartitions) {
    throw QueryError(fmt::format(
        "HIVE_TOO_MANY_OPEN_PARTITIONS: Exceeded limit of {} open writers for partitions/buckets",
        kMostPartitions));
  }
}

}  // namespace

bool WriteFormat::takes(const std::string& wanted) const {
  if (wanted == "none" || wanted == "gzip" || wanted == "zstd") return true;
  return kind == Kind::kParquet && (wanted == "snappy" || wanted == "lz4");
}

std::string WriteFormat::suffix() const {
  if (kind == Kind::kParquet || compression == "none") return "";  // Parquet tells it itself
  return compression == "gzip" ? ".gz" : ".zst";
}

Written write_files(duck::Connection& session, const std::string& select,
                    const std::vector<WriteColumn>& columns, std::size_t keys,
                    const WriteFormat& format, const std::string& folder) {
  const std::string target = keys > 0 ? folder : folder + "/whole";
  const duck::Result copied = session.query(
      fmt::format("COPY (SELECT {} FROM ({})) TO {} ({})", items_of(columns, keys, format), select,
                  quote_text(target), copy_options(columns, keys, format)));
  Written written{.rows = copied.rows_changed()};
  if (written.rows == 0) return written;
  std::vector<std::string> names;
  for (std::size_t i = columns.size() - keys; i < columns.size(); ++i)
    names.push_back(columns[i].name);
  written.files = files_below(folder, names);
  if (keys > 0) check_partitions(written.files);
  return written;
}

}  // namespace engine::athena
