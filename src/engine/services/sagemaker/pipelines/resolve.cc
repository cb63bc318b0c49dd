// References replaced by what they stand for.
#include "engine/services/sagemaker/pipelines/resolve.h"

#include "engine/services/sagemaker/pipelines/definition.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace engine::sagemaker::pipelines {
namespace {

/// The only member of an object with one, by name; nothing otherwise.
const json::value* sole(const json::value& value, std::string_view name) {
  const auto* object = value.if_object();
  return object != nullptr && object->size() == 1 ? object->if_contains(name) : nullptr;
}

const json::value& required(const json::object& object, std::string_view name,
                            std::string_view owner) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) throw ReferenceError(fmt::format("{} has no \"{}\"", owner, name));
  return *value;
}

const json::object& as_object(const json::value& value, std::string_view what) {
  if (!value.is_object()) throw ReferenceError(fmt::format("{} must be an object", what));
  return value.as_object();
}

json::value resolve_get(const json::value& text, const Scope& scope) {
  if (!text.is_string()) throw ReferenceError("Get must hold a string");
  const Reference reference = parse_reference(text.as_string());
  if (reference.of == Reference::Of::kParameter) return scope.parameter(reference.name);
  if (reference.of == Reference::Of::kExecution) return scope.execution(reference.name);
  return follow(scope.step(reference.name), reference.path, reference.text);
}

json::value resolve_join(const json::value& value, const Scope& scope) {
  const auto& join = as_object(value, "Std:Join");
  const auto* on = join.if_contains("On");
  const std::string between = on != nullptr && on->is_string() ? std::string(on->as_string()) : "";
  const json::value values = resolve(required(join, "Values", "Std:Join"), scope);
  if (!values.is_array()) throw ReferenceError("\"Values\" of Std:Join must be a list");
  std::string text;
  for (std::size_t i = 0; i < values.as_array().size(); ++i) {
    const json::value& part = values.as_array()[i];
    if (part.is_object() || part.is_array() || part.is_null()) {
      throw ReferenceError("Std:Join joins strings, numbers and booleans only");
    }
    if (i > 0) text += between;
    text += text_of(part);
  }
  return json::value(text);
}

json::value resolve_json_get(const json::value& value, const Scope& scope) {
  const auto& get = as_object(value, "Std:JsonGet");
  const json::value& path = required(get, "Path", "Std:JsonGet");
  if (!path.is_string()) throw ReferenceError("\"Path\" of Std:JsonGet must be a literal string");
  const auto parts = parse_path(path.as_string());
  if (const auto* uri = get.if_contains("S3Uri")) {
    const json::value resolved = resolve(*uri, scope);
    if (!resolved.is_string()) throw ReferenceError("\"S3Uri\" of Std:JsonGet must be a string");
    return follow(scope.s3_file(std::string(resolved.as_string())), parts, path.as_string());
  }
  const auto* file = sole(required(get, "PropertyFile", "Std:JsonGet"), "Get");
  if (file == nullptr || !file->is_string()) {
    throw ReferenceError("\"PropertyFile\" of Std:JsonGet must be a Get");
  }
  const Reference reference = parse_reference(file->as_string());
  const auto* name =
      reference.path.size() == 2 ? std::get_if<std::string>(&reference.path[1]) : nullptr;
  if (name == nullptr) {
    throw ReferenceError(fmt::format("\"{}\" is not a property file", reference.text));
  }
  return follow(scope.property_file(reference.name, *name), parts, path.as_string());
}

// Conditions -------------------------------------------------------------------------------------

/// As a message names a value: a text in quotes, a number as people write it.
std::string named(const json::value& value) {
  return value.is_number() ? text_of(value) : json::serialize(value);
}

bool equal(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
  if (a.kind() != b.kind()) {
    throw ReferenceError(
        fmt::format("{} and {} are of different types and can't be compared", named(a), named(b)));
  }
  return a == b;
}

