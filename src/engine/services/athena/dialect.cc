// DuckDB's own parser gives the statement's tree (as JSON, with positions); the changes are made in
// the text, at those positions, so that messages keep naming the places the user wrote.
#include "engine/services/athena/dialect.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/sql_text.h"
#include "engine/services/athena/trino_syntax.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace engine::athena {
namespace {

namespace json = boost::json;

// Names that differ and nothing else; aggregates too, so that FILTER and OVER keep working.
const std::map<std::string, std::string, std::less<>>& renamed_functions() {
  static const std::map<std::string, std::string, std::less<>> names = {
      {"approx_distinct", "approx_count_distinct"},
      {"arbitrary", "any_value"},
      {"day_of_week", "isodow"},
      {"dow", "isodow"},
      {"day_of_year", "dayofyear"},
      {"doy", "dayofyear"},
      {"day_of_month", "dayofmonth"},
      {"week_of_year", "weekofyear"},
      {"year_of_week", "isoyear"},
      {"yow", "isoyear"},
      {"array_join", "array_to_string"},
      {"array_max", "list_max"},
      {"array_min", "list_min"},
      {"array_average", "list_avg"},
      {"array_sum", "list_sum"},
      {"transform", "list_transform"},
      {"truncate", "trunc"},
      {"regexp_split", "string_split_regex"},
      {"last_day_of_month", "last_day"},
      {"normalize", "nfc_normalize"},
      {"is_nan", "isnan"},
      {"is_infinite", "isinf"},
      {"is_finite", "isfinite"},
      {"format", "printf"},
      {"levenshtein_distance", "levenshtein"},
      {"hamming_distance", "hamming"},
      {"codepoint", "unicode"},
      {"geometric_mean", "geomean"},
      {"rand", "random"},
      {"to_utf8", "encode"},
      {"from_utf8", "decode"},
      {"date_parse", "strptime"},
      {"parse_datetime", "strptime"},
      {"format_datetime", "strftime"}};
  return names;
}

// What would show or change the session instead of the data.
bool is_forbidden_function(std::string_view name) {
  static const std::set<std::string, std::less<>> names = {
      "current_setting", "getvariable",      "getenv",         "nextval",         "currval",
      "write_log",       "current_database", "current_schema", "current_schemas", "current_query",
      "version",         "txid_current",     "in_search_path"};
  return names.count(name) > 0 || name.substr(0, 3) == "pg_" || name.substr(0, 7) == "duckdb_";
}

bool is_allowed_table_function(std::string_view name) {
  return name == "unnest" || name == "sequence" || name == "generate_series";
}

std::string replace_all(std::string text,
                        const std::vector<std::pair<std::string, std::string>>& pairs) {
  for (const auto& [from, to] : pairs) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
      text.replace(at, from.size(), to);
    }
  }
  return text;
}

// MySQL's format letters, as date_parse takes them, in strptime's.
std::string mysql_format(const std::string& format) {
  return replace_all(format, {{"%M", "%B"},
                              {"%i", "%M"},
                              {"%s", "%S"},
                              {"%T", "%H:%M:%S"},
                              {"%h", "%I"},
                              {"%W", "%A"},
                              {"%e", "%d"},
                              {"%c", "%m"},
                              {"%k", "%H"},
                              {"%l", "%I"}});
}

// Joda's letters, as parse_datetime takes them.
std::string joda_format(const std::string& format) {
  return replace_all(format, {{"yyyy", "%Y"},
                              {"MM", "%m"},
                              {"dd", "%d"},
                              {"HH", "%H"},
                              {"mm", "%M"},
                              {"SSS", "%g"},
                              {"ss", "%S"},
                              {"Z", "%z"},
                              {"'", ""}});
}

class Walker {
 public:
  Walker(std::string_view sql, std::string_view default_database)
      : sql_(sql), tokens_(tokenize(sql)), default_database_(default_database) {}

  void walk(const json::value& value, std::set<std::string> scope) {
    if (const auto* array = value.if_array()) {
      for (const json::value& element : *array) walk(element, scope);
    } else if (const auto* object = value.if_object()) {
      visit(*object, scope);
      add_ctes(*object, scope);
      for (const auto& [key, member] : *object) {
        if (key != "cte_map") walk(member, scope);
      }
    }
  }

  std::vector<Edit> edits;
  std::vector<TableName> tables;

