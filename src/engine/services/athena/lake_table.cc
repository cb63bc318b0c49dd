// How DuckDB reads the formats that Glue tables declare.
#include "engine/services/athena/lake_table.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/parquet_types.h"
#include "engine/services/athena/text_values.h"
#include "engine/sql/hive_type.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <optional>
#include <span>

namespace engine::athena {
namespace {

using duck::quote_name;
using duck::quote_text;

struct ColumnSql {
  std::string name, type;  // lower case; DuckDB's type
  std::string declared;    // Glue's

  sql::HiveType hive_type() const {
    return sql::parse_hive_type(declared).value_or(sql::HiveType{});
  }
};

std::vector<ColumnSql> columns_of(const std::optional<std::vector<glue::api::Column>>& columns) {
  std::vector<ColumnSql> result;
  for (const auto& column : columns.value_or(std::vector<glue::api::Column>{})) {
    const std::string type = column.Type.value_or("string");
    result.push_back({base::to_lower(column.Name), sql::to_duckdb(type), type});
  }
  return result;
}

std::map<std::string, std::string> serde_parameters(const glue::api::Table& table) {
  const auto& storage = table.StorageDescriptor;
  if (storage && storage->SerdeInfo && storage->SerdeInfo->Parameters) {
    return *storage->SerdeInfo->Parameters;
  }
  return {};
}

std::string get_or(const std::map<std::string, std::string>& map, const std::string& key,
                   const std::string& otherwise) {
  const auto found = map.find(key);
  return found == map.end() ? otherwise : found->second;
}

// The files of one partition and one compression, read by one call.
struct Group {
  std::vector<std::string> partition;
  std::string compression;
  std::vector<const LakeFile*> files;
  // The keys, when the files of many partitions are read at once and their paths tell the values.
  std::vector<ColumnSql> path_keys = {};
  bool with_file = false;  // each row with its file's path, in "$file"

  // Arguments of a read_… function for the latter.
  std::string partitioning() const {
    const std::string file = with_file ? ", filename = '$file'" : "";
    if (path_keys.empty()) return "hive_partitioning = false" + file;
    std::string types;
    for (const ColumnSql& key : path_keys)
      types += fmt::format("{}{}: {}", types.empty() ? "" : ", ", quote_text(key.name), key.type);
    return fmt::format("hive_partitioning = true, hive_types = {{{}}}{}", types, file);
  }
  std::string path_key_items() const {
    std::string items = with_file ? ", \"$file\"" : "";
    for (const ColumnSql& key : path_keys) items += ", " + quote_name(key.name);
    return items;
  }

  std::string list() const {
    std::string text = "[";
    for (const LakeFile* file : files)
      text += (text.size() > 1 ? ", " : "") + quote_text(file->path);
    return text + "]";
  }
};

class Format {
 public:
  virtual ~Format() = default;
  /// A SELECT of the data columns over a group's files.
  virtual std::string select(const Group& group) const = 0;
};

// Halves of halves: a chain would be as deep as there are partitions, and DuckDB has a limit to that.
std::string union_of(std::span<const std::string> selects) {
  if (selects.size() == 1) return selects.front();
  const std::size_t half = selects.size() / 2;
  return fmt::format("({}) UNION ALL ({})", union_of(selects.first(half)),
                     union_of(selects.subspan(half)));
}

// Columns by name, whatever order and subset each file has. Files of one schema are read by one call,
// which then needs to look into none but the first before it runs.
class Parquet final : public Format {
 public:
  Parquet(Session& session, ParquetFooters& footers, std::vector<ColumnSql> columns)
      : session_(session), footers_(footers), columns_(std::move(columns)) {}

  std::string select(const Group& group) const override {
    const auto schemas = footers_.schemas(session_.connection(), group.files);
    std::map<std::string_view, std::pair<const ParquetSchema*, Group>> parts;
    for (std::size_t i = 0; i < schemas.size(); ++i) {
      auto& [schema, part] = parts[schemas[i]->print];
      schema = schemas[i].get();
      part.path_keys = group.path_keys;
      part.with_file = group.with_file;
      part.files.push_back(group.files[i]);
    }
    std::vector<std::string> selects;
    for (const auto& [print, part] : parts) selects.push_back(select(*part.first, part.second));
    return union_of(selects);
  }

 private:
  std::string select(const ParquetSchema& schema, const Group& group) const {
    std::string items;
    for (const ColumnSql& column : columns_) {
      if (!items.empty()) items += ", ";
      items += fmt::format("{} AS {}", item(schema, column, group), quote_name(column.name));
    }
    return fmt::format("SELECT {}{} FROM read_parquet({}, {})", items, group.path_key_items(),
                       group.list(), group.partitioning());
  }

