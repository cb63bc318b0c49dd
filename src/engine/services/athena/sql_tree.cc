#include "engine/services/athena/sql_tree.h"

#include "lib/base/encoding.h"

namespace engine::athena::sql_tree {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kNowhere = UINT64_MAX;

Object node(std::string_view kind, std::string_view type) {
  return {{"class", kind}, {"type", type}, {"alias", ""}, {"query_location", kNowhere}};
}

json::array array(const std::vector<Value>& values) {
  return json::array(values.begin(), values.end());
}

Value constant(std::string_view type, Value value) {
  Object made = node("CONSTANT", "VALUE_CONSTANT");
  made["value"] = Object{{"type", Object{{"id", type}, {"type_info", nullptr}}},
                         {"is_null", false},
                         {"value", std::move(value)}};
  return made;
}

Value make_node(std::string_view kind, std::string_view type, std::vector<Value> children) {
  Object made = node(kind, type);
  made["children"] = array(children);
  return made;
}

void substitute_in(Value& value, const std::map<std::string, Value>& names) {
  if (auto* list = value.if_array()) {
    for (Value& element : *list) substitute_in(element, names);
    return;
  }
  auto* object = value.if_object();
  if (!object) return;
  if (text(*object, "class") == "LAMBDA") {
    std::map<std::string, Value> outer = names;
    for (const std::string& own : lambda_parameters(value)) outer.erase(own);
    substitute_in((*object)["expr"], outer);
    return;
  }
  if (text(*object, "class") == "COLUMN_REF") {
    const auto& path = object->at("column_names").as_array();
    const auto found = names.find(base::to_lower(std::string_view(path.at(0).as_string())));
    if (found == names.end()) return;
    Value replaced = found->second;
    for (std::size_t i = 1; i < path.size(); ++i) {
      replaced = make_field(std::move(replaced), std::string_view(path[i].as_string()));
    }
    value = with_alias(std::move(replaced), *object);
    return;
  }
  for (auto& [key, member] : *object) substitute_in(member, names);
}

}  // namespace

std::string text(const Object& node, std::string_view key) {
  const Value* member = node.if_contains(key);
  return member && member->is_string() ? std::string(member->get_string()) : "";
}

std::string class_of(const Value& node) {
  return node.is_object() ? text(node.get_object(), "class") : "";
}

std::string function_name(const Value& node) {
  return node.is_object() ? text(node.get_object(), "function_name") : "";
}

std::string single_name(const Value& node) {
  const auto& names = node.at("column_names").as_array();
  return names.size() == 1 ? std::string(names[0].as_string()) : "";
}

std::string constant_type(const Value& node) {
  if (class_of(node) != "CONSTANT") return "";
  const Value& value = node.at("value");
  return value.at("is_null").as_bool() ? "NULL" : text(value.at("type").as_object(), "id");
}

std::string constant_text(const Value& node) {
  const Value& value = node.at("value");
  const Value* held = value.as_object().if_contains("value");
  return held && held->is_string() ? std::string(held->get_string()) : "";
}

bool is_cast_to(const Value& node, std::string_view type) {
  return class_of(node) == "CAST" && text(node.at("cast_type").as_object(), "id") == type;
}

std::size_t position(const Object& node) {
  const Value* at = node.if_contains("query_location");
  if (!at || !at->is_number()) return SIZE_MAX;
  return at->is_uint64() ? at->get_uint64() : static_cast<std::size_t>(at->get_int64());
}

bool is_generated(const Object& node) { return position(node) == SIZE_MAX; }

std::vector<std::string> lambda_parameters(const Value& lambda) {
  const Value& left = lambda.at("lhs");
  if (class_of(left) == "COLUMN_REF") return {base::to_lower(single_name(left))};
  std::vector<std::string> names;
  if (const Value* children = left.as_object().if_contains("children")) {
    for (const Value& child : children->as_array()) names.push_back(base::to_lower(single_name(child)));
  }
  return names;
}

Value lambda_body(const Value& lambda) { return lambda.at("expr"); }

Value make_call(std::string_view name, std::vector<Value> arguments) {
  Object made = node("FUNCTION", "FUNCTION");
  made["function_name"] = name;
  made["schema"] = "";
  made["children"] = array(arguments);
  made["filter"] = nullptr;
  made["order_bys"] = Object{{"type", "ORDER_MODIFIER"}, {"orders", json::array{}}};
  made["distinct"] = false;
  made["is_operator"] = false;
  made["export_state"] = false;
  made["catalog"] = "";
  return made;
}

