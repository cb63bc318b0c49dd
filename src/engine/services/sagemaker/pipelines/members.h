// A JSON object of a definition, read member by member; what is wrong goes to the problems.
#pragma once

#include "engine/services/sagemaker/pipelines/problems.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <optional>
#include <string>

namespace engine::sagemaker::pipelines {

namespace json = boost::json;

/// Keeps references: lives no longer than what it is built from. A member that is null is absent.
class Members {
 public:
  Members(const json::object& object, std::string where, Problems& problems)
      : object_(object), where_(std::move(where)), problems_(problems) {}

  const json::value* find(const char* name) const {
    const auto* value = object_.if_contains(name);
    return value != nullptr && !value->is_null() ? value : nullptr;
  }
  /// The string; "" and a problem when there is none.
  std::string text(const char* name) const {
    if (find(name) == nullptr) wrong(fmt::format("it has no \"{}\".", name));
    return optional_text(name).value_or("");
  }
  std::optional<std::string> optional_text(const char* name) const {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return std::string(value->as_string());
    wrong(fmt::format("\"{}\" must be a string.", name));
    return std::nullopt;
  }
  std::optional<double> number(const char* name) const {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_number()) return value->to_number<double>();
    wrong(fmt::format("\"{}\" must be a number.", name));
    return std::nullopt;
  }
  bool flag(const char* name) const {
    const auto* value = find(name);
    if (value != nullptr && !value->is_bool()) {
      wrong(fmt::format("\"{}\" must be true or false.", name));
    }
    return value != nullptr && value->is_bool() && value->as_bool();
  }
  /// The list, an empty one when there is none.
  const json::array& list(const char* name) const {
    static const json::array kNone;
    const auto* value = find(name);
    if (value == nullptr) return kNone;
    if (value->is_array()) return value->as_array();
    wrong(fmt::format("\"{}\" must be a list.", name));
    return kNone;
  }
  /// Nothing when there is none.
  const json::object* object(const char* name) const {
    const auto* value = find(name);
    if (value == nullptr) return nullptr;
    if (!value->is_object()) wrong(fmt::format("\"{}\" must be an object.", name));
    return value->if_object();
  }

  const std::string& where() const { return where_; }
  void wrong(std::string sentence) const { problems_.add(where_, std::move(sentence)); }

 private:
  const json::object& object_;
  const std::string where_;
  Problems& problems_;
};

}  // namespace engine::sagemaker::pipelines
