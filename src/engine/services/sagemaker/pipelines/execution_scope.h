// What references see while an execution runs.
#pragma once

#include "engine/services/sagemaker/pipelines/definition.h"
#include "engine/services/sagemaker/pipelines/resolve.h"
#include "engine/services/sagemaker/pipelines/step_rows.h"
#include "engine/services/sagemaker/state.h"

#include <map>
#include <string>

namespace engine::sagemaker::pipelines {

/// Thread-safe; what it is built from must outlive it and its scopes.
struct ExecutionScope {
  const SageMaker::Impl& state;
  const Definition& definition;
  const api::DescribePipelineExecutionResponse& about;
  const StepRows& rows;
  std::string pipeline_name, id;
  std::map<std::string, json::value> parameters;

  /// For a step of which the job is called `job_name`.
  Scope scope_of(std::string job_name) const;

 private:
  json::value execution_value(const std::string& name, const std::string& job_name) const;
  json::value step(const std::string& name) const;
  json::value property_file(const std::string& step, const std::string& file) const;
};

}  // namespace engine::sagemaker::pipelines