  // A column of another type is an error only for those who ask for it.
  std::string item(const ParquetSchema& schema, const ColumnSql& column, const Group& group) const {
    const ParquetColumn* found = schema.find(column.name);
    if (!found) return fmt::format("CAST(NULL AS {})", column.type);
    const auto value =
        parquet_conversion(quote_name(found->name), found->type, column.hive_type());
    if (value) return *value;
    session_.define({"h_fail"});
    const std::string why = fmt::format(
        "HIVE_BAD_DATA: Field {}'s type {} in parquet file {} is incompatible with type {} defined "
        "in table schema",
        column.name, found->primitive, group.files.front()->uri, column.declared);
    return fmt::format("CAST(h_fail({}) AS {})", quote_text(why), column.type);
  }

  Session& session_;
  ParquetFooters& footers_;
  std::vector<ColumnSql> columns_;
};

// One JSON object a line: the OpenX and Hive JSON SerDes, which find keys in any case.
class JsonLines final : public Format {
 public:
  JsonLines(Session& session, std::vector<ColumnSql> columns,
            std::map<std::string, std::string> parameters)
      : session_(session), columns_(std::move(columns)), parameters_(std::move(parameters)) {}

  std::string select(const Group& group) const override {
    const auto keys = sampled_keys(group);
    session_.define({"h_fail"});
    std::string declared, items;
    for (const ColumnSql& column : columns_) {
      const std::string mapped = get_or(parameters_, "mapping." + column.name, column.name);
      const std::string key = get_or(keys, base::to_lower(mapped), mapped);
      const auto type = column.hive_type();
      declared += fmt::format("{}{}: {}", declared.empty() ? "" : ", ", quote_text(key),
                              quote_text(sql::to_duckdb(json_read_type(type))));
      items += fmt::format("{}{} AS {}", items.empty() ? "" : ", ",
                           value_of_json(quote_name(key), type, misfit_),
                           quote_name(column.name));
    }
    const bool lenient =
        base::iequals(get_or(parameters_, "ignore.malformed.json", "false"), "true");
    return fmt::format(
        "SELECT {}{} FROM read_json({}, columns = {{{}}}, format = 'newline_delimited', "
        "compression = '{}', ignore_errors = {}, maximum_object_size = 67108864, {})",
        items, group.path_key_items(), group.list(), declared, compression(group), lenient,
        group.partitioning());
  }

 private:
  // read_json has another word for it than read_csv.
  static std::string compression(const Group& group) {
    return group.compression == "none" ? "uncompressed" : group.compression;
  }

  // How the first lines spell their keys: lower case → as spelt.
  std::map<std::string, std::string> sampled_keys(const Group& group) const {
    std::map<std::string, std::string> keys;
    duck::Result result = session_.connection().query(fmt::format(
        "SELECT DISTINCT unnest(json_keys(json)) FROM (SELECT json FROM read_json_objects([{}], "
        "format = 'newline_delimited', compression = '{}', ignore_errors = true) "
        "WHERE json_type(json) = 'OBJECT' LIMIT 100)",
        quote_text(group.files.front()->path), compression(group)));
    while (result.next()) {
      const std::string key = result[0].text();
      // A key spelt as the column is wins over its other spellings.
      if (const std::string lower = base::to_lower(key); key == lower || !keys.count(lower)) {
        keys[lower] = key;
      }
    }
    return keys;
  }

  Session& session_;
  std::vector<ColumnSql> columns_;
  std::map<std::string, std::string> parameters_;
  const Misfit misfit_{"HIVE_BAD_DATA: Error Parsing a column in the table: For input string: "};
};

// LazySimpleSerDe and OpenCSVSerde: everything is text first. What is no value of its column's type
// is NULL to the one and ends the query of the other.
class Delimited final : public Format {
 public:
  Delimited(Session& session, std::vector<ColumnSql> columns,
            const std::map<std::string, std::string>& serde,
            const std::map<std::string, std::string>& table, bool open_csv)
      : session_(session), columns_(std::move(columns)), open_csv_(open_csv) {
    if (open_csv) {
      delimiter_ = get_or(serde, "separatorChar", ",");
      quote_ = get_or(serde, "quoteChar", "\"");
      escape_ = get_or(serde, "escapeChar", "\\");
      null_text_ = "\x01null\x01";  // OpenCSVSerde knows no NULL text
    } else {
      delimiter_ = get_or(serde, "field.delim", get_or(serde, "serialization.format", "\x01"));
      if (delimiter_ == "1") delimiter_ = "\x01";
      null_text_ = get_or(serde, "serialization.null.format", "\\N");
      separators_ = {get_or(serde, "collection.delim", get_or(serde, "colelction.delim", "\x02")),
                     get_or(serde, "mapkey.delim", "\x03")};
    }
    skip_ = get_or(serde, "skip.header.line.count", get_or(table, "skip.header.line.count", "0"));
    if (skip_.empty() || skip_.find_first_not_of("0123456789") != std::string::npos) skip_ = "0";
  }

