// Verified: the names of the tree's members are those of DuckDB 1.4's json_serialize_sql().
#include "engine/services/athena/rewriter.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/functions.h"
#include "engine/services/athena/sql_tree.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <map>

namespace engine::athena {
namespace {

using namespace sql_tree;

bool is_whole(std::string_view type) {
  return type == "TINYINT" || type == "SMALLINT" || type == "INTEGER" || type == "BIGINT";
}

bool is_interval(const Value& value) {
  if (is_cast_to(value, "INTERVAL")) return true;
  const std::string name = function_name(value);
  return name.starts_with("to_") && is_parser_function(name);
}

// What is a date as far as the text tells.
bool is_dateish(const Value& value) {
  if (is_cast_to(value, "DATE")) return true;
  if (class_of(value) == "COLUMN_REF") return base::iequals(single_name(value), "current_date");
  static const std::set<std::string> names = {"t_date",       "t_date_trunc",     "t_date_add",
                                              "last_day",     "t_from_iso8601_date", "h_plus",
                                              "h_minus"};
  return names.count(function_name(value)) > 0;
}

bool names_file_column(const Value& value) {
  if (const auto* array = value.if_array()) {
    return std::any_of(array->begin(), array->end(), names_file_column);
  }
  const auto* object = value.if_object();
  if (!object) return false;
  if (text(*object, "class") == "COLUMN_REF") {
    const auto& names = object->at("column_names").as_array();
    return !names.empty() &&
           std::any_of(std::begin(kFileColumns), std::end(kFileColumns), [&](std::string_view name) {
             return base::iequals(std::string_view(names.back().as_string()), name);
           });
  }
  return std::any_of(object->begin(), object->end(),
                     [](const auto& member) { return names_file_column(member.value()); });
}

// The names by which a FROM clause knows tables of the catalog; its tables are resolved already.
void add_tables_of(const Value& from, std::set<std::string>& names) {
  const auto* node = from.if_object();
  if (!node) return;
  if (text(*node, "type") == "BASE_TABLE" && text(*node, "catalog_name") == "memory") {
    names.insert(base::to_lower(text(*node, "alias")));
  } else if (text(*node, "type") == "JOIN") {
    add_tables_of(node->at("left"), names);
    add_tables_of(node->at("right"), names);
  }
}

}  // namespace

Rewriter::Rewriter(std::string default_database, std::function<std::string(std::size_t)> place)
    : default_database_(std::move(default_database)), place_(std::move(place)) {}

void Rewriter::rewrite(Value& statement) {
  file_columns_ = names_file_column(statement);
  walk(statement, {});
}

void Rewriter::fail(std::string_view code, const Object& node, std::string_view message) const {
  throw QueryError(fmt::format("{}: {}: {}", code, place_(position(node)), message));
}

Rewriter::Value Rewriter::ours(std::string_view name, std::vector<Value> arguments) {
  functions.emplace(name);
  return make_call(name, std::move(arguments));
}

// Children first: what is made of a node is not looked at again.
void Rewriter::walk(Value& value, Scope scope) {
  if (auto* array = value.if_array()) {
    for (Value& element : *array) walk(element, scope);
    return;
  }
  auto* object = value.if_object();
  if (!object) return;
  refuse_foreign_syntax(*object);
  add_ctes(*object, scope);
  const bool table_function = text(*object, "type") == "TABLE_FUNCTION";
  for (auto& [key, member] : *object) {
    if (key == "cte_map") continue;
    if (table_function && key == "function" && member.is_object()) {
      walk(member.get_object()["children"], scope);
    } else {
      walk(member, scope);
    }
  }
  visit(value, scope);
}

// A CTE sees those before it, and itself only when it is recursive.
void Rewriter::add_ctes(Object& node, Scope& scope) {
  if (text(node, "type") == "RECURSIVE_CTE_NODE") {
    scope.insert(base::to_lower(text(node, "cte_name")));
  }
  Value* ctes = node.if_contains("cte_map");
  if (!ctes || !ctes->is_object()) return;
  for (Value& entry : ctes->at("map").as_array()) {
    walk(entry.at("value"), scope);
    scope.insert(base::to_lower(std::string_view(entry.at("key").as_string())));
  }
}

// What DuckDB's grammar has and Trino's lacks.
void Rewriter::refuse_foreign_syntax(const Object& node) {
  const std::string type = text(node, "type");
  const std::string kind = text(node, "class");
  static const std::set<std::string> foreign = {
      "PARAMETER", "POSITIONAL_REFERENCE", "COLLATE", "DEFAULT", "LAMBDA_REF", "TYPE"};
  if (foreign.count(kind)) fail("SYNTAX_ERROR", node, "mismatched input");
  if (type == "PIVOT" || type == "SHOW_REF" || type == "COLUMN_DATA") {
    throw QueryError("SYNTAX_ERROR: line 1:1: SHOW, DESCRIBE and PIVOT can't be part of a query");
  }
  if (kind == "STAR") {
    const auto filled = [&](const char* key) {
      const Value* list = node.if_contains(key);
      return list && list->is_array() && !list->get_array().empty();
    };
    const Value* columns = node.if_contains("columns");
    if (filled("exclude_list") || filled("replace_list") || filled("qualified_exclude_list") ||
        filled("rename_list") || (columns && columns->is_bool() && columns->get_bool())) {
      fail("SYNTAX_ERROR", node, "a list of columns behind * is not Trino's; name the columns");
    }
  }
  if (type == "SELECT_NODE") {
    const Value* qualify = node.if_contains("qualify");
    if (qualify && !qualify->is_null()) {
      throw QueryError("SYNTAX_ERROR: line 1:1: mismatched input 'QUALIFY'. Hint: filter the window's "
                       "result in an outer query");
    }
    if (text(node, "aggregate_handling") == "FORCE_AGGREGATES") {
      throw QueryError("SYNTAX_ERROR: line 1:1: mismatched input 'ALL'. Hint: name the columns of "
                       "GROUP BY");
    }
  }
}

void Rewriter::visit(Value& value, const Scope& scope) {
  Object& node = value.get_object();
  const std::string type = text(node, "type");
  if (type == "BASE_TABLE") return table(node, scope);
  if (type == "SELECT_NODE" && file_columns_) return hide_file_columns(node);
  if (type == "JOIN" && file_columns_ && text(node, "ref_type") == "NATURAL") {
    fail("NOT_SUPPORTED", node, "Natural join of tables whose files are asked for");
  }
  if (type == "TABLE_FUNCTION") return unnest(value);
  const std::string kind = text(node, "class");
  if (kind == "FUNCTION" || kind == "WINDOW") return call(value);
  if (kind == "CAST") return cast(value);
  // As text 1e0 is 1.0, which is a decimal.
  if (kind == "CONSTANT" && constant_type(value) == "DOUBLE") {
    const Object literal = node;
    value = with_alias(make_cast(without_alias(value), "DOUBLE"), literal);
    return;
  }
  if (type == "ARRAY_EXTRACT") return subscript(value);
  if (type == "ARRAY_SLICE") fail("SYNTAX_ERROR", node, "mismatched input ':'. Hint: slice(x, start, length)");
}

void Rewriter::table(Object& node, const Scope& scope) {
  const std::string catalog = base::to_lower(text(node, "catalog_name"));
  std::string database = base::to_lower(text(node, "schema_name"));
  const std::string name = base::to_lower(text(node, "table_name"));
  if (catalog.empty() && database.empty() && scope.count(name)) return;
  if (!catalog.empty() && catalog != "awsdatacatalog") {
    fail("CATALOG_NOT_FOUND", node, fmt::format("Catalog '{}' not found", catalog));
  }
  if (database.empty()) database = base::to_lower(default_database_);
  if (database.empty()) {
    fail("MISSING_SCHEMA_NAME", node, "Schema must be specified when session schema is not set");
  }
  node["catalog_name"] = "memory";
  node["schema_name"] = lake_schema(database);
  const TableName found{database, name, position(node), file_columns_};
  node["table_name"] = found.view();
  if (file_columns_ && text(node, "alias").empty()) node["alias"] = name;
  if (std::find(tables.begin(), tables.end(), found) == tables.end()) tables.push_back(found);
}

// A star shows none of them.
void Rewriter::hide_file_columns(Object& select) {
  std::set<std::string> tables;
  add_tables_of(select["from_table"], tables);
  if (tables.empty()) return;
  for (Value& item : select["select_list"].as_array()) {
    Object& star = item.as_object();
    if (text(star, "class") != "STAR") continue;
    const std::string of = base::to_lower(text(star, "relation_name"));
    if (!of.empty() && !tables.count(of)) continue;
    for (const std::string_view name : kFileColumns)
      star["exclude_list"].as_array().emplace_back(name);
  }
}

// UNNEST becomes a subquery: several lists side by side, a map's keys and values, the fields of rows.
void Rewriter::unnest(Value& value) {
  Object& node = value.get_object();
  Object& function = node["function"].as_object();
  const std::string name = base::to_lower(text(function, "function_name"));
  if (name != "unnest") {
    fail("FUNCTION_NOT_FOUND", node, fmt::format("Table function '{}' not registered", name));
  }
  auto& arguments = function["children"].as_array();
  const bool ordinality = text(node, "with_ordinality") == "WITH_ORDINALITY";
  const std::size_t aliases = node["column_name_alias"].as_array().size();
  const std::size_t columns = aliases > 0 && ordinality ? aliases - 1 : aliases;
  std::vector<Value> items;
  std::vector<Value> sizes;
  for (Value& argument : arguments) {
    sizes.push_back(ours("t_cardinality", {argument}));
    if (columns > arguments.size()) {
      if (arguments.size() > 1) {
        fail("NOT_SUPPORTED", node,
             "UNNEST of maps or rows beside other arrays; unnest them one by one");
      }
      Value depth = make_number(2);
      depth.get_object()["alias"] = "max_depth";
      items.push_back(
          make_call("unnest", {ours("h_entries", {argument, argument}), std::move(depth)}));
    } else {
      items.push_back(make_call("unnest", {argument}));
    }
  }
  if (ordinality) {
    Value most = make_call("list_max", {make_call("list_value", std::move(sizes))});
    items.push_back(
        make_call("unnest", {make_call("generate_series", {make_number(1), std::move(most)})}));
  }
  value = make_subquery(std::move(items), node);
}

void Rewriter::cast(Value& value) {
  Object& node = value.get_object();
  if (is_generated(node)) return;  // part of an INTERVAL
  Object& type = node["cast_type"].as_object();
  const std::string name = text(type, "id");
  const bool tried = node["try_cast"].as_bool();
  Value& child = node["child"];
  const bool literal = class_of(child) == "CONSTANT";
  if (name == "USER") {
    const std::string user = text(type["type_info"].as_object(), "user_type_name");
    if (!base::iequals(user, "JSON")) {
      fail("TYPE_NOT_FOUND", node, fmt::format("Unknown type: {}", base::to_lower(user)));
    }
    const Value plain = constant_type(child) == "VARCHAR" ? make_cast(child, "VARCHAR") : child;
    value = with_alias(make_call("to_json", {plain}), node);
    return;
  }
  if (name == "TIMESTAMP_MS" || name == "TIMESTAMP_NS" || name == "TIMESTAMP_S") {
    type["id"] = "TIMESTAMP";
    return;
  }
  if (literal && constant_type(child) == "NULL") return;
  if (name == "VARCHAR" && !(literal && constant_type(child) == "VARCHAR")) {
    value = with_alias(ours("h_cast_varchar", {child}), node);
  } else if (is_whole(name) && !(literal && constant_type(child) != "VARCHAR")) {
    if (literal) child = make_cast(child, "VARCHAR");
    const std::string shown = name == "INTEGER" ? "INT" : name;
    child = tried ? ours("h_try_whole_number", {child, child})
                  : ours("h_whole_number", {child, child, make_text(shown)});
  }
}

void Rewriter::subscript(Value& value) {
  Object& node = value.get_object();
  auto& children = node["children"].as_array();
  if (children.size() != 2) return;
  value = with_alias(ours("h_subscript", {children[0], children[1]}), node);
}

void Rewriter::call(Value& value) {
  Object& node = value.get_object();
  const std::string name = base::to_lower(text(node, "function_name"));
  // The parser itself qualifies what it makes of an operator or a clause.
  const Value* sign = node.if_contains("is_operator");
  const bool made = text(node, "schema") == "main" || (sign && sign->as_bool()) ||
                    name == "count_star" || is_generated(node) || is_interval(value);
  if (made && is_parser_function(name)) return parser_call(value);
  if (!text(node, "schema").empty() && text(node, "schema") != "main") {
    fail("FUNCTION_NOT_FOUND", node,
         fmt::format("Function '{}.{}' not registered", text(node, "schema"), name));
  }
  const auto target = name == "unnest" ? std::nullopt : function_target(name);
  if (!target) {
    const std::string similar = similar_function(name);
    fail("FUNCTION_NOT_FOUND", node,
         fmt::format("Function '{}' not registered{}", name,
                     similar.empty() ? "" : fmt::format(". Did you mean '{}'?", similar)));
  }
  known_call(value, name);
}

void Rewriter::parser_call(Value& value) {
  Object& node = value.get_object();
  const std::string name = base::to_lower(text(node, "function_name"));
  auto& arguments = node["children"].as_array();
  node["schema"] = "";
  if (name.starts_with("h_")) functions.insert(name);
  if (name == "/" && arguments.size() == 2) {
    value = with_alias(ours("h_divide", {arguments[0], arguments[1]}), node);
  } else if (name == "%") {
    value = with_alias(ours("t_mod", {arguments[0], arguments[1]}), node);
  } else if (name == "+" && arguments.size() == 2 &&
             (is_interval(arguments[0]) || is_interval(arguments[1]))) {
    const std::size_t span = is_interval(arguments[1]) ? 1 : 0;
    value = with_alias(ours("h_plus", {arguments[1 - span], arguments[span]}), node);
  } else if (name == "-" && arguments.size() == 2 &&
             (is_interval(arguments[1]) || is_dateish(arguments[0]) || is_dateish(arguments[1]))) {
    const char* const minus = is_interval(arguments[1]) ? "h_minus" : "h_between_dates";
    value = with_alias(ours(minus, {arguments[0], arguments[1]}), node);
  } else if (name == "timezone") {
    value = with_alias(ours("h_at_time_zone", {arguments[0], arguments[1]}), node);
  } else if (name == "substring") {
    value = with_alias(ours("t_substr", {arguments.begin(), arguments.end()}), node);
  } else if (name == "position" && arguments.size() == 2) {
    value = with_alias(ours("t_strpos", {arguments[0], arguments[1]}), node);
  } else if (name == "date_part" && class_of(arguments[0]) == "CONSTANT") {
    static const std::map<std::string, std::string, std::less<>> fields = {
        {"day_of_week", "isodow"}, {"dow", "isodow"},         {"day_of_year", "doy"},
        {"yow", "isoyear"},        {"year_of_week", "isoyear"}, {"day_of_month", "day"},
        {"week_of_year", "week"}};
    const std::string field = base::to_lower(constant_text(arguments[0]));
    if (const auto found = fields.find(field); found != fields.end()) {
      arguments[0] = make_text(found->second);
    }
  }
}

void Rewriter::known_call(Value& value, const std::string& name) {
  if (lambda_call(value, name) || aggregate_call(value, name)) return;
  Object& node = value.get_object();
  auto& arguments = node["children"].as_array();
  const std::vector<Value> list(arguments.begin(), arguments.end());
  if (name == "concat" && list.size() >= 2) {
    Value joined = list[0];
    for (std::size_t i = 1; i < list.size(); ++i) joined = make_operator("||", joined, list[i]);
    value = with_alias(std::move(joined), node);
  } else if (name == "greatest" || name == "least") {
    value = with_alias(
        ours(name == "least" ? "t_array_min" : "t_array_max", {make_call("list_value", list)}),
        node);
  } else if (name == "format" && !list.empty()) {
    value = with_alias(
        ours("h_format_row",
             {list[0], list.size() > 1 ? make_call("row", {list.begin() + 1, list.end()})
                                       : make_call("row", {make_number(0)})}),
        node);
  } else if (name == "concat_ws" && list.size() > 2) {
    node["function_name"] = "concat_ws";
  } else {
    const std::string target = function_target(name).value();
    node["function_name"] = target;
    node["schema"] = "";
    node["catalog"] = "";
    functions.insert(target);
    // A text that stands alone has no type yet, and an overload is chosen by types.
    if (target.starts_with("t_")) {
      for (Value& argument : arguments) {
        if (class_of(argument) == "CONSTANT" && constant_type(argument) == "VARCHAR") {
          argument = make_cast(argument, "VARCHAR");
        }
      }
    }
  }
}

// reduce(list, start, (s, x) -> f, s -> g): DuckDB wants the state to have the elements' type, so
// both travel together, as {s, x}.
Rewriter::Value Rewriter::lambda_reduce(Object& node) {
  auto& arguments = node["children"].as_array();
  const auto step = lambda_parameters(arguments[2]);
  const auto last = lambda_parameters(arguments[3]);
  if (step.size() != 2 || last.size() != 1) fail("SYNTAX_ERROR", node, "reduce() takes (s, x) -> … and s -> …");
  const Value start = arguments[1];
  Value pairs = make_call(
      "list_transform",
      {arguments[0], make_lambda({"element__"}, make_row({{"s", start}, {"x", make_column("element__")}}))});
  Value body = substitute(lambda_body(arguments[2]),
                          {{step[0], make_field(make_column("state__"), "s")},
                           {step[1], make_field(make_column("element__"), "x")}});
  Value next = make_row({{"s", std::move(body)}, {"x", make_field(make_column("element__"), "x")}});
  Value reduced = make_call(
      "list_reduce", {std::move(pairs), make_lambda({"state__", "element__"}, std::move(next)),
                      make_row({{"s", start}, {"x", make_null()}})});
  return substitute(lambda_body(arguments[3]), {{last[0], make_field(std::move(reduced), "s")}});
}

// reduce_agg(x, start, (s, x) -> f, combine): reduce() of the list of all x. There is nothing to
// combine.
Rewriter::Value Rewriter::lambda_reduce_of_rows(const Value& call) {
  const auto& arguments = call.as_object().at("children").as_array();
  Value list = without_alias(call);
  Object& aggregate = list.get_object();
  aggregate["function_name"] = "list";
  aggregate["schema"] = "";
  aggregate["children"] = boost::json::array{arguments[0]};
  Value& filter = aggregate[class_of(list) == "WINDOW" ? "filter_expr" : "filter"];
  const Value present = make_is_not_null(arguments[0]);
  filter = filter.is_null() ? present : make_and(filter, present);
  Object reduced = call.as_object();
  reduced["children"] = boost::json::array{std::move(list), arguments[1], arguments[2],
                                           make_lambda({"total__"}, make_column("total__"))};
  return lambda_reduce(reduced);
}

bool Rewriter::lambda_call(Value& value, const std::string& name) {
  Object& node = value.get_object();
  auto& arguments = node["children"].as_array();
  const auto is_lambda = [&](std::size_t i) {
    return i < arguments.size() && class_of(arguments[i]) == "LAMBDA";
  };
  const auto entry = [](const char* field) { return make_field(make_column("entry__"), field); };
  if (name == "transform" && is_lambda(1)) {
    node["function_name"] = "list_transform";
  } else if (name == "filter" && is_lambda(1)) {
    node["function_name"] = "list_filter";
  } else if ((name == "any_match" || name == "all_match" || name == "none_match") && is_lambda(1)) {
    if (name == "none_match") functions.emplace("t_any_match");
    value = with_alias(
        ours("t_" + name, {make_call("list_transform", {arguments[0], arguments[1]})}), node);
  } else if (name == "reduce" && is_lambda(2) && is_lambda(3)) {
    value = with_alias(lambda_reduce(node), node);
  } else if (name == "reduce_agg" && is_lambda(2) && is_lambda(3)) {
    value = with_alias(lambda_reduce_of_rows(value), node);
  } else if (name == "zip_with" && is_lambda(2)) {
    const auto names = lambda_parameters(arguments[2]);
    if (names.size() != 2) fail("SYNTAX_ERROR", node, "zip_with() takes (x, y) -> …");
    const Value body = substitute(lambda_body(arguments[2]),
                                  {{names[0], make_index(make_column("entry__"), 1)},
                                   {names[1], make_index(make_column("entry__"), 2)}});
    value = with_alias(make_call("list_transform", {make_call("list_zip", {arguments[0], arguments[1]}),
                                                    make_lambda({"entry__"}, body)}),
                       node);
  } else if ((name == "map_filter" || name == "transform_values" || name == "transform_keys") &&
             is_lambda(1)) {
    const auto names = lambda_parameters(arguments[1]);
    if (names.size() != 2) fail("SYNTAX_ERROR", node, name + "() takes (k, v) -> …");
    const Value body = substitute(lambda_body(arguments[1]),
                                  {{names[0], entry("key")}, {names[1], entry("value")}});
    const Value entries = make_call("map_entries", {arguments[0]});
    Value changed =
        name == "map_filter" ? body
        : name == "transform_values"
            ? make_row({{"k", entry("key")}, {"v", body}})
            : make_row({{"k", body}, {"v", entry("value")}});
    Value list = make_call(name == "map_filter" ? "list_filter" : "list_transform",
                           {entries, make_lambda({"entry__"}, std::move(changed))});
    value = with_alias(make_call("map_from_entries", {std::move(list)}), node);
  } else {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (is_lambda(i)) {
        fail("NOT_SUPPORTED", node, fmt::format("{}() with a lambda is not supported", name));
      }
    }
    return false;
  }
  return true;
}

