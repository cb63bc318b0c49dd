// ADD, DROP and SHOW PARTITIONS, MSCK REPAIR TABLE.
#include "engine/services/athena/ddl_partitions.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/lake_files.h"
#include "lib/base/encoding.h"

#include <map>

namespace engine::athena {
namespace {

std::vector<std::string> key_names(const glue::api::Table& table) {
  std::vector<std::string> names;
  for (const auto& column : table.PartitionKeys.value_or(std::vector<glue::api::Column>{})) {
    names.push_back(base::to_lower(column.Name));
  }
  if (names.empty()) {
    throw QueryError(
        fmt::format("FAILED: SemanticException [Error 10241]: Table {} is not a partitioned table",
                    table.Name));
  }
  return names;
}

// "(key = value, …)" as values in the order of the table's keys.
std::vector<std::string> read_values(DdlCursor& cursor, const std::vector<std::string>& keys) {
  std::map<std::string, std::string> given;
  cursor.expect("(");
  do {
    const std::string key = cursor.name();
    cursor.expect("=");
    given[key] = cursor.literal();
  } while (cursor.take(","));
  cursor.expect(")");
  std::vector<std::string> values;
  for (const std::string& key : keys) {
    if (!given.count(key))
      throw QueryError(
          fmt::format("FAILED: SemanticException Partition spec lacks the key {}", key));
    values.push_back(given[key]);
  }
  if (given.size() != keys.size())
    throw QueryError("FAILED: SemanticException Partition spec contains non-partition columns");
  return values;
}

std::string hive_path(const std::vector<std::string>& keys,
                      const std::vector<std::string>& values) {
  std::string path;
  for (std::size_t i = 0; i < keys.size(); ++i)
    path += fmt::format("{}={}/", keys[i], values.at(i));
  return path;
}

std::string folder(const std::string& location) {
  return location.empty() || location.back() == '/' ? location : location + '/';
}

void create(const DdlContext& context, const glue::api::Table& table,
            const std::vector<std::string>& values, const std::string& location) {
  glue::api::PartitionInput input{.Values = values, .StorageDescriptor = table.StorageDescriptor};
  input.StorageDescriptor->Location = location;
  context.glue.create_partition(*table.DatabaseName, table.Name, input);
}

}  // namespace

DdlResult add_partitions(const DdlContext& context, DdlCursor& cursor,
                         const glue::api::Table& table) {
  const auto keys = key_names(table);
  const bool if_not_exists = cursor.take("if not exists");
  while (cursor.take("partition")) {
    const auto values = read_values(cursor, keys);
    const std::string location =
        cursor.take("location")
            ? cursor.text()
            : folder(table.StorageDescriptor->Location.value_or("")) + hive_path(keys, values);
    const bool exists =
        context.glue.find_partition(*table.DatabaseName, table.Name, values).has_value();
    if (!exists || !if_not_exists) create(context, table, values, location);
  }
  cursor.expect_end();
  return {};
}

DdlResult drop_partitions(const DdlContext& context, DdlCursor& cursor,
                          const glue::api::Table& table) {
  const auto keys = key_names(table);
  const bool if_exists = cursor.take("if exists");
  do {
    cursor.expect("partition");
    const auto values = read_values(cursor, keys);
    const bool exists =
        context.glue.find_partition(*table.DatabaseName, table.Name, values).has_value();
    if (exists || !if_exists)
      context.glue.delete_partition(*table.DatabaseName, table.Name, values);
  } while (cursor.take(","));
  cursor.expect_end();
  return {};
}

DdlResult repair_table(const DdlContext& context, const glue::api::Table& table) {
  const auto keys = key_names(table);
  const std::string location = folder(table.StorageDescriptor->Location.value_or(""));
  const auto uri = s3::parse_s3_uri(location);
  std::map<std::vector<std::string>, std::string> folders;
  if (uri && context.s3.has_bucket(uri->bucket)) {
    for (const auto& object : context.s3.all_objects(uri->bucket, uri->key)) {
      const std::string below = object.key.substr(uri->key.size());
      auto values = hive_values(below, keys);
      if (values.empty()) continue;
      std::size_t end = 0;
      for (std::size_t i = 0; i < keys.size(); ++i) end = below.find('/', end) + 1;
      folders.emplace(std::move(values), below.substr(0, end));
    }
  }
  DdlResult result{.columns = {text_column("result")}};
  for (const auto& [values, below] : folders) {
    if (context.glue.find_partition(*table.DatabaseName, table.Name, values)) continue;
    create(context, table, values, location + below);
    result.rows.push_back({fmt::format("Repair: Added partition to metastore {}:{}", table.Name,
                                       below.substr(0, below.size() - 1))});
  }
  return result;
}

DdlResult show_partitions(const DdlContext& context, const glue::api::Table& table) {
  const auto keys = key_names(table);
  DdlResult result{.columns = {text_column("partition")}};
  for (const auto& partition : context.glue.partitions(*table.DatabaseName, table.Name)) {
    std::string path = hive_path(keys, *partition.Values);
    path.pop_back();
    result.rows.push_back({std::move(path)});
  }
  return result;
}

}  // namespace engine::athena