  std::string select(const Group& group) const override {
    session_.define({"h_fail"});
    std::string declared, items;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const ColumnSql& column = columns_[i];
      declared += (i ? ", " : "") + quote_text(column.name) + ": 'VARCHAR'";
      items += (i ? ", " : "") + item(column, i) + " AS " + quote_name(column.name);
    }
    return fmt::format(
        "SELECT {}{} FROM read_csv({}, header = false, auto_detect = false, columns = {{{}}}, "
        "delim = {}, quote = {}, escape = {}, nullstr = {}, skip = {}, null_padding = true, "
        "strict_mode = false, compression = '{}', {})",
        items, group.path_key_items(), group.list(), declared, quote_text(delimiter_), quote_text(quote_),
        quote_text(escape_), quote_text(null_text_), skip_, group.compression,
        group.partitioning());
  }

 private:
  // Deviation: an empty field of a number is NULL with OpenCSVSerde, which AWS does not support;
  // its dates are ISO's, too, not only days since 1970.
  std::string item(const ColumnSql& column, std::size_t index) const {
    const std::string name = quote_name(column.name);
    const sql::HiveType type = column.hive_type();
    if (type.kind == sql::HiveKind::kString) return name;
    const std::string text = fmt::format("trim({})", name);
    if (!open_csv_) return value_of_text(text, type, {}, separators_);
    const Misfit misfit{fmt::format(
        "HIVE_BAD_DATA: Error parsing field value for field {}: For input string: ", index)};
    const std::string value = value_of_text(fmt::format("NULLIF({}, '')", text), type, misfit);
    const bool is_date = type.kind == sql::HiveKind::kDate;
    if (!is_date && type.kind != sql::HiveKind::kTimestamp) return value;
    return fmt::format(
        "CASE WHEN regexp_full_match({0}, '[+-]?[0-9]+') THEN {1} ELSE {2} END", text,
        is_date ? fmt::format("DATE '1970-01-01' + TRY_CAST({} AS INTEGER)", text)
                : fmt::format("make_timestamp(1000 * TRY_CAST({} AS BIGINT))", text),
        value);
  }

  Session& session_;
  std::vector<ColumnSql> columns_;
  bool open_csv_;
  std::vector<std::string> separators_;
  std::string delimiter_, quote_, escape_, null_text_, skip_;
};

std::unique_ptr<Format> format_of(Session& session, ParquetFooters& footers,
                                  const glue::api::Table& table) {
  const auto columns = columns_of(table.StorageDescriptor->Columns);
  const auto& serde = table.StorageDescriptor->SerdeInfo;
  const auto parameters = table.Parameters.value_or(std::map<std::string, std::string>{});
  const std::string library = base::to_lower(serde ? serde->SerializationLibrary.value_or("") : "");
  const std::string hint =
      library.empty() ? base::to_lower(get_or(parameters, "classification", "")) : library;
  const auto says = [&](std::string_view word) { return hint.find(word) != std::string::npos; };
  if (says("parquet")) return std::make_unique<Parquet>(session, footers, columns);
  if (says("json")) {
    return std::make_unique<JsonLines>(session, columns, serde_parameters(table));
  }
  if (says("opencsv")) {
    return std::make_unique<Delimited>(session, columns, serde_parameters(table), parameters, true);
  }
  if (says("lazysimple") || says("csv") || hint.empty()) {
    return std::make_unique<Delimited>(session, columns, serde_parameters(table), parameters, false);
  }
  throw QueryError(
      fmt::format("NOT_SUPPORTED: the SerDe {} of table {} is not supported", hint, table.Name));
}

std::vector<Group> groups_of(const std::vector<LakeFile>& files) {
  std::vector<Group> groups;
  std::map<std::pair<std::vector<std::string>, std::string>, std::size_t> places;
  for (const LakeFile& file : files) {
    const auto [place, added] =
        places.try_emplace({file.partition, file.compression}, groups.size());
    if (added) groups.push_back({file.partition, file.compression, {}});
    groups[place->second].files.push_back(&file);
  }
  return groups;
}

std::string empty_select(const std::vector<ColumnSql>& columns, const std::vector<ColumnSql>& keys,
                         bool with_file_columns) {
  static const std::vector<ColumnSql> none;
  static const std::vector<ColumnSql> of_files = {
      {"$path", "VARCHAR", ""},
      {"$file_size", "BIGINT", ""},
      {"$file_modified_time", "TIMESTAMP WITH TIME ZONE", ""},
      {"$partition", "VARCHAR", ""}};
  std::string items;
  for (const auto* list : {&columns, &keys, with_file_columns ? &of_files : &none}) {
    for (const ColumnSql& column : *list) {
      items += fmt::format("{}CAST(NULL AS {}) AS {}", items.empty() ? "" : ", ", column.type,
                           quote_name(column.name));
    }
  }
  return fmt::format("SELECT {} WHERE false", items);
}

// The partition's values stand beside the rows as constants, so DuckDB drops the branches that a
// condition on them excludes without opening their files.
std::string with_partition(const std::string& select, const std::vector<ColumnSql>& keys,
                           const Group& group) {
  if (keys.empty()) return select;
  std::string items = "*";
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string& value = group.partition.at(i);
    items += fmt::format(", CAST({} AS {}) AS {}",
                         value == "__HIVE_DEFAULT_PARTITION__" ? "NULL" : quote_text(value),
                         keys[i].type, quote_name(keys[i].name));
  }
  return fmt::format("SELECT {} FROM ({})", items, select);
}