// What Trino's aggregates give that DuckDB's don't: the types, and the row of a NULL maximum.
bool Rewriter::aggregate_call(Value& value, const std::string& name) {
  Object& node = value.get_object();
  auto& arguments = node["children"].as_array();
  const std::size_t count = arguments.size();
  const auto as = [&](std::string_view function) {
    node["function_name"] = function;
    node["schema"] = "";
  };
  const auto wrapped = [&](std::string_view outer, std::vector<Value> more = {}) {
    Value inner = without_alias(value);
    std::vector<Value> all{std::move(inner)};
    all.insert(all.end(), more.begin(), more.end());
    value = with_alias(ours(outer, std::move(all)), node);
  };
  if (name == "avg" && count == 1) {
    Value any = without_alias(value);
    any.get_object()["function_name"] = "any_value";
    any.get_object()["distinct"] = false;
    Value kind = make_call("list_median", {make_call("list_value", {std::move(any)})});
    value = with_alias(make_call("cast_to_type", {without_alias(value), std::move(kind)}), node);
  } else if (name == "approx_distinct") {
    as("approx_count_distinct");
    arguments.resize(1);
  } else if (name == "approx_percentile" && count == 3) {
    const Value fraction = arguments[2];
    Value pair = make_row({{"x", arguments[0]}, {"w", arguments[1]}});
    arguments.clear();
    arguments.push_back(std::move(pair));
    as("list");
    wrapped("h_weighted_percentile", {fraction});
  } else if (name == "approx_percentile") {
    as("approx_quantile");
  } else if (name == "array_agg") {
    as("list");
  } else if (name == "set_agg") {
    as("list");
    node["distinct"] = true;
  } else if ((name == "map_agg" || name == "multimap_agg") && count == 2) {
    Value pair = make_row({{"k", arguments[0]}, {"v", arguments[1]}});
    const Value present = make_is_not_null(arguments[0]);
    arguments.clear();
    arguments.push_back(std::move(pair));
    as("list");
    Value& filter = node[class_of(value) == "WINDOW" ? "filter_expr" : "filter"];
    filter = filter.is_null() ? present : make_and(filter, present);
    wrapped(name == "map_agg" ? "h_entries_to_map" : "h_entries_to_multimap");
  } else if (name == "max_by" || name == "min_by") {
    if (count == 2) as(name == "max_by" ? "arg_max_null" : "arg_min_null");
  } else if (name == "checksum" && count == 1) {
    const Value hash = make_call("hash", {arguments[0]});
    arguments[0] = hash;
    as("bit_xor");
    wrapped("h_checksum_bytes");
  } else {
    return false;
  }
  return true;
}

}  // namespace engine::athena
