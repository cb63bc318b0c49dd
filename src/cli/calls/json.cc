// Reading AWS's answers with little ceremony.
#include "cli/calls/json.h"

#include <charconv>

namespace cli {
namespace {

const json::value* member(const json::value& value, std::string_view key) {
  if (const auto* object = value.if_object()) return object->if_contains(key);
  const auto* array = value.if_array();
  std::size_t index = 0;
  const auto [end, failed] = std::from_chars(key.data(), key.data() + key.size(), index);
  if (array == nullptr || failed != std::errc() || end != key.data() + key.size()) return nullptr;
  return index < array->size() ? &(*array)[index] : nullptr;
}

bool agree_objects(const json::object& actual, const json::object& wanted) {
  for (const auto& [key, value] : wanted) {
    const json::value* const found = actual.if_contains(key);
    if (found == nullptr || !agrees(*found, value)) return false;
  }
  return true;
}

bool agree_arrays(const json::array& actual, const json::array& wanted) {
  if (actual.size() != wanted.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!agrees(actual[i], wanted[i])) return false;
  }
  return true;
}

}  // namespace

const json::value* find(const json::value& value, std::string_view path) {
  const json::value* at = &value;
  while (at != nullptr && !path.empty()) {
    const auto dot = path.find('.');
    at = member(*at, path.substr(0, dot));
    path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
  }
  return at;
}

std::string text(const json::value& value, std::string_view path, std::string_view fallback) {
  const json::value* const found = find(value, path);
  if (found == nullptr || found->is_null()) return std::string(fallback);
  if (found->is_string()) return std::string(found->get_string());
  return json::serialize(*found);
}

double number(const json::value& value, std::string_view path, double fallback) {
  const json::value* const found = find(value, path);
  return found != nullptr && found->is_number() ? found->to_number<double>() : fallback;
}

const json::array& list(const json::value& value, std::string_view path) {
  static const json::array kNone;
  const json::value* const found = find(value, path);
  return found != nullptr && found->is_array() ? found->get_array() : kNone;
}

bool agrees(const json::value& actual, const json::value& wanted) {
  if (wanted.is_object() && actual.is_object()) {
    return agree_objects(actual.get_object(), wanted.get_object());
  }
  if (wanted.is_array() && actual.is_array()) {
    return agree_arrays(actual.get_array(), wanted.get_array());
  }
  if (wanted.is_number() && actual.is_number()) {
    return wanted.to_number<double>() == actual.to_number<double>();
  }
  return actual == wanted;
}

}  // namespace cli
