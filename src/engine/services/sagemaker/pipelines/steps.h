// What each type of step does.
#pragma once

#include "engine/services/sagemaker/pipelines/definition.h"
#include "engine/services/sagemaker/pipelines/resolve.h"
#include "engine/services/sagemaker/state.h"

namespace engine::sagemaker::pipelines {

/// A step about to run, and what it tells its execution on the way.
struct StepRun {
  SageMaker::Impl& state;
  const Step& step;
  const Scope& scope;
  std::string execution_id;
  std::string job_name;  ///< of the job or model the step makes, if it makes one
  /// The step has made what `metadata` names.
  std::function<void(const api::PipelineExecutionStepMetadata& metadata)> made;
  /// The step waits for this job: it is to be stopped when the execution is.
  std::function<void(const std::shared_ptr<JobControl>& job)> waits_for;
};

struct StepResult {
  std::string status;  ///< Succeeded, Failed, Stopped; "" when the engine stops
  std::string reason;  ///< of a failure
};

/// Runs the step to its end. What goes wrong is the result, not an exception.
StepResult run_step(const StepRun& run);

/// What the Describe of the thing a step made answers: Steps.<name> in references. Throws
/// ReferenceError when it has made none.
json::value described(const SageMaker::Impl& state, const api::PipelineExecutionStep& step);

/// An S3 object's bytes as JSON. Throws ReferenceError.
json::value read_json_object(const SageMaker::Impl& state, const std::string& uri);

}  // namespace engine::sagemaker::pipelines
