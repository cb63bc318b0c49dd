// ADD, DROP and SHOW PARTITIONS, MSCK REPAIR TABLE.
#include "engine/services/athena/ddl_partitions.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/lake_files.h"
#include "lib/base/encoding.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>

namespace engine::athena {
namespace {

std::vector<std::string> partition_keys(const glue::api::Table& table) {
  auto names = key_names(table);
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
  const auto keys = partition_keys(table);
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

namespace {

glue::api::Partition existing(const DdlContext& context, const glue::api::Table& table,
                              const std::vector<std::string>& values) {
  auto found = context.glue.find_partition(*table.DatabaseName, table.Name, values);
  if (!found) {
    throw QueryError(
        fmt::format("FAILED: SemanticException [Error 10006]: Partition not found ({})",
                    fmt::join(values, ", ")));
  }
  return *found;
}

// "(key < value, …)" as an expression of Glue; whether it names one partition is `whole`.
std::string read_conditions(DdlCursor& cursor, const std::vector<std::string>& keys, bool& whole) {
  std::string expression;
  std::size_t equal = 0;
  cursor.expect("(");
  do {
    const std::string key = cursor.name();
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      throw QueryError("FAILED: SemanticException Partition spec contains non-partition columns");
    std::string sign;
    for (const char* symbol : {"<", ">", "!", "="}) {
      if (cursor.take(symbol)) sign += symbol;
      if (sign == "<" && cursor.take(">")) sign = "<>";
    }
    if (sign.empty()) cursor.fail("'='");
    equal += sign == "=" ? 1 : 0;
    std::string value;
    for (const char c : cursor.literal()) value.append(c == '\'' ? 2 : 1, c);
    expression +=
        fmt::format("{}{} {} '{}'", expression.empty() ? "" : " AND ", key, sign, value);
  } while (cursor.take(","));
  cursor.expect(")");
  whole = equal == keys.size();
  return expression;
}

}  // namespace

DdlResult drop_partitions(const DdlContext& context, DdlCursor& cursor,
                          const glue::api::Table& table) {
  const auto keys = partition_keys(table);
  const bool if_exists = cursor.take("if exists");
  std::vector<std::vector<std::string>> dropped;
  do {
    cursor.expect("partition");
    bool whole = false;
    const std::string expression = read_conditions(cursor, keys, whole);
    const auto found = context.glue.partitions(*table.DatabaseName, table.Name, expression);
    if (found.empty() && whole && !if_exists) {
      throw QueryError(
          fmt::format("FAILED: SemanticException [Error 10006]: Partition not found ({})",
                      expression));
    }
    for (const auto& partition : found) dropped.push_back(*partition.Values);
  } while (cursor.take(","));
  cursor.expect_end();
  for (const auto& values : dropped)
    context.glue.delete_partition(*table.DatabaseName, table.Name, values);
  return {};
}

DdlResult change_partition(const DdlContext& context, DdlCursor& cursor,
                           const glue::api::Table& table) {
  const auto keys = partition_keys(table);
  cursor.expect("partition");
  const auto values = read_values(cursor, keys);
  glue::api::PartitionInput changed{.Values = values};
  const bool renamed = cursor.take("rename to partition");
  std::string location;
  if (renamed) {
    changed.Values = read_values(cursor, keys);
  } else {
    cursor.expect("set location");
    location = cursor.text();
  }
  cursor.expect_end();
  const auto partition = existing(context, table, values);
  changed.StorageDescriptor = partition.StorageDescriptor;
  changed.Parameters = partition.Parameters;
  if (!renamed) {
    if (!changed.StorageDescriptor) changed.StorageDescriptor = table.StorageDescriptor;
    changed.StorageDescriptor->Location = location;
  }
  context.glue.update_partition(*table.DatabaseName, table.Name, values, changed);
  return {};
}

glue::api::Partition described_partition(const DdlContext& context, DdlCursor& cursor,
                                         const glue::api::Table& table) {
  const auto keys = partition_keys(table);
  cursor.expect("partition");
  return existing(context, table, read_values(cursor, keys));
}

DdlResult repair_table(const DdlContext& context, const glue::api::Table& table) {
  const auto keys = partition_keys(table);
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
  const auto keys = partition_keys(table);
  DdlResult result{.columns = {text_column("partition")}};
  for (const auto& partition : context.glue.partitions(*table.DatabaseName, table.Name)) {
    std::string path = hive_path(keys, *partition.Values);
    path.pop_back();
    result.rows.push_back({std::move(path)});
  }
  return result;
}

}  // namespace engine::athena
