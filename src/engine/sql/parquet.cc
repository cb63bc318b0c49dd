// Records are made to fit in C++ (so that each misfit is known by name), DuckDB writes the columns.
#include "engine/sql/parquet.h"

#include "lib/base/encoding.h"
#include "lib/base/ids.h"
#include "lib/duckdb/database.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace engine::sql::parquet {
namespace {

std::string scratch_path(const std::string& folder, std::string_view extension) {
  static base::Ids ids;
  return fmt::format("{}/convert-{}.{}", folder, ids.hex(16), extension);
}

// A file that goes with its scope.
struct TemporaryFile {
  std::string path;
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
};

void write_file(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw std::system_error(errno, std::generic_category(), "writing " + path);
}

bool is_binary(const Column& column) {
  const auto type = parse_hive_type(column.type);
  return type && type->kind == HiveKind::kBinary;
}

// The SELECT that reads the lines of `path` as the columns' types.
// Deviation: binary inside a nested column keeps its base64 text.
std::string select_sql(const std::vector<Column>& columns, const std::string& path) {
  std::string selected, declared;
  for (const Column& column : columns) {
    const std::string name = base::to_lower(column.name);
    const std::string quoted = duck::quote_name(name);
    const bool binary = is_binary(column);
    if (!selected.empty()) selected += ", ", declared += ", ";
    selected += binary ? fmt::format("from_base64({0}) AS {0}", quoted) : quoted;
    declared += duck::quote_text(name) + ": " +
                duck::quote_text(binary ? "VARCHAR" : to_duckdb(column.type));
  }
  return fmt::format(
      "SELECT {} FROM read_json({}, columns = {{{}}}, format = 'newline_delimited', "
      "maximum_object_size = 134217728)",
      selected, duck::quote_text(path), declared);
}

}  // namespace

Converted from_json_lines(const std::vector<std::string_view>& records,
                          const std::vector<Column>& columns, const Options& options) {
  const JsonRow row(columns, options.keys);
  Converted converted;
  std::string lines;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (auto reason = row.append(records[i], lines)) {
      converted.misfits.push_back({i, std::move(*reason)});
    } else {
      ++converted.rows;
    }
  }
  if (converted.rows == 0) return converted;

  const TemporaryFile source{scratch_path(options.scratch, "json")};
  write_file(source.path, lines);
  const std::string target = scratch_path(options.scratch, "parquet");
  duck::Database database({.temp_directory = options.scratch,
                           .memory_limit = "512MB",
                           .allowed_directories = {options.scratch}});
  duck::Connection connection(database);
  connection.query(fmt::format("COPY ({}) TO {} (FORMAT parquet, COMPRESSION {})",
                               select_sql(columns, source.path), duck::quote_text(target),
                               options.compression));
  converted.file = http::Body::spooled(target, std::filesystem::file_size(target));
  return converted;
}

std::uint64_t count_rows(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path();
  duck::Database database({.allowed_directories = {folder.empty() ? "." : folder}});
  duck::Connection connection(database);
  return std::stoull(
      connection.value("SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata($1)", {path})
          .value());
}

}  // namespace engine::sql::parquet
