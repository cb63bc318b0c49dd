// What each type of step does.
#pragma once

#include "engine/services/sagemaker/pipelines/callbacks.h"
#include "engine/services/sagemaker/pipelines/definition.h"
#include "engine/services/sagemaker/pipelines/resolve.h"
#include "engine/services/sagemaker/pipelines/step_cache.h"
#include "engine/services/sagemaker/pipelines/step_facts.h"
#include "engine/services/sagemaker/state.h"

#include <stop_token>

namespace engine::sagemaker::pipelines {

using StepMetadata = api::PipelineExecutionStepMetadata;

/// A step about to run, and what it tells its execution on the way.
struct StepRun {
  SageMaker::Impl& state;
  const Step& step;
  const Scope& scope;
  const StepCache& cache;
  ProgramDigests& programs;
  Callbacks& callbacks;
  std::string execution_arn;
  std::string job_name;  ///< of the job or model the step makes, if it makes one
  /// The row the last engine left when it went away while the step ran.
  std::optional<api::PipelineExecutionStep> interrupted;
  /// Of a QualityCheck step: what its job is made for, and to be known by.
  std::optional<api::QualityCheckStepMetadata> quality_check;
  std::stop_token stop;  ///< requested when the execution stops, or the engine
  /// The step is under way, and has made what `metadata` names. Durable.
  std::function<void(const StepMetadata& metadata)> made;
  /// The step waits for this job: it is to be stopped when the execution is.
  std::function<void(const std::shared_ptr<JobControl>& job)> waits_for;
};

struct StepResult {
  std::string status;     ///< Succeeded, Failed, Stopped; "" when the engine stops
  std::string reason;     ///< of a failure
  std::string exception;  ///< as retry policies name it; "" when none does
  std::optional<StepMetadata> metadata;
  std::string cached_from;  ///< the execution the result is from
  storage::Batch with;      ///< to be committed with the step's end
};

/// Runs the step to its end. What goes wrong is the result, not an exception.
StepResult run_step(const StepRun& run);

/// The same for the types that make a job. `arguments` are resolved.
StepResult run_job_step(const StepRun& run, json::object arguments);

/// How the job a step made has ended; nothing while it hasn't.
std::optional<StepResult> end_of_job(const SageMaker::Impl& state, const StepMetadata& metadata);

/// What the Describe of the thing a step made answers: Steps.<name> in references. Throws
/// ReferenceError when it has made none.
json::value described(const SageMaker::Impl& state, const Step& step,
                      const api::PipelineExecutionStep& row);

/// An S3 object's bytes as JSON. Throws ReferenceError.
json::value read_json_object(const SageMaker::Impl& state, const std::string& uri);

/// The step's resolved arguments as the request they stand for. Throws AwsError, JsonError.
template <class Request>
Request request_of(const json::object& arguments);

}  // namespace engine::sagemaker::pipelines

#include "engine/protocol/validate.h"
#include "engine/services/sagemaker/errors.h"

#include <boost/json/serialize.hpp>

namespace engine::sagemaker::pipelines {

template <class Request>
Request request_of(const json::object& arguments) {
  Request request;
  Violations violations;
  read_json(shape_of<Request>(), json::serialize(arguments), &request, violations);
  validate(shape_of<Request>(), &request, "", violations);
  if (!violations.empty()) throw validation(violations.message());
  return request;
}

}  // namespace engine::sagemaker::pipelines
