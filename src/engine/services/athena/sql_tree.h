// Reading and making nodes of the trees that DuckDB's json_serialize_sql() gives.
#pragma once

#include <boost/json.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engine::athena::sql_tree {

using Value = boost::json::value;
using Object = boost::json::object;

// --- Reading. What a node does not have is "".

std::string text(const Object& node, std::string_view key);
std::string class_of(const Value& node);
std::string function_name(const Value& node);
/// Of a reference to a column without a table's name.
std::string single_name(const Value& node);
/// "INTEGER", "VARCHAR", "NULL" … of a constant.
std::string constant_type(const Value& node);
std::string constant_text(const Value& node);
bool is_cast_to(const Value& node, std::string_view type);
/// Where the node stands in the text; SIZE_MAX when it doesn't.
std::size_t position(const Object& node);
/// True for what the parser added.
bool is_generated(const Object& node);
std::vector<std::string> lambda_parameters(const Value& lambda);
Value lambda_body(const Value& lambda);

// --- Making.

Value make_call(std::string_view name, std::vector<Value> arguments);
Value make_operator(std::string_view name, Value left, Value right);
Value make_number(std::int64_t number);
Value make_text(std::string_view text);
Value make_null();
Value make_cast(Value child, std::string_view type);
Value make_column(std::string_view name);
Value make_row(std::vector<std::pair<std::string, Value>> fields);
Value make_field(Value row, std::string_view name);
Value make_index(Value list, std::int64_t index);
Value make_lambda(const std::vector<std::string>& parameters, Value body);
Value make_is_not_null(Value value);
Value make_and(Value left, Value right);
/// (SELECT items) in place of a table: its alias, columns' names and place are kept.
Value make_subquery(std::vector<Value> items, const Object& table);

/// The node with the name and place of another one that it replaces.
Value with_alias(Value node, const Object& replaced);
Value without_alias(Value node);

/// The expression with other expressions for the names of a lambda's parameters.
Value substitute(Value expression, const std::map<std::string, Value>& names);

}  // namespace engine::athena::sql_tree