/// Less than 0, 0 or more than 0, as a compares to b.
int order(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) {
    const auto x = a.to_number<double>(), y = b.to_number<double>();
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (a.is_string() && b.is_string()) return a.as_string().compare(b.as_string());
  throw ReferenceError(fmt::format("{} and {} have no order", named(a), named(b)));
}

/// {"QueryValue", "Values"} as the SDK writes it, {"Value", "In"} as the schema says.
bool is_in(const json::object& condition, const Scope& scope) {
  const auto either = [&](const char* one, const char* other) {
    const auto* value = condition.if_contains(one);
    return resolve(value != nullptr ? *value : required(condition, other, "The condition"), scope);
  };
  const json::value wanted = either("QueryValue", "Value");
  const json::value values = either("Values", "In");
  if (!values.is_array()) throw ReferenceError("The condition In needs a list of values");
  for (const json::value& value : values.as_array()) {
    if (value.kind() == wanted.kind() || (value.is_number() && wanted.is_number())) {
      if (equal(value, wanted)) return true;
    }
  }
  return false;
}

bool holds(const json::value& value, const Scope& scope);

bool any_holds(const json::object& condition, const Scope& scope) {
  const json::value& conditions = required(condition, "Conditions", "The condition Or");
  if (!conditions.is_array()) throw ReferenceError("The condition Or needs a list of conditions");
  for (const json::value& one : conditions.as_array()) {
    if (holds(one, scope)) return true;
  }
  return false;
}

bool compares(std::string_view type, const json::object& condition, const Scope& scope) {
  const json::value left = resolve(required(condition, "LeftValue", "The condition"), scope);
  const json::value right = resolve(required(condition, "RightValue", "The condition"), scope);
  if (type == "Equals") return equal(left, right);
  if (type == "NotEquals") return !equal(left, right);
  if (type == "GreaterThan") return order(left, right) > 0;
  if (type == "GreaterThanOrEqualTo") return order(left, right) >= 0;
  if (type == "LessThan") return order(left, right) < 0;
  if (type == "LessThanOrEqualTo") return order(left, right) <= 0;
  throw ReferenceError(fmt::format("There is no condition \"{}\"", type));
}

bool holds(const json::value& value, const Scope& scope) {
  const auto& condition = as_object(value, "A condition");
  const json::value& named = required(condition, "Type", "A condition");
  const std::string type(named.is_string() ? std::string_view(named.as_string()) : "");
  if (type == "Not") {
    // Verified: the SDK writes "Expression".
    const auto* inner = condition.if_contains("Expression");
    return !holds(inner != nullptr ? *inner : required(condition, "Condition", "The condition Not"),
                  scope);
  }
  if (type == "Or") return any_holds(condition, scope);
  if (type == "In") return is_in(condition, scope);
  if (type == "NotIn") return !is_in(condition, scope);
  return compares(type, condition, scope);
}

}  // namespace

json::value resolve(const json::value& value, const Scope& scope) {
  if (const auto* get = sole(value, "Get")) return resolve_get(*get, scope);
  if (const auto* join = sole(value, "Std:Join")) return resolve_join(*join, scope);
  if (const auto* json_get = sole(value, "Std:JsonGet")) return resolve_json_get(*json_get, scope);
  if (const auto* list = value.if_array()) {
    json::array resolved;
    for (const json::value& item : *list) resolved.push_back(resolve(item, scope));
    return resolved;
  }
  if (const auto* object = value.if_object()) {
    json::object resolved;
    for (const auto& member : *object) resolved[member.key()] = resolve(member.value(), scope);
    return resolved;
  }
  return value;
}

bool holds(const json::array& conditions, const Scope& scope) {
  for (const json::value& condition : conditions) {
    if (!holds(condition, scope)) return false;
  }
  return true;
}

}  // namespace engine::sagemaker::pipelines
