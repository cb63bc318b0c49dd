// Statements over databases and tables; those over partitions are in ddl_partitions.cc.
#include "engine/services/athena/ddl.h"

#include "engine/protocol/json.h"
#include "engine/services/athena/create_table.h"
#include "engine/services/athena/ddl_partitions.h"
#include "engine/services/athena/errors.h"
#include "lib/base/encoding.h"

#include <re2/re2.h>

namespace engine::athena {
namespace {

using glue::api::Column;

DdlResult rows_of(std::string column, std::vector<std::string> values) {
  DdlResult result{.columns = {text_column(std::move(column))}};
  for (std::string& value : values) result.rows.push_back({std::move(value)});
  return result;
}

// SHOW's patterns: '*' stands for anything, '|' parts choices. Without one, everything matches.
class Pattern {
 public:
  explicit Pattern(DdlCursor& cursor) {
    cursor.take("like");
    if (cursor.at_end()) return;
    std::string expression;
    for (const char c : cursor.text()) {
      expression += c == '*' ? ".*" : c == '|' ? "|" : re2::RE2::QuoteMeta(std::string(1, c));
    }
    expression_ = std::make_unique<re2::RE2>("(?i)" + expression);
  }
  bool matches(const std::string& name) const {
    return !expression_ || re2::RE2::FullMatch(name, *expression_);
  }

