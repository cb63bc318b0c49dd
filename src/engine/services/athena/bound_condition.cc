// Expressions by their class: comparisons, conjunctions, operators, casts, functions, constants.
#include "engine/services/athena/bound_condition.h"

#include "lib/duckdb/value.h"

#include <fmt/format.h>

#include <cctype>
#include <set>
#include <string_view>

namespace engine::athena {
namespace {

namespace json = boost::json;

const json::value* find(const json::value& node, std::string_view name) {
  const json::object* object = node.if_object();
  return object ? object->if_contains(name) : nullptr;
}

std::string text(const json::value& node, std::string_view name) {
  const json::value* value = find(node, name);
  return value && value->is_string() ? std::string(value->get_string()) : "";
}

std::optional<std::int64_t> number(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_uint64()) return static_cast<std::int64_t>(value.get_uint64());
  return std::nullopt;
}

bool gives_another_value_each_time(std::string_view function) {
  static const std::set<std::string_view> names = {
      "random", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "setseed", "nextval", "error"};
  return names.count(function) > 0;
}

std::string_view comparison(const std::string& type) {
  if (type == "COMPARE_EQUAL") return "=";
  if (type == "COMPARE_NOTEQUAL") return "<>";
  if (type == "COMPARE_LESSTHAN") return "<";
  if (type == "COMPARE_GREATERTHAN") return ">";
  if (type == "COMPARE_LESSTHANOREQUALTO") return "<=";
  if (type == "COMPARE_GREATERTHANOREQUALTO") return ">=";
  if (type == "COMPARE_DISTINCT_FROM") return "IS DISTINCT FROM";
  if (type == "COMPARE_NOT_DISTINCT_FROM") return "IS NOT DISTINCT FROM";
  return "";
}

// A type that needs no more than its name, or a decimal.
std::optional<std::string> type_sql(const json::value& type) {
  static const std::set<std::string, std::less<>> plain = {
      "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT",    "HUGEINT",
      "FLOAT",   "DOUBLE",  "VARCHAR",  "DATE",    "TIMESTAMP", "BLOB"};
  const std::string id = text(type, "id");
  if (plain.count(id)) return id;
  if (id == "TIMESTAMP WITH TIME ZONE") return "TIMESTAMPTZ";
  if (id != "DECIMAL") return std::nullopt;
  const json::value* info = find(type, "type_info");
  const json::value* width = info ? find(*info, "width") : nullptr;
  const json::value* scale = info ? find(*info, "scale") : nullptr;
  if (!width || !scale || !number(*width) || !number(*scale)) return std::nullopt;
  return fmt::format("DECIMAL({},{})", *number(*width), *number(*scale));
}

// How SQL says the constant of a type that the plan holds as a number.
std::optional<std::string> number_sql(const std::string& id, const json::value& type,
                                      const json::value& value) {
  if (value.is_double()) return fmt::format("CAST({} AS {})", value.get_double(), id);
  const auto whole = number(value);
  if (!whole) return std::nullopt;
  if (id == "DATE") return fmt::format("(DATE '1970-01-01' + CAST({} AS INTEGER))", *whole);
  if (id == "TIMESTAMP") return fmt::format("make_timestamp({})", *whole);
  const auto name = type_sql(type);
  if (!name) return std::nullopt;
  if (id == "DECIMAL") {
    const auto scale = number(type.at("type_info").at("scale")).value();
    return fmt::format("CAST('{}e-{}' AS {})", *whole, scale, *name);
  }
  if (id == "VARCHAR" || id == "BLOB" || id.starts_with("TIMESTAMP")) return std::nullopt;
  return fmt::format("CAST({} AS {})", *whole, *name);
}

std::optional<std::string> constant_sql(const json::value& constant) {
  const json::value* value = find(constant, "value");
  if (!value || !find(*value, "type")) return std::nullopt;
  const json::value& type = value->at("type");
  const json::value* null = find(*value, "is_null");
  const json::value* inner = find(*value, "value");
  if (null && null->is_bool() && null->get_bool()) {
    const auto name = type_sql(type);
    return name ? fmt::format("CAST(NULL AS {})", *name) : "NULL";
  }
  if (!inner) return std::nullopt;
  const std::string id = text(type, "id");
  if (inner->is_bool()) return inner->get_bool() ? "true" : "false";
  if (inner->is_string() && id == "VARCHAR")
    return duck::quote_text(std::string(inner->get_string()));
  return number_sql(id, type, *inner);
}

class Printer {
 public:
  explicit Printer(const ColumnOf& column) : column_(column) {}