// What the file of a row tells, instead of its path. Where paths tell partitions, each file is in
// one; otherwise a group is of one partition.
std::string facts_of_files(const std::string& select, const glue::api::Table& table,
                           const Group& group) {
  const std::string partition = group.partition.empty()
                                    ? "h_file_partition(\"$file\")"
                                    : quote_text(partition_name(table, group.partition));
  return fmt::format(
      "SELECT * EXCLUDE (\"$file\"), h_file_uri(\"$file\") AS \"$path\", h_file_size(\"$file\") AS "
      "\"$file_size\", h_file_time(\"$file\") AS \"$file_modified_time\", {} AS \"$partition\" FROM "
      "({})",
      partition, select);
}

// Past this, the branches of a UNION cost more than looking at paths.
constexpr std::size_t kMostBranches = 16;

// Whether the file's path says its partition in Hive's way, in characters that mean themselves.
bool path_tells(const LakeFile& file, const std::vector<ColumnSql>& keys) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string& value = file.partition.at(i);
    const bool plain = std::all_of(value.begin(), value.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
             std::string_view("-_.").find(c) != std::string_view::npos;
    });
    // These mean NULL, to DuckDB or to Hive.
    const bool null = base::iequals(value, "null") || value.starts_with("__HIVE");
    if (!plain || null || value.empty()) return false;
    const std::string name = '/' + keys[i].name + '=';
    const std::size_t at = file.path.find(name + value + '/');
    if (at == std::string::npos || file.path.find(name) != at || file.path.rfind(name) != at)
      return false;
  }
  return true;
}

// One group for all partitions, when paths tell them.
std::vector<Group> groups_by_path(const std::vector<LakeFile>& files,
                                  const std::vector<ColumnSql>& keys) {
  std::vector<Group> groups;
  for (const LakeFile& file : files) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& candidate) {
      return candidate.compression == file.compression;
    });
    if (group == groups.end()) {
      groups.push_back({.compression = file.compression, .path_keys = keys});
      group = groups.end() - 1;
    }
    group->files.push_back(&file);
  }
  return groups;
}

}  // namespace

LakeTable lake_table(Session& session, ParquetFooters& footers, const s3::S3& s3,
                     const glue::api::Table& table, const LakePartitions& partitions,
                     bool with_file_columns) {
  empty_lake_table(table);  // refuses a table without columns
  const auto keys = columns_of(table.PartitionKeys);
  LakeTable result{.files = lake_files(s3, table, partitions)};
  for (const LakeFile& file : result.files) result.bytes += file.size;
  const auto format = format_of(session, footers, table);
  auto groups = groups_of(result.files);
  const bool by_path = groups.size() > kMostBranches && !keys.empty() &&
                       std::all_of(result.files.begin(), result.files.end(),
                                   [&](const LakeFile& file) { return path_tells(file, keys); });
  if (by_path) groups = groups_by_path(result.files, keys);
  std::vector<std::string> selects;
  for (Group& group : groups) {
    group.with_file = with_file_columns;
    std::string select = format->select(group);
    if (!by_path) select = with_partition(select, keys, group);
    selects.push_back(with_file_columns ? facts_of_files(select, table, group) : select);
  }
  result.select =
      selects.empty() ? empty_lake_table(table, with_file_columns) : union_of(selects);
  return result;
}

std::string empty_lake_table(const glue::api::Table& table, bool with_file_columns) {
  if (!table.StorageDescriptor || !table.StorageDescriptor->Columns ||
      table.StorageDescriptor->Columns->empty()) {
    throw QueryError(
        fmt::format("HIVE_UNSUPPORTED_FORMAT: table {} declares no columns", table.Name));
  }
  return empty_select(columns_of(table.StorageDescriptor->Columns),
                      columns_of(table.PartitionKeys), with_file_columns);
}

}  // namespace engine::athena