 private:
  std::unique_ptr<re2::RE2> expression_;
};

glue::api::Table existing(const DdlContext& context, const QualifiedName& name) {
  auto table = context.glue.find_table(name.database, name.table);
  if (!table) {
    throw QueryError(fmt::format("FAILED: SemanticException [Error 10001]: Table not found {}.{}",
                                 name.database, name.table));
  }
  return *table;
}

DdlResult create_database(const DdlContext& context, DdlCursor& cursor) {
  const bool if_not_exists = cursor.take("if not exists");
  glue::api::DatabaseInput input{.Name = cursor.name()};
  while (!cursor.at_end()) {
    if (cursor.take("comment")) {
      input.Description = cursor.text();
    } else if (cursor.take("location")) {
      input.LocationUri = cursor.text();
    } else if (cursor.take("with dbproperties")) {
      input.Parameters = cursor.properties();
    } else {
      cursor.fail("COMMENT, LOCATION, WITH DBPROPERTIES");
    }
  }
  if (context.glue.find_database(input.Name)) {
    if (if_not_exists) return {};
    throw QueryError(fmt::format(
        "FAILED: Execution Error, return code 1 from DDLTask. Database {} already exists",
        input.Name));
  }
  context.glue.create_database(input);
  return {};
}

DdlResult drop_database(const DdlContext& context, DdlCursor& cursor) {
  const bool if_exists = cursor.take("if exists");
  const std::string name = cursor.name();
  cursor.take("restrict");
  const bool cascade = cursor.take("cascade");
  cursor.expect_end();
  if (!context.glue.find_database(name)) {
    if (if_exists) return {};
    throw QueryError(
        fmt::format("FAILED: SemanticException [Error 10072]: Database does not exist: {}", name));
  }
  if (!cascade && !context.glue.tables(name).empty()) {
    throw QueryError(fmt::format(
        "FAILED: Execution Error, return code 1 from DDLTask. "
        "InvalidOperationException(message:Database {} is not empty. One or more tables exist.)",
        name));
  }
  context.glue.delete_database(name);
  return {};
}

DdlResult create_table(const DdlContext& context, DdlCursor& cursor) {
  const TableDefinition table = read_create_table(cursor);
  if (!context.glue.find_database(table.name.database)) {
    throw QueryError(
        fmt::format("FAILED: SemanticException [Error 10072]: Database does not exist: {}",
                    table.name.database));
  }
  if (context.glue.find_table(table.name.database, table.name.table)) {
    if (table.if_not_exists) return {};
    throw QueryError(
        fmt::format("FAILED: Execution Error, return code 1 from DDLTask. "
                    "AlreadyExistsException(message:Table {} already exists)",
                    table.name.table));
  }
  context.glue.create_table(table.name.database, table.input);
  return {};
}

DdlResult drop_table(const DdlContext& context, DdlCursor& cursor) {
  const bool if_exists = cursor.take("if exists");
  const QualifiedName name = cursor.table_name();
  cursor.take("purge");
  cursor.expect_end();
  if (if_exists && !context.glue.find_table(name.database, name.table)) return {};
  existing(context, name);
  context.glue.delete_table(name.database, name.table);
  return {};
}

DdlResult show_databases(const DdlContext& context, DdlCursor& cursor) {
  const Pattern pattern(cursor);
  cursor.expect_end();
  std::vector<std::string> names;
  for (const auto& database : context.glue.databases()) {
    if (pattern.matches(database.Name)) names.push_back(database.Name);
  }
  return rows_of("database_name", std::move(names));
}

DdlResult show_tables(const DdlContext& context, DdlCursor& cursor) {
  std::string database(context.default_database);
  if (cursor.take("in") || cursor.take("from")) database = cursor.name();
  const Pattern pattern(cursor);
  cursor.expect_end();
  if (!context.glue.find_database(database)) {
    throw QueryError(fmt::format(
        "FAILED: SemanticException [Error 10072]: Database does not exist: {}", database));
  }
  std::vector<std::string> names;
  for (const auto& table : context.glue.tables(database)) {
    if (pattern.matches(table.Name)) names.push_back(table.Name);
  }
  return rows_of("tab_name", std::move(names));
}

DdlResult show_columns(const DdlContext& context, DdlCursor& cursor) {
  if (!cursor.take("in")) cursor.expect("from");
  QualifiedName name = cursor.table_name();
  if (cursor.take("in") || cursor.take("from")) name.database = cursor.name();
  cursor.expect_end();
  const auto table = existing(context, name);
  std::vector<std::string> names;
  for (const auto& column : table.StorageDescriptor->Columns.value_or(std::vector<Column>{}))
    names.push_back(column.Name);
  for (const auto& column : table.PartitionKeys.value_or(std::vector<Column>{}))
    names.push_back(column.Name);
  return rows_of("field", std::move(names));
}

DdlResult show_create_table(const DdlContext& context, DdlCursor& cursor) {
  const QualifiedName name = cursor.table_name();
  cursor.expect_end();
  const std::string statement = create_table_statement(existing(context, name));
  std::vector<std::string> lines;
  for (std::size_t at = 0; at <= statement.size();) {
    const std::size_t end = std::min(statement.find('\n', at), statement.size());
    lines.push_back(statement.substr(at, end - at));
    at = end + 1;
  }
  return rows_of("createtab_stmt", std::move(lines));
}

DdlResult show_properties(const DdlContext& context, DdlCursor& cursor) {
  const QualifiedName name = cursor.table_name();
  cursor.expect_end();
  std::vector<std::string> lines;
  for (const auto& [key, value] :
       existing(context, name).Parameters.value_or(std::map<std::string, std::string>{})) {
    lines.push_back(fmt::format("{}\t{}", key, value));
  }
  return rows_of("prpt_name", std::move(lines));
}

// Hive gives one text a row, its three parts padded to 20 and parted by tabs.
std::string described(const Column& column) {
  return fmt::format("{:<20}\t{:<20}\t{:<20}", column.Name, column.Type.value_or("string"),
                     column.Comment.value_or(""));
}

DdlResult describe(const DdlContext& context, DdlCursor& cursor) {
  if (!cursor.take("extended")) cursor.take("formatted");
  const QualifiedName name = cursor.table_name();
  cursor.expect_end();
  const auto table = existing(context, name);
  DdlResult result{
      .columns = {text_column("col_name"), text_column("data_type"), text_column("comment")}};
  const auto keys = table.PartitionKeys.value_or(std::vector<Column>{});
  for (const auto& column : table.StorageDescriptor->Columns.value_or(std::vector<Column>{})) {
    result.rows.push_back({described(column)});
  }
  for (const auto& column : keys) result.rows.push_back({described(column)});
  if (keys.empty()) return result;
  result.rows.push_back({"\t \t "});
  result.rows.push_back({"# Partition Information\t \t "});
  result.rows.push_back(
      {fmt::format("{:<20}\t{:<20}\t{:<20}", "# col_name", "data_type", "comment")});
  result.rows.push_back({"\t \t "});
  for (const auto& column : keys) result.rows.push_back({described(column)});
  return result;
}

glue::api::TableInput input_of(const glue::api::Table& table) {
  return from_json<glue::api::TableInput>(to_json(table));
}

DdlResult alter_table(const DdlContext& context, DdlCursor& cursor) {
  const QualifiedName name = cursor.table_name();
  const auto table = existing(context, name);
  if (cursor.take("drop")) return drop_partitions(context, cursor, table);
  if (cursor.take("add columns")) {
    auto input = input_of(table);
    for (Column& column : read_columns(cursor))
      input.StorageDescriptor->Columns->push_back(std::move(column));
    cursor.expect_end();
    context.glue.update_table(name.database, input);
  } else if (cursor.take("add")) {
    return add_partitions(context, cursor, table);
  } else if (cursor.take("set tblproperties")) {
    auto input = input_of(table);
    if (!input.Parameters) input.Parameters.emplace();
    for (const auto& [key, value] : cursor.properties()) (*input.Parameters)[key] = value;
    cursor.expect_end();
    context.glue.update_table(name.database, input);
  } else {
    cursor.expect("set location");
    auto input = input_of(table);
    input.StorageDescriptor->Location = cursor.text();
    cursor.expect_end();
    context.glue.update_table(name.database, input);
  }
  return {};
}

DdlResult dispatch(const DdlContext& context, DdlCursor& cursor) {
  if (cursor.take("create database") || cursor.take("create schema"))
    return create_database(context, cursor);
  if (cursor.take("create external table")) return create_table(context, cursor);
  if (cursor.take("drop database") || cursor.take("drop schema"))
    return drop_database(context, cursor);
  if (cursor.take("drop table")) return drop_table(context, cursor);
  if (cursor.take("alter table")) return alter_table(context, cursor);
  if (cursor.take("msck repair table"))
    return repair_table(context, existing(context, cursor.table_name()));
  if (cursor.take("show databases") || cursor.take("show schemas"))
    return show_databases(context, cursor);
  if (cursor.take("show tables")) return show_tables(context, cursor);
  if (cursor.take("show columns")) return show_columns(context, cursor);
  if (cursor.take("show create table")) return show_create_table(context, cursor);
  if (cursor.take("show tblproperties")) return show_properties(context, cursor);
  if (cursor.take("show partitions"))
    return show_partitions(context, existing(context, cursor.table_name()));
  if (cursor.take("describe") || cursor.take("desc")) return describe(context, cursor);
  cursor.fail("a statement Athena knows");
}

bool starts(const std::vector<Token>& tokens, std::initializer_list<std::string_view> words) {
  std::size_t at = 0;
  for (const std::string_view word : words) {
    if (at >= tokens.size() || !tokens[at++].is(word)) return false;
  }
  return true;
}

}  // namespace

StatementClass classify(std::string_view sql) {
  const auto tokens = tokenize(sql);
  if (starts(tokens, {"select"}) || starts(tokens, {"with"}) || starts(tokens, {"values"}) ||
      starts(tokens, {"("}) || starts(tokens, {"table"})) {
    return StatementClass::kQuery;
  }
  if (starts(tokens, {"explain"})) return StatementClass::kExplain;
  if (starts(tokens, {"show", "views"}) || starts(tokens, {"show", "create", "view"}))
    return StatementClass::kUnsupported;
  if (starts(tokens, {"show"}) || starts(tokens, {"describe"}) || starts(tokens, {"desc"}))
    return StatementClass::kUtility;
  for (const auto& words : {std::initializer_list<std::string_view>{"create", "database"},
                            {"create", "schema"},
                            {"create", "external", "table"},
                            {"drop", "database"},
                            {"drop", "schema"},
                            {"drop", "table"},
                            {"alter", "table"},
                            {"msck", "repair", "table"}}) {
    if (starts(tokens, words)) return StatementClass::kDdl;
  }
  for (const std::string_view word :
       {"create", "drop", "alter", "insert", "unload", "merge", "update", "delete", "vacuum",
        "optimize", "prepare", "execute", "deallocate", "analyze", "refresh"}) {
    if (starts(tokens, {word})) return StatementClass::kUnsupported;
  }
  return StatementClass::kUnknown;
}

DdlResult run_ddl(const DdlContext& context, std::string_view sql) {
  try {
    DdlCursor cursor(sql, context.default_database);
    return dispatch(context, cursor);
  } catch (const AwsError& error) {
    throw QueryError(fmt::format("FAILED: {}: {}", error.code, error.what()));
  }
}

}  // namespace engine::athena