 private:
  static std::string text(const json::object& object, std::string_view key) {
    const json::value* member = object.if_contains(key);
    return member && member->is_string() ? std::string(member->get_string()) : "";
  }

  // A CTE sees those before it, and itself only when it is recursive.
  void add_ctes(const json::object& node, std::set<std::string>& scope) {
    if (text(node, "type") == "RECURSIVE_CTE_NODE")
      scope.insert(base::to_lower(text(node, "cte_name")));
    const json::value* ctes = node.if_contains("cte_map");
    if (!ctes || !ctes->is_object()) return;
    for (const json::value& entry : ctes->at("map").as_array()) {
      walk(entry.at("value"), scope);
      scope.insert(base::to_lower(std::string_view(entry.at("key").as_string())));
    }
  }

  void visit(const json::object& node, const std::set<std::string>& scope) {
    const std::string type = text(node, "type");
    if (type == "BASE_TABLE") return table(node, scope);
    if (type == "TABLE_FUNCTION") return table_function(node);
    if (type == "SHOW_REF")
      throw QueryError("SYNTAX_ERROR: line 1:1: SHOW and DESCRIBE can't be part of a query");
    if (text(node, "class") == "FUNCTION") return function(node);
  }

  std::size_t position(const json::object& node) const {
    const json::value* at = node.if_contains("query_location");
    if (!at || !at->is_number()) return sql_.size();
    const auto where =
        at->is_uint64() ? at->get_uint64() : static_cast<std::uint64_t>(at->get_int64());
    return std::min<std::uint64_t>(where, sql_.size());
  }

  const Token* token_at(std::size_t position) const {
    const auto found =
        std::lower_bound(tokens_.begin(), tokens_.end(), position,
                         [](const Token& token, std::size_t at) { return token.begin < at; });
    return found != tokens_.end() && found->begin == position ? &*found : nullptr;
  }

  void table(const json::object& node, const std::set<std::string>& scope) {
    const std::string catalog = base::to_lower(text(node, "catalog_name"));
    std::string database = base::to_lower(text(node, "schema_name"));
    const std::string table = base::to_lower(text(node, "table_name"));
    if (catalog.empty() && database.empty() && scope.count(table)) return;
    const std::size_t at = position(node);
    if (!catalog.empty() && catalog != "awsdatacatalog") {
      throw QueryError(
          fmt::format("CATALOG_NOT_FOUND: {}: Catalog '{}' not found", place(sql_, at), catalog));
    }
    if (database.empty()) database = base::to_lower(default_database_);
    if (database.empty()) {
      throw QueryError(fmt::format(
          "MISSING_SCHEMA_NAME: {}: Schema must be specified when session schema is not set",
          place(sql_, at)));
    }
    qualify(at, database, table);
    const TableName name{database, table, at};
    if (std::find(tables.begin(), tables.end(), name) == tables.end()) tables.push_back(name);
  }

  // Replaces the one to three names that stand at `at`.
  void qualify(std::size_t at, const std::string& database, const std::string& table) {
    const Token* last = token_at(at);
    if (!last)
      throw QueryError(
          fmt::format("SYNTAX_ERROR: {}: Table name is not understood", place(sql_, at)));
    while (last[1].is(".") && last[2].is_name()) last += 2;
    edits.push_back(
        {at, last->end,
         fmt::format("memory.{}.{}", duck::quote_name(lake_schema(database)),
                     duck::quote_name(table))});
  }

  void table_function(const json::object& node) {
    const json::value* call = node.if_contains("function");
    const std::string name =
        call && call->is_object() ? base::to_lower(text(call->get_object(), "function_name")) : "";
    if (is_allowed_table_function(name)) return;
    throw QueryError(fmt::format("FUNCTION_NOT_FOUND: {}: Table function '{}' not registered",
                                 place(sql_, position(node)), name));
  }

  void function(const json::object& node) {
    const std::string name = base::to_lower(text(node, "function_name"));
    const std::size_t at = position(node);
    if (is_forbidden_function(name)) {
      throw QueryError(fmt::format("FUNCTION_NOT_FOUND: {}: Function '{}' not registered",
                                   place(sql_, at), name));
    }
    const Token* token = token_at(at);
    const auto renamed = renamed_functions().find(name);
    if (renamed == renamed_functions().end() || !token || !base::iequals(token->text, name)) return;
    edits.push_back({token->begin, token->end, renamed->second});
    if (name == "date_parse") rewrite_format(node, mysql_format);
    if (name == "parse_datetime" || name == "format_datetime") rewrite_format(node, joda_format);
  }

