// One table's columns, properties and places.
#include "engine/services/athena/ddl_tables.h"

#include "engine/protocol/json.h"
#include "engine/services/athena/create_table.h"
#include "engine/services/athena/ddl_partitions.h"
#include "engine/services/athena/errors.h"
#include "lib/base/encoding.h"
#include "lib/base/time_text.h"

#include <algorithm>
#include <set>

namespace engine::athena {
namespace {

using glue::api::Column;
using Columns = std::vector<Column>;

glue::api::TableInput input_of(const glue::api::Table& table) {
  auto input = from_json<glue::api::TableInput>(to_json(table));
  if (!input.StorageDescriptor) input.StorageDescriptor.emplace();
  if (!input.StorageDescriptor->Columns) input.StorageDescriptor->Columns.emplace();
  return input;
}

// A new set of columns, each name once, partition keys counted.
void put_columns(const DdlContext& context, const glue::api::Table& table, Columns columns) {
  std::set<std::string> names;
  for (const Column& key : table.PartitionKeys.value_or(Columns{}))
    names.insert(base::to_lower(key.Name));
  for (const Column& column : columns) {
    if (names.insert(base::to_lower(column.Name)).second) continue;
    throw QueryError(fmt::format(
        "FAILED: SemanticException [Error 10036]: Duplicate column name: {}", column.Name));
  }
  auto input = input_of(table);
  input.StorageDescriptor->Columns = std::move(columns);
  context.glue.update_table(*table.DatabaseName, input);
}

// CHANGE [COLUMN] old new type [COMMENT 'text'] [FIRST | AFTER other]
Columns changed_columns(DdlCursor& cursor, Columns columns) {
  const auto find = [&](const std::string& name) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const Column& column) {
      return base::iequals(column.Name, name);
    });
    if (found == columns.end()) {
      throw QueryError(fmt::format(
          "FAILED: SemanticException [Error 10002]: Invalid column reference {}", name));
    }
    return found;
  };
  cursor.take("column");
  const std::string old = cursor.name();
  Column column = read_column(cursor);
  const auto place = find(old);
  if (!column.Comment) column.Comment = place->Comment;
  if (cursor.take("first")) {
    columns.erase(place);
    columns.insert(columns.begin(), std::move(column));
  } else if (cursor.take("after")) {
    const std::string other = cursor.name();
    find(other);
    columns.erase(place);
    columns.insert(find(other) + 1, std::move(column));
  } else {
    *place = std::move(column);
  }
  return columns;
}

// Hive gives one text a row, its three parts padded to 20 and parted by tabs.
ResultRow line(std::string_view name, std::string_view type = "", std::string_view comment = "") {
  return {fmt::format("{:<20}\t{:<20}\t{:<20}", name, type, comment)};
}

ResultRow described(const Column& column) {
  return line(column.Name, column.Type.value_or("string"), column.Comment.value_or(""));
}

const ResultRow kBlank = {"\t \t "};

void add_details(const glue::api::Table& table, DdlResult& result) {
  const auto storage = table.StorageDescriptor.value_or(glue::api::StorageDescriptor{});
  const auto serde = storage.SerdeInfo.value_or(glue::api::SerDeInfo{});
  const auto add = [&](std::string_view name, const std::string& value) {
    result.rows.push_back(line(name, value));
  };
  result.rows.push_back(kBlank);
  result.rows.push_back({"# Detailed Table Information\t \t "});
  add("Database:", table.DatabaseName.value_or(""));
  add("Owner:", table.Owner.value_or(""));
  add("CreateTime:", table.CreateTime ? base::to_iso8601(*table.CreateTime) : "UNKNOWN");
  add("Location:", storage.Location.value_or(""));
  add("Table Type:", table.TableType.value_or(""));
  result.rows.push_back(line("Table Parameters:"));
  for (const auto& [key, value] : table.Parameters.value_or(std::map<std::string, std::string>{}))
    result.rows.push_back(line("", key, value));
  result.rows.push_back(kBlank);
  result.rows.push_back({"# Storage Information\t \t "});
  add("SerDe Library:", serde.SerializationLibrary.value_or(""));
  add("InputFormat:", storage.InputFormat.value_or(""));
  add("OutputFormat:", storage.OutputFormat.value_or(""));
  result.rows.push_back(line("Storage Desc Params:"));
  for (const auto& [key, value] : serde.Parameters.value_or(std::map<std::string, std::string>{}))
    result.rows.push_back(line("", key, value));
  if (table.ViewOriginalText) {
    result.rows.push_back(kBlank);
    result.rows.push_back({"# View Information\t \t "});
    add("View Original Text:", *table.ViewOriginalText);
  }
}

}  // namespace

DdlResult alter_table(const DdlContext& context, DdlCursor& cursor, const glue::api::Table& table) {
  const std::string database = table.DatabaseName.value();
  if (cursor.take("drop")) return drop_partitions(context, cursor, table);
  if (cursor.at("partition")) return change_partition(context, cursor, table);
  Columns columns = input_of(table).StorageDescriptor->Columns.value();
  if (cursor.take("add columns")) {
    for (Column& column : read_columns(cursor)) columns.push_back(std::move(column));
    cursor.expect_end();
    put_columns(context, table, std::move(columns));
  } else if (cursor.take("add")) {
    return add_partitions(context, cursor, table);
  } else if (cursor.take("replace columns")) {
    columns = read_columns(cursor);
    cursor.expect_end();
    put_columns(context, table, std::move(columns));
  } else if (cursor.take("change")) {
    columns = changed_columns(cursor, std::move(columns));
    cursor.expect_end();
    put_columns(context, table, std::move(columns));
  } else if (cursor.take("set tblproperties")) {
    auto input = input_of(table);
    if (!input.Parameters) input.Parameters.emplace();
    for (const auto& [key, value] : cursor.properties()) (*input.Parameters)[key] = value;
    cursor.expect_end();
    context.glue.update_table(database, input);
  } else {
    cursor.expect("set location");
    auto input = input_of(table);
    input.StorageDescriptor->Location = cursor.text();
    cursor.expect_end();
    context.glue.update_table(database, input);
  }
  return {};
}

DdlResult describe(const DdlContext& context, DdlCursor& cursor, const glue::api::Table& table,
                   bool whole) {
  glue::api::Table shown = table;
  if (cursor.at("partition")) {
    const auto partition = described_partition(context, cursor, table);
    shown.StorageDescriptor = partition.StorageDescriptor;
    shown.Parameters = partition.Parameters;
  }
  cursor.expect_end();
  DdlResult result{
      .columns = {text_column("col_name"), text_column("data_type"), text_column("comment")}};
  const auto keys = table.PartitionKeys.value_or(Columns{});
  if (shown.StorageDescriptor) {
    for (const auto& column : shown.StorageDescriptor->Columns.value_or(Columns{}))
      result.rows.push_back(described(column));
  }
  for (const auto& column : keys) result.rows.push_back(described(column));
  if (!keys.empty()) {
    result.rows.push_back(kBlank);
    result.rows.push_back({"# Partition Information\t \t "});
    result.rows.push_back(line("# col_name", "data_type", "comment"));
    result.rows.push_back(kBlank);
    for (const auto& column : keys) result.rows.push_back(described(column));
  }
  if (whole) add_details(shown, result);
  return result;
}

}  // namespace engine::athena
