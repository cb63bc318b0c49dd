// A pipeline's definition, parsed and checked: what can be said about it before anything runs.
#pragma once

#include "engine/services/sagemaker/pipelines/problems.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace engine::sagemaker::pipelines {

namespace json = boost::json;

struct Parameter {
  std::string name;
  std::string type;  ///< String, Integer, Float, Boolean
  std::optional<json::value> default_value;
  std::vector<json::value> allowed;  ///< EnumValues; empty: any
};

/// A JSON file among a processing step's outputs that later steps may look into.
struct PropertyFile {
  std::string output;  ///< OutputName
  std::string path;    ///< below it
};

/// What a Lambda or a Callback step answers with.
struct OutputParameter {
  std::string name;
  std::string type;  ///< String, Integer, Float, Boolean
};

struct CachePolicy {
  bool enabled = false;
  std::optional<std::chrono::seconds> expire_after;  ///< none: never
};

/// When a step that failed is run again. Of a step's policies the first that names the exception
/// counts.
struct RetryPolicy {
  std::set<std::string> exceptions;  ///< "SageMaker.JOB_INTERNAL_ERROR", "Step.THROTTLING", …
  double interval_seconds = 1;       ///< before the first retry
  double backoff_rate = 2;           ///< each further wait is so many times as long
  std::optional<std::int64_t> max_attempts;  ///< retries
  std::optional<std::int64_t> expire_after_minutes;
};

struct Step {
  std::string name;
  std::string type;
  std::optional<std::string> display_name, description;
  json::object arguments;
  std::map<std::string, PropertyFile> property_files;
  CachePolicy cache;
  std::vector<RetryPolicy> retries;
  std::string function_arn;              ///< of a Lambda step
  std::vector<OutputParameter> outputs;  ///< of a Lambda or Callback step
  json::object quality_check;            ///< of a QualityCheck step, beside its arguments
  /// The steps that must have succeeded before: DependsOn, those its arguments refer to, and the
  /// condition it is a branch of.
  std::set<std::string> needs;
  std::string condition;  ///< the Condition step it is a branch of; empty at the top
  bool if_branch = true;  ///< runs when that condition is true, else when it is false
};

struct Definition {
  std::vector<Parameter> parameters;
  json::object experiment;  ///< PipelineExperimentConfig, may be empty
  std::vector<Step> steps;  ///< branches included, in the document's order

  const Step* find_step(std::string_view name) const;
  const Parameter* find_parameter(std::string_view name) const;
};

/// Throws AwsError (ValidationException) with a sentence that names all that is wrong: not JSON, an
/// unknown step type, a name used twice, a reference to what doesn't exist, a cycle, …
Definition parse_definition(std::string_view text);

/// The same without throwing: what there is of the definition, and all that is wrong with it,
/// warnings included.
Definition parse_definition(std::string_view text, Problems& problems);

/// The value of a parameter from its text, by its declared type. Throws AwsError when it doesn't
/// fit.
json::value parameter_value(const Parameter& parameter, const std::string& text);

/// A value as text: what Std:Join puts in, and how parameters are listed. Whole floats keep ".0".
std::string text_of(const json::value& value);

}  // namespace engine::sagemaker::pipelines
