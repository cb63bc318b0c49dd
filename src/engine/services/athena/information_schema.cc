// Rows of Glue as VALUES.
#include "engine/services/athena/information_schema.h"

#include "engine/services/athena/column_types.h"
#include "engine/services/athena/lake_files.h"
#include "engine/services/athena/view_text.h"
#include "engine/sql/hive_type.h"
#include "lib/base/encoding.h"
#include "lib/duckdb/value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

namespace engine::athena {
namespace {

using Columns = std::vector<glue::api::Column>;
using Row = std::vector<std::string>;  // SQL of each value

constexpr const char* kCatalog = "'awsdatacatalog'";

// `columns` are "name type" each.
std::string select_of(const std::vector<std::pair<std::string, std::string>>& columns,
                      const std::vector<Row>& rows) {
  std::string items, names, values;
  for (const auto& [name, type] : columns) {
    items += fmt::format("{}CAST({} AS {}) AS {}", items.empty() ? "" : ", ",
                         duck::quote_name(name), type, duck::quote_name(name));
    names += (names.empty() ? "" : ", ") + duck::quote_name(name);
  }
  for (const Row& row : rows) {
    values += fmt::format("{}({})", values.empty() ? "" : ", ", fmt::join(row, ", "));
  }
  const bool empty = rows.empty();
  if (empty) values = fmt::format("({})", fmt::join(Row(columns.size(), "NULL"), ", "));
  return fmt::format("SELECT {} FROM (VALUES {}) AS t({}){}", items, values, names,
                     empty ? " WHERE false" : "");
}

std::vector<std::pair<std::string, std::string>> texts(std::initializer_list<const char*> names) {
  std::vector<std::pair<std::string, std::string>> columns;
  for (const char* name : names) columns.emplace_back(name, "VARCHAR");
  return columns;
}

template <class F>
void each_table(const glue::Glue& glue, F&& use) {
  for (const auto& database : glue.databases()) {
    for (const auto& table : glue.tables(database.Name)) use(database.Name, table);
  }
}

std::string shown_type(const std::string& hive) {
  return trino_name(sql::parse_hive_type(hive).value_or(sql::HiveType{}));
}

std::vector<Row> column_rows(const glue::Glue& glue) {
  std::vector<Row> rows;
  each_table(glue, [&](const std::string& database, const glue::api::Table& table) {
    int place = 0;
    const auto add = [&](const glue::api::Column& column, bool key) {
      const std::string comment = column.Comment.value_or("");
      rows.push_back({kCatalog, duck::quote_text(database), duck::quote_text(table.Name),
                      duck::quote_text(base::to_lower(column.Name)), std::to_string(++place),
                      "NULL", "'YES'",
                      duck::quote_text(shown_type(column.Type.value_or("string"))),
                      comment.empty() ? "NULL" : duck::quote_text(comment),
                      key ? "'partition key'" : "NULL"});
    };
    if (table.StorageDescriptor) {
      for (const auto& column : table.StorageDescriptor->Columns.value_or(Columns{}))
        add(column, false);
    }
    for (const auto& column : table.PartitionKeys.value_or(Columns{})) add(column, true);
  });
  return rows;
}

std::vector<Row> table_rows(const glue::Glue& glue, bool only_views) {
  std::vector<Row> rows;
  each_table(glue, [&](const std::string& database, const glue::api::Table& table) {
    if (only_views && !is_view(table)) return;
    Row row = {kCatalog, duck::quote_text(database), duck::quote_text(table.Name)};
    if (only_views) {
      const auto view = read_view_text(table.ViewOriginalText.value_or(""));
      row.push_back(view ? duck::quote_text(view->sql) : "NULL");
    } else {
      row.emplace_back(is_view(table) ? "'VIEW'" : "'BASE TABLE'");
    }
    rows.push_back(std::move(row));
  });
  return rows;
}

}  // namespace

std::optional<std::string> information_schema(const glue::Glue& glue, std::string_view table) {
  if (table == "schemata") {
    std::vector<Row> rows = {{kCatalog, "'information_schema'"}};
    for (const auto& database : glue.databases())
      rows.push_back({kCatalog, duck::quote_text(database.Name)});
    return select_of(texts({"catalog_name", "schema_name"}), rows);
  }
  if (table == "tables") {
    return select_of(texts({"table_catalog", "table_schema", "table_name", "table_type"}),
                     table_rows(glue, false));
  }
  if (table == "views") {
    return select_of(texts({"table_catalog", "table_schema", "table_name", "view_definition"}),
                     table_rows(glue, true));
  }
  if (table == "columns") {
    auto columns =
        texts({"table_catalog", "table_schema", "table_name", "column_name", "ordinal_position",
               "column_default", "is_nullable", "data_type", "comment", "extra_info"});
    columns[4].second = "BIGINT";
    return select_of(columns, column_rows(glue));
  }
  return std::nullopt;
}

std::string partitions_table(const glue::Glue& glue, const glue::api::Table& table) {
  std::vector<std::pair<std::string, std::string>> columns;
  for (const auto& key : table.PartitionKeys.value_or(Columns{})) {
    columns.emplace_back(base::to_lower(key.Name), sql::to_duckdb(key.Type.value_or("string")));
  }
  std::vector<Row> rows;
  for (const auto& values : glue.partition_values(table.DatabaseName.value(), table.Name)) {
    Row& row = rows.emplace_back();
    for (const std::string& value : values)
      row.push_back(value == "__HIVE_DEFAULT_PARTITION__" ? "NULL" : duck::quote_text(value));
  }
  return select_of(columns, rows);
}

}  // namespace engine::athena
