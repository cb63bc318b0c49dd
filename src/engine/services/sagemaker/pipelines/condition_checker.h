// Conditions before they are decided: known types, nothing missing, sides that can be compared.
#pragma once

#include "engine/services/sagemaker/pipelines/value_checker.h"

namespace engine::sagemaker::pipelines {

/// Checks the conditions of one step; what they refer to goes to `needs`.
class ConditionChecker {
 public:
  ConditionChecker(ValueChecker& values, Problems& problems, std::string where,
                   std::set<std::string>& needs)
      : values_(values), problems_(problems), where_(std::move(where)), needs_(needs) {}

  void check_all(const json::value& conditions);

 private:
  void check_one(const json::value& condition);
  void check_comparison(const std::string& type, const json::object& condition);
  void check_in(const std::string& type, const json::object& condition);
  /// The member of either name; nullptr and a problem when there is none.
  const json::value* member(const std::string& type, const json::object& condition,
                            const char* name, const char* other);
  ValueType check(const json::value& value) { return values_.check(value, where_, needs_); }
  void wrong(std::string sentence) { problems_.add(where_, std::move(sentence)); }

  ValueChecker& values_;
  Problems& problems_;
  const std::string where_;
  std::set<std::string>& needs_;
};

}  // namespace engine::sagemaker::pipelines