  std::optional<std::string> print(const json::value& node) {
    const std::string kind = text(node, "expression_class");
    if (kind == "BOUND_REF") return reference(node);
    if (kind == "BOUND_CONSTANT") return constant_sql(node);
    if (kind == "BOUND_COMPARISON") return compared(node);
    if (kind == "BOUND_CONJUNCTION") return joined(node);
    if (kind == "BOUND_OPERATOR") return operated(node);
    if (kind == "BOUND_BETWEEN") return between(node);
    if (kind == "BOUND_CAST") return cast(node);
    if (kind == "BOUND_FUNCTION") return called(node);
    return std::nullopt;
  }

  bool has_column() const { return has_column_; }

 private:
  std::optional<std::string> reference(const json::value& node) {
    const json::value* index = find(node, "index");
    const auto place = index ? number(*index) : std::nullopt;
    if (!place) return std::nullopt;
    has_column_ = true;
    return column_(static_cast<std::size_t>(*place));
  }

  std::optional<std::string> member(const json::value& node, std::string_view name) {
    const json::value* child = find(node, name);
    return child ? print(*child) : std::nullopt;
  }

  std::optional<std::string> compared(const json::value& node) {
    const std::string_view sign = comparison(text(node, "type"));
    const auto left = member(node, "left"), right = member(node, "right");
    if (sign.empty() || !left || !right) return std::nullopt;
    return fmt::format("({} {} {})", *left, sign, *right);
  }

  std::optional<std::vector<std::string>> children(const json::value& node) {
    const json::value* list = find(node, "children");
    if (!list || !list->is_array()) return std::nullopt;
    std::vector<std::string> printed;
    for (const json::value& child : list->get_array()) {
      auto one = print(child);
      if (!one) return std::nullopt;
      printed.push_back(std::move(*one));
    }
    return printed;
  }

  static std::string list(const std::vector<std::string>& items, std::string_view between,
                          std::size_t from = 0) {
    std::string all;
    for (std::size_t i = from; i < items.size(); ++i) {
      if (i > from) all += between;
      all += items[i];
    }
    return all;
  }

  std::optional<std::string> joined(const json::value& node) {
    const auto parts = children(node);
    if (!parts) return std::nullopt;
    return '(' + list(*parts, text(node, "type") == "CONJUNCTION_OR" ? " OR " : " AND ") + ')';
  }

  std::optional<std::string> operated(const json::value& node) {
    const std::string type = text(node, "type");
    const auto parts = children(node);
    if (!parts || parts->empty()) return std::nullopt;
    const std::string& first = parts->front();
    if (type == "COMPARE_IN") return fmt::format("({} IN ({}))", first, list(*parts, ", ", 1));
    if (type == "COMPARE_NOT_IN")
      return fmt::format("({} NOT IN ({}))", first, list(*parts, ", ", 1));
    if (type == "OPERATOR_NOT") return fmt::format("(NOT {})", first);
    if (type == "OPERATOR_IS_NULL") return fmt::format("({} IS NULL)", first);
    if (type == "OPERATOR_IS_NOT_NULL") return fmt::format("({} IS NOT NULL)", first);
    if (type == "OPERATOR_COALESCE") return fmt::format("coalesce({})", list(*parts, ", "));
    return std::nullopt;
  }

  std::optional<std::string> between(const json::value& node) {
    const auto input = member(node, "input"), lower = member(node, "lower"),
               upper = member(node, "upper");
    if (!input || !lower || !upper) return std::nullopt;
    const auto sign = [&](std::string_view name) {
      const json::value* inclusive = find(node, name);
      return inclusive && inclusive->is_bool() && inclusive->get_bool() ? "=" : "";
    };
    return fmt::format("({0} >{1} {2} AND {0} <{3} {4})", *input, sign("lower_inclusive"), *lower,
                       sign("upper_inclusive"), *upper);
  }