Value make_operator(std::string_view name, Value left, Value right) {
  Value made = make_call(name, {std::move(left), std::move(right)});
  made.get_object()["is_operator"] = true;
  return made;
}

Value make_number(std::int64_t number) { return constant("BIGINT", number); }
Value make_text(std::string_view text) { return constant("VARCHAR", json::string(text)); }

Value make_null() {
  Object made = node("CONSTANT", "VALUE_CONSTANT");
  made["value"] = Object{{"type", Object{{"id", "NULL"}, {"type_info", nullptr}}}, {"is_null", true}};
  return made;
}

Value make_cast(Value child, std::string_view type) {
  Object made = node("CAST", "OPERATOR_CAST");
  made["query_location"] = position(child.as_object());
  made["child"] = std::move(child);
  made["cast_type"] = Object{{"id", type}, {"type_info", nullptr}};
  made["try_cast"] = false;
  return made;
}

Value make_column(std::string_view name) {
  Object made = node("COLUMN_REF", "COLUMN_REF");
  made["column_names"] = json::array{json::string(name)};
  return made;
}

Value make_row(std::vector<std::pair<std::string, Value>> fields) {
  std::vector<Value> children;
  for (auto& [name, value] : fields) {
    value.as_object()["alias"] = name;
    children.push_back(std::move(value));
  }
  return make_call("struct_pack", std::move(children));
}

Value make_field(Value row, std::string_view name) {
  return make_call("struct_extract", {std::move(row), make_text(name)});
}

Value make_index(Value list, std::int64_t index) {
  return make_node("OPERATOR", "ARRAY_EXTRACT", {std::move(list), make_number(index)});
}

Value make_lambda(const std::vector<std::string>& parameters, Value body) {
  std::vector<Value> names;
  for (const std::string& parameter : parameters) names.push_back(make_column(parameter));
  Object made = node("LAMBDA", "LAMBDA");
  made["lhs"] = names.size() == 1 ? names[0] : make_call("row", std::move(names));
  made["expr"] = std::move(body);
  return made;
}

Value make_is_not_null(Value value) {
  return make_node("OPERATOR", "OPERATOR_IS_NOT_NULL", {std::move(value)});
}

Value make_and(Value left, Value right) {
  return make_node("CONJUNCTION", "CONJUNCTION_AND", {std::move(left), std::move(right)});
}

Value make_subquery(std::vector<Value> items, const Object& table) {
  const auto keep = [&](const char* key, Value otherwise) {
    const Value* member = table.if_contains(key);
    return member ? *member : otherwise;
  };
  Object select{{"type", "SELECT_NODE"},
                {"modifiers", json::array{}},
                {"cte_map", Object{{"map", json::array{}}}},
                {"select_list", array(items)},
                {"from_table", Object{{"type", "EMPTY"},
                                      {"alias", ""},
                                      {"sample", nullptr},
                                      {"query_location", kNowhere}}},
                {"where_clause", nullptr},
                {"group_expressions", json::array{}},
                {"group_sets", json::array{}},
                {"aggregate_handling", "STANDARD_HANDLING"},
                {"having", nullptr},
                {"sample", nullptr},
                {"qualify", nullptr}};
  return Object{{"type", "SUBQUERY"},
                {"alias", keep("alias", "")},
                {"sample", keep("sample", nullptr)},
                {"query_location", keep("query_location", kNowhere)},
                {"subquery", Object{{"node", std::move(select)}, {"named_param_map", json::array{}}}},
                {"column_name_alias", keep("column_name_alias", json::array{})}};
}

Value with_alias(Value node, const Object& replaced) {
  Object& made = node.as_object();
  // Copied first: `replaced` may be about to go.
  Value alias = replaced.at("alias");
  Value place = replaced.at("query_location");
  made["alias"] = std::move(alias);
  made["query_location"] = std::move(place);
  return node;
}

Value without_alias(Value node) {
  node.as_object()["alias"] = "";
  return node;
}

Value substitute(Value expression, const std::map<std::string, Value>& names) {
  substitute_in(expression, names);
  return expression;
}

}  // namespace engine::athena::sql_tree
