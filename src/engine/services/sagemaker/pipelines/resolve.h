// Arguments with every reference replaced by what it stands for, and conditions decided.
#pragma once

#include "engine/services/sagemaker/pipelines/reference.h"

#include <boost/json/value.hpp>

#include <functional>
#include <string>

namespace engine::sagemaker::pipelines {

/// What references see while an execution runs. Each throws ReferenceError when there is no such
/// thing.
struct Scope {
  std::function<json::value(const std::string& name)> parameter;
  std::function<json::value(const std::string& name)> execution;
  /// What the step's Describe answers.
  std::function<json::value(const std::string& step)> step;
  /// The content of a property file of a step.
  std::function<json::value(const std::string& step, const std::string& file)> property_file;
  /// The content of an S3 object that holds JSON.
  std::function<json::value(const std::string& uri)> s3_file;
};

/// Get, Std:Join and Std:JsonGet are replaced at any depth; other members stay. Throws
/// ReferenceError.
json::value resolve(const json::value& value, const Scope& scope);

/// True when all conditions hold. Equals and NotEquals compare any two values of one type; the
/// orders compare two numbers or two strings. Throws ReferenceError for an unknown type or unlike
/// values.
bool holds(const json::array& conditions, const Scope& scope);

}  // namespace engine::sagemaker::pipelines
