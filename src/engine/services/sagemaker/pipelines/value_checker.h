// Do the references inside a value lead somewhere, and what kind of value will it be?
#pragma once

#include "engine/services/sagemaker/pipelines/definition.h"
#include "engine/services/sagemaker/pipelines/reference.h"

#include <set>
#include <string>
#include <string_view>

namespace engine::sagemaker::pipelines {

/// What a value of a definition is when it runs, as far as it can be told before.
enum class ValueType { kUnknown, kString, kNumber, kBoolean, kOther };

class ValueChecker {
 public:
  ValueChecker(const Definition& definition, Problems& problems)
      : definition_(definition), problems_(problems) {}

  /// Checks every Get, Std:Join and Std:JsonGet below `value`: parameters and steps exist,
  /// Execution's names are known, a property is a member of what the step's Describe answers,
  /// outputs and property files are declared. Adds the steps referred to to `needs`. `where` owns
  /// the value, for the problems.
  ValueType check(const json::value& value, const std::string& where, std::set<std::string>& needs);

 private:
  ValueType check_get(const json::value& text);
  ValueType check_reference(const Reference& reference);
  ValueType check_property(const Reference& reference, const Step& step);
  ValueType check_output_parameter(const Reference& reference, const Step& step);
  ValueType check_join(const json::value& value);
  ValueType check_json_get(const json::value& value);
  void check_property_file(const json::value& value);
  void check_items(const Reference& reference, const Step& step);
  ValueType check_below(const json::value& value);
  void wrong(std::string sentence) { problems_.add(where_, std::move(sentence)); }

  const Definition& definition_;
  Problems& problems_;
  std::string where_;
  std::set<std::string>* needs_ = nullptr;
};

}  // namespace engine::sagemaker::pipelines