  // The second argument, when it is a literal: DuckDB wants strptime's format to be one.
  void rewrite_format(const json::object& call, std::string (*convert)(const std::string&)) {
    const json::array& arguments = call.at("children").as_array();
    if (arguments.size() != 2 || !arguments[1].is_object()) return;
    const Token* literal = token_at(position(arguments[1].get_object()));
    if (!literal || literal->kind != Token::Kind::kText) return;
    edits.push_back({literal->begin, literal->end, duck::quote_text(convert(literal->text))});
  }

  std::string_view sql_;
  std::vector<Token> tokens_;
  std::string default_database_;
};

// The names the outermost SELECT gives its columns; the first of a UNION tells them.
void read_column_names(const json::object& top, Translation& translation) {
  const json::object* node = &top;
  while (const json::value* left = node->if_contains("left")) node = &left->as_object();
  const json::value* list = node->if_contains("select_list");
  if (!list) return;
  for (const json::value& item : list->as_array()) {
    const json::object& expression = item.as_object();
    const bool reference = expression.at("class").as_string() == "COLUMN_REF";
    const bool star = expression.at("class").as_string() == "STAR";
    translation.has_star |= star;
    const bool named = reference || star || !expression.at("alias").as_string().empty();
    translation.column_names.push_back(
        named ? "" : fmt::format("_col{}", translation.column_names.size()));
  }
}

json::value parse_tree(duck::Connection& session, const std::string& sql) {
  const auto text = session.value("SELECT json_serialize_sql(CAST($1 AS VARCHAR))", {sql});
  json::parse_options options;
  options.max_depth = 4000;
  json::value tree = json::parse(text.value(), {}, options);
  const json::object& root = tree.as_object();
  if (!root.at("error").as_bool()) return tree;
  const std::string message(root.at("error_message").as_string());
  const json::value* position = root.if_contains("position");
  const std::size_t at = position ? std::stoul(std::string(position->as_string())) : 0;
  if (root.at("error_type").as_string() == "not implemented") {
    throw QueryError("NOT_SUPPORTED: line 1:1: Queries of this type are not supported");
  }
  throw QueryError(fmt::format("SYNTAX_ERROR: {}: {}", place(sql, at), message));
}

}  // namespace

Translation translate(duck::Connection& session, std::string_view sql,
                      std::string_view default_database) {
  const std::string text = rewrite_syntax(sql);
  const json::value tree = parse_tree(session, text);
  const json::array& statements = tree.at("statements").as_array();
  if (statements.size() != 1) throw QueryError("Only one sql statement is allowed");
  Walker walker(text, default_database);
  walker.walk(statements[0], {});
  Translation translation;
  translation.sql = edited(text, std::move(walker.edits));
  translation.tables = std::move(walker.tables);
  read_column_names(statements[0].at("node").as_object(), translation);
  return translation;
}

std::vector<std::string> result_names(const Translation& translation,
                                      const std::vector<duck::ResultColumn>& columns) {
  std::vector<std::string> names;
  // Behind a star the places in the text and in the result no longer agree, but from the right end
  // on they do again; one star is therefore no obstacle.
  const auto& known = translation.column_names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    names.push_back(base::to_lower(columns[i].name));
    std::size_t place = i;
    if (translation.has_star) {
      const std::size_t from_end = columns.size() - 1 - i;
      if (from_end >= known.size()) continue;
      place = known.size() - 1 - from_end;
    }
    if (place < known.size() && !known[place].empty()) names.back() = fmt::format("_col{}", i);
  }
  return names;
}

std::string fill_parameters(std::string_view sql, const std::vector<std::string>& parameters) {
  std::vector<Edit> edits;
  for (const Token& token : tokenize(sql)) {
    if (!token.is("?")) continue;
    if (edits.size() < parameters.size()) {
      edits.push_back({token.begin, token.end, parameters[edits.size()]});
    } else {
      throw QueryError(
          fmt::format("INVALID_PARAMETER_USAGE: {}: Incorrect number of parameters: "
                      "expected more than {}",
                      place(sql, token.begin), parameters.size()));
    }
  }
  if (edits.size() != parameters.size()) {
    throw QueryError(
        fmt::format("INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: "
                    "expected {} but found {}",
                    edits.size(), parameters.size()));
  }
  return edited(sql, std::move(edits));
}

}  // namespace engine::athena
