// Statements over databases and lists; those that change or describe one table are in ddl_tables.cc,
// those over its partitions in ddl_partitions.cc.
#include "engine/services/athena/ddl.h"

#include "engine/protocol/json.h"
#include "engine/services/athena/create_table.h"
#include "engine/services/athena/ddl_partitions.h"
#include "engine/services/athena/ddl_tables.h"
#include "engine/services/athena/errors.h"
#include "engine/services/athena/view_text.h"
#include "lib/base/encoding.h"

#include <fmt/ranges.h>
#include <re2/re2.h>

namespace engine::athena {
namespace {

using glue::api::Column;

DdlResult rows_of(std::string column, std::vector<std::string> values) {
  DdlResult result{.columns = {text_column(std::move(column))}};
  for (std::string& value : values) result.rows.push_back({std::move(value)});
  return result;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

// SHOW's patterns: '*' stands for anything, '|' parts choices; with other signs of one it is a
// regular expression. Without a pattern, everything matches.
class Pattern {
 public:
  explicit Pattern(DdlCursor& cursor) {
    cursor.take("like");
    if (cursor.at_end()) return;
    const std::string pattern = cursor.text();
    const bool regular = pattern.find_first_of(".[](){}+?^$\\") != std::string::npos;
    std::string expression;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      const char c = pattern[i];
      const bool star = c == '*' && (i == 0 || !regular || pattern[i - 1] == '|');
      expression += star                  ? ".*"
                    : regular || c == '|' ? std::string(1, c)
                                          : re2::RE2::QuoteMeta(std::string(1, c));
    }
    expression_ = std::make_unique<re2::RE2>("(?i)" + expression, re2::RE2::Quiet);
    if (!expression_->ok()) {
      throw QueryError(
          fmt::format("FAILED: ParseException '{}' is no regular expression", pattern));
    }
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
  if (is_view(existing(context, name))) {
    throw QueryError(fmt::format(
        "FAILED: SemanticException [Error 10001]: {}.{} is a view: DROP VIEW drops it",
        name.database, name.table));
  }
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
  const auto table = existing(context, name);
  if (is_view(table)) {
    throw QueryError(
        fmt::format("NOT_SUPPORTED: {}.{} is a view: SHOW CREATE VIEW shows it", name.database,
                    name.table));
  }
  return rows_of("createtab_stmt", lines_of(create_table_statement(table)));
}

DdlResult show_properties(const DdlContext& context, DdlCursor& cursor) {
  const QualifiedName name = cursor.table_name();
  std::optional<std::string> wanted;
  if (cursor.take("(")) {
    wanted = cursor.text();
    cursor.expect(")");
  }
  cursor.expect_end();
  const auto properties =
      existing(context, name).Parameters.value_or(std::map<std::string, std::string>{});
  std::vector<std::string> lines;
  for (const auto& [key, value] : properties) {
    if (!wanted || key == *wanted) lines.push_back(fmt::format("{}\t{}", key, value));
  }
  if (wanted && lines.empty()) {
    lines.push_back(fmt::format("Table {}.{} does not have property: {}", name.database, name.table,
                                *wanted));
  }
  return rows_of("prpt_name", std::move(lines));
}

DdlResult alter_database(const DdlContext& context, DdlCursor& cursor) {
  const std::string name = cursor.name();
  cursor.expect("set dbproperties");
  const auto properties = cursor.properties();
  cursor.expect_end();
  const auto database = context.glue.find_database(name);
  if (!database) {
    throw QueryError(
        fmt::format("FAILED: SemanticException [Error 10072]: Database does not exist: {}", name));
  }
  auto input = from_json<glue::api::DatabaseInput>(to_json(*database));
  if (!input.Parameters) input.Parameters.emplace();
  for (const auto& [key, value] : properties) (*input.Parameters)[key] = value;
  context.glue.update_database(name, input);
  return {};
}

// --- Views

DdlResult drop_view(const DdlContext& context, DdlCursor& cursor) {
  const bool if_exists = cursor.take("if exists");
  const QualifiedName name = cursor.table_name();
  cursor.expect_end();
  const auto table = context.glue.find_table(name.database, name.table);
  if (!table && if_exists) return {};
  if (!table || !is_view(*table)) {
    throw QueryError(fmt::format("VIEW_NOT_FOUND: line 1:1: View 'awsdatacatalog.{}.{}' does not "
                                 "exist{}",
                                 name.database, name.table, table ? ": it is a table" : ""));
  }
  context.glue.delete_table(name.database, name.table);
  return {};
}

DdlResult show_views(const DdlContext& context, DdlCursor& cursor) {
  std::string database(context.default_database);
  if (cursor.take("in") || cursor.take("from")) database = cursor.name();
  const Pattern pattern(cursor);
  cursor.expect_end();
  std::vector<std::string> names;
  for (const auto& table : context.glue.tables(database)) {
    if (is_view(table) && pattern.matches(table.Name)) names.push_back(table.Name);
  }
  return rows_of("views", std::move(names));
}

DdlResult show_create_view(const DdlContext& context, DdlCursor& cursor) {
  const QualifiedName name = cursor.table_name();
  cursor.expect_end();
  const auto table = existing(context, name);
  const auto view = read_view_text(table.ViewOriginalText.value_or(""));
  if (!is_view(table) || !view) {
    throw QueryError(fmt::format("NOT_SUPPORTED: line 1:1: Relation 'awsdatacatalog.{}.{}' is not "
                                 "a view of Presto's kind",
                                 name.database, name.table));
  }
  return rows_of("Create View",
                 lines_of(fmt::format("CREATE VIEW {}.{} AS\n{}", name.database, name.table,
                                      view->sql)));
}

DdlResult dispatch(const DdlContext& context, DdlCursor& cursor) {
  if (cursor.take("create database") || cursor.take("create schema"))
    return create_database(context, cursor);
  if (cursor.take("create external table")) return create_table(context, cursor);
  if (cursor.take("drop database") || cursor.take("drop schema"))
    return drop_database(context, cursor);
  if (cursor.take("drop table")) return drop_table(context, cursor);
  if (cursor.take("alter database") || cursor.take("alter schema"))
    return alter_database(context, cursor);
  if (cursor.take("alter table"))
    return alter_table(context, cursor, existing(context, cursor.table_name()));
  if (cursor.take("drop view")) return drop_view(context, cursor);
  if (cursor.take("show views")) return show_views(context, cursor);
  if (cursor.take("show create view")) return show_create_view(context, cursor);
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
  if (cursor.take("describe") || cursor.take("desc")) {
    const bool whole = cursor.take("extended") || cursor.take("formatted");
    return describe(context, cursor, existing(context, cursor.table_name()), whole);
  }
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
  if (starts(tokens, {"show"}) || starts(tokens, {"describe"}) || starts(tokens, {"desc"}))
    return StatementClass::kUtility;
  for (const auto& words : {std::initializer_list<std::string_view>{"create", "database"},
                            {"create", "schema"},
                            {"create", "external", "table"},
                            {"drop", "database"},
                            {"drop", "schema"},
                            {"drop", "table"},
                            {"drop", "view"},
                            {"alter", "database"},
                            {"alter", "schema"},
                            {"alter", "table"},
                            {"msck", "repair", "table"}}) {
    if (starts(tokens, words)) return StatementClass::kDdl;
  }
  if (starts(tokens, {"create", "view"}) || starts(tokens, {"create", "or", "replace", "view"}))
    return StatementClass::kCreateView;
  if (starts(tokens, {"prepare"}) || starts(tokens, {"deallocate"}))
    return StatementClass::kPrepare;
  if (starts(tokens, {"create", "table"}) || starts(tokens, {"insert", "into"}) ||
      starts(tokens, {"unload"})) {
    return StatementClass::kWrite;
  }
  for (const std::string_view word :
       {"create", "drop", "alter", "insert", "unload", "merge", "update", "delete", "vacuum",
        "optimize", "execute", "analyze", "refresh"}) {
    if (starts(tokens, {word})) return StatementClass::kUnsupported;
  }
  return StatementClass::kUnknown;
}

StatementType statement_type(std::string_view sql) {
  const auto tokens = tokenize(sql);
  switch (classify(sql)) {
    case StatementClass::kQuery:
      return {"DML", "SELECT"};
    case StatementClass::kExplain:
      return {"UTILITY", starts(tokens, {"explain", "analyze"}) ? "EXPLAIN_ANALYZE" : "EXPLAIN"};
    case StatementClass::kWrite:
      if (starts(tokens, {"create"})) return {"DDL", "CREATE_TABLE_AS_SELECT"};
      return {"DML", starts(tokens, {"insert"}) ? "INSERT" : "UNLOAD"};
    default:
      break;
  }
  std::vector<std::string> words;
  for (std::size_t i = 0; i < 3 && i < tokens.size(); ++i) {
    if (tokens[i].kind == Token::Kind::kWord) words.push_back(capitals(tokens[i].text));
  }
  if (words.empty()) return {"DML", ""};
  const bool three = words.size() == 3 && words[0] == "SHOW" && words[1] == "CREATE";
  std::erase(words, "EXTERNAL");
  if (classify(sql) == StatementClass::kCreateView) words = {"CREATE", "VIEW"};
  if (classify(sql) == StatementClass::kPrepare) words.resize(1);
  if (words[0] == "DESCRIBE" || words[0] == "DESC") {
    words = {"DESCRIBE", words.size() > 1 && words[1] == "VIEW" ? "VIEW" : "TABLE"};
  }
  words.resize(std::min<std::size_t>(words.size(), three ? 3 : 2));
  const bool reads = classify(sql) == StatementClass::kUtility;
  return {reads ? "UTILITY" : "DDL", fmt::format("{}", fmt::join(words, "_"))};
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