  std::optional<std::string> cast(const json::value& node) {
    const json::value* type = find(node, "return_type");
    const auto name = type ? type_sql(*type) : std::nullopt;
    const auto child = member(node, "child");
    if (!name || !child) return std::nullopt;
    const json::value* lenient = find(node, "try_cast");
    return fmt::format("{}({} AS {})",
                       lenient && lenient->is_bool() && lenient->get_bool() ? "TRY_CAST" : "CAST",
                       *child, *name);
  }

  std::optional<std::string> called(const json::value& node) {
    const std::string name = text(node, "name");
    const auto arguments = children(node);
    if (!arguments || name.empty() || gives_another_value_each_time(name)) return std::nullopt;
    const bool word = std::isalpha(static_cast<unsigned char>(name[0])) || name[0] == '_';
    if (word) return fmt::format("{}({})", duck::quote_name(name), list(*arguments, ", "));
    if (arguments->size() == 1) return fmt::format("({}{})", name, arguments->front());
    if (arguments->size() != 2) return std::nullopt;
    return fmt::format("({} {} {})", arguments->front(), name, arguments->back());
  }

  const ColumnOf& column_;
  bool has_column_ = false;
};

std::optional<std::string> constant_text(const json::value& node) {
  if (text(node, "expression_class") != "BOUND_CONSTANT") return std::nullopt;
  const json::value* value = find(node, "value");
  const json::value* inner = value ? find(*value, "value") : nullptr;
  if (!inner) return std::nullopt;
  const std::string id = text(value->at("type"), "id");
  if (inner->is_string() && id == "VARCHAR") return std::string(inner->get_string());
  const bool whole = id.ends_with("INT") || id == "INTEGER";
  const auto digits = whole ? number(*inner) : std::nullopt;
  return digits ? std::optional(std::to_string(*digits)) : std::nullopt;
}

std::optional<std::string> referred(const json::value& node, const ColumnOf& column) {
  if (text(node, "expression_class") != "BOUND_REF") return std::nullopt;
  const auto index = number(node.at("index"));
  return index ? column(static_cast<std::size_t>(*index)) : std::nullopt;
}

std::optional<Choices> any_of(const json::value& node, const ColumnOf& column) {
  Choices all;
  for (const json::value& child : node.at("children").as_array()) {
    auto some = bound_choices(child, column);
    if (!some || (!all.column.empty() && some->column != all.column)) return std::nullopt;
    all.column = some->column;
    all.values.insert(all.values.end(), some->values.begin(), some->values.end());
  }
  return all;
}

}  // namespace

std::optional<std::string> bound_sql(const json::value& expression, const ColumnOf& column) {
  Printer printer(column);
  auto sql = printer.print(expression);
  return printer.has_column() ? sql : std::nullopt;
}

std::optional<Choices> bound_choices(const json::value& expression, const ColumnOf& column) {
  const std::string type = text(expression, "type");
  if (type == "CONJUNCTION_OR") return any_of(expression, column);
  if (type == "COMPARE_EQUAL") {
    const json::value &left = expression.at("left"), &right = expression.at("right");
    auto name = referred(left, column);
    auto value = constant_text(name ? right : left);
    if (!name) name = referred(right, column);
    if (!name || !value) return std::nullopt;
    return Choices{*name, {*value}};
  }
  if (type != "COMPARE_IN") return std::nullopt;
  const json::array& children = expression.at("children").as_array();
  auto name = children.empty() ? std::nullopt : referred(children[0], column);
  if (!name) return std::nullopt;
  Choices choices{*name, {}};
  for (std::size_t i = 1; i < children.size(); ++i) {
    auto value = constant_text(children[i]);
    if (!value) return std::nullopt;
    choices.values.push_back(std::move(*value));
  }
  return choices;
}

}  // namespace engine::athena
