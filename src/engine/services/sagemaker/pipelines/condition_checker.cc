// Conditions before they are decided.
#include "engine/services/sagemaker/pipelines/condition_checker.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace engine::sagemaker::pipelines {
namespace {

constexpr std::string_view kComparisons[] = {
    "Equals", "NotEquals", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"};

std::string_view name_of(ValueType type) {
  switch (type) {
    case ValueType::kString:
      return "a string";
    case ValueType::kNumber:
      return "a number";
    case ValueType::kBoolean:
      return "a boolean";
    default:
      return "a list or an object";
  }
}

/// Whether two values may be equal, as far as their types tell.
bool are_alike(ValueType a, ValueType b) {
  return a == b || a == ValueType::kUnknown || b == ValueType::kUnknown;
}

/// A side as the definition has it, for a sentence.
std::string quoted(const json::value& value) {
  const auto* object = value.if_object();
  if (object != nullptr && object->size() == 1 && object->begin()->value().is_string()) {
    return std::string(object->begin()->value().as_string());
  }
  return json::serialize(value);
}

}  // namespace

void ConditionChecker::check_all(const json::value& conditions) {
  if (!conditions.is_array()) return wrong("\"Conditions\" must be a list.");
  for (const json::value& condition : conditions.as_array()) check_one(condition);
}

void ConditionChecker::check_one(const json::value& value) {
  const auto* condition = value.if_object();
  const auto* named = condition != nullptr ? condition->if_contains("Type") : nullptr;
  if (named == nullptr || !named->is_string()) return wrong("a condition has no \"Type\".");
  const std::string type(named->as_string());
  if (type == "Not") {
    if (const auto* inner = member(type, *condition, "Expression", "Condition")) check_one(*inner);
  } else if (type == "Or") {
    if (const auto* inner = member(type, *condition, "Conditions", "Conditions")) check_all(*inner);
  } else if (type == "In" || type == "NotIn") {
    check_in(type, *condition);
  } else if (std::find(std::begin(kComparisons), std::end(kComparisons), type) !=
             std::end(kComparisons)) {
    check_comparison(type, *condition);
  } else {
    wrong(fmt::format("there is no condition \"{}\".", type));
  }
}

void ConditionChecker::check_comparison(const std::string& type, const json::object& condition) {
  const auto* left = member(type, condition, "LeftValue", "LeftValue");
  const auto* right = member(type, condition, "RightValue", "RightValue");
  const ValueType a = left != nullptr ? check(*left) : ValueType::kUnknown;
  const ValueType b = right != nullptr ? check(*right) : ValueType::kUnknown;
  if (!are_alike(a, b)) {
    return wrong(fmt::format("the condition {} compares {}, which is {}, with {}, which is {}.",
                             type, quoted(*left), name_of(a), quoted(*right), name_of(b)));
  }
  const bool is_order = type != "Equals" && type != "NotEquals";
  for (const auto& [side, side_type] : {std::pair(left, a), std::pair(right, b)}) {
    if (side_type == ValueType::kOther) {
      wrong(fmt::format("the condition {} can't compare {}, which is {}.", type, quoted(*side),
                        name_of(side_type)));
    } else if (is_order && side_type == ValueType::kBoolean) {
      wrong(
          fmt::format("the condition {} can't order {}, which is a boolean.", type, quoted(*side)));
    }
  }
}

/// {"QueryValue", "Values"} as the SDK writes it, {"Value", "In"} as the schema says.
void ConditionChecker::check_in(const std::string& type, const json::object& condition) {
  const auto* wanted = member(type, condition, "QueryValue", "Value");
  const auto* values = member(type, condition, "Values", "In");
  const ValueType a = wanted != nullptr ? check(*wanted) : ValueType::kUnknown;
  if (values == nullptr) return;
  if (!values->is_array()) {
    if (check(*values) != ValueType::kUnknown) {
      wrong(fmt::format("the condition {} needs a list of values.", type));
    }
    return;
  }
  for (const json::value& value : values->as_array()) {
    const ValueType b = check(value);
    if (!are_alike(a, b)) {
      wrong(fmt::format("the condition {} looks for {}, which is {}, but {} is {}.", type,
                        quoted(*wanted), name_of(a), quoted(value), name_of(b)));
    }
  }
}

const json::value* ConditionChecker::member(const std::string& type, const json::object& condition,
                                            const char* name, const char* other) {
  const auto* value = condition.if_contains(name);
  if (value == nullptr) value = condition.if_contains(other);
  if (value == nullptr) wrong(fmt::format("the condition {} has no \"{}\".", type, name));
  return value;
}

}  // namespace engine::sagemaker::pipelines
