// Steps that make a job and wait for its end.
#include "engine/services/sagemaker/jobs/jobs.h"
#include "engine/services/sagemaker/pipelines/acting.h"
#include "engine/services/sagemaker/pipelines/steps.h"

#include <boost/json.hpp>

#include <algorithm>

namespace engine::sagemaker::pipelines {
namespace {

/// A job of any type, as a step sees it.
struct Job {
  std::string kind;  ///< "training-job", in ARNs and of the pool's keys
  std::string arn;
};

std::optional<Job> job_of(const StepMetadata& made) {
  if (made.ProcessingJob) return Job{"processing-job", made.ProcessingJob->Arn.value_or("")};
  if (made.QualityCheck) return Job{"processing-job", made.QualityCheck->CheckJobArn.value_or("")};
  if (made.TrainingJob) return Job{"training-job", made.TrainingJob->Arn.value_or("")};
  if (made.TransformJob) return Job{"transform-job", made.TransformJob->Arn.value_or("")};
  if (made.TuningJob) return Job{"hyper-parameter-tuning-job", made.TuningJob->Arn.value_or("")};
  return std::nullopt;
}

/// As retry policies name the reason; "" when they have no name for it.
std::string exception_of(const std::string& reason) {
  if (reason.starts_with("InternalServerError")) return "SageMaker.JOB_INTERNAL_ERROR";
  if (reason.starts_with("CapacityError")) return "SageMaker.CAPACITY_ERROR";
  if (reason.starts_with("ResourceLimitExceeded")) return "SageMaker.RESOURCE_LIMIT";
  return "";
}

std::optional<StepResult> result_of(const std::string& status,
                                    const std::optional<std::string>& reason) {
  if (status == "InProgress" || status == "Stopping") return std::nullopt;
  if (status == "Completed") return StepResult{.status = "Succeeded"};
  // A job that ran out of time is Stopped, but nobody stopped the step.
  if (status == "Stopped" && !reason) return StepResult{.status = "Stopped"};
  const std::string why = reason.value_or("The job failed.");
  return StepResult{.status = "Failed", .reason = why, .exception = exception_of(why)};
}

struct Started {
  StepMetadata metadata;
  std::shared_ptr<JobControl> control;
};

/// A tuning job's name is that of its training jobs, too, so it has 32 characters at most.
/// Verified: "<12 of the execution>-<8 of the step>-<10>" in AWS's executed notebooks.
std::string short_name(const StepRun& run) {
  const std::string& arn = run.execution_arn;
  std::string part = run.step.name.substr(0, 8);
  std::replace(part.begin(), part.end(), '_', '-');
  while (part.ends_with('-')) part.pop_back();
  return fmt::format("{}-{}-{}", arn.substr(arn.rfind('/') + 1), part,
                     run.state.context.ids.alnum(10));
}

/// Makes the job. Throws AwsError, JsonError.
Started start(const StepRun& run, json::object arguments) {
  auto& state = run.state;
  Started started;
  if (run.step.type == "Processing" || run.quality_check) {
    arguments["ProcessingJobName"] = run.job_name;
    require_call(run, "sagemaker:CreateProcessingJob", state.arn("processing-job", run.job_name), arguments);
    auto job = start_processing_job(state, request_of<api::CreateProcessingJobRequest>(arguments));
    if (run.quality_check) {
      started.metadata.QualityCheck = run.quality_check;
      started.metadata.QualityCheck->CheckJobArn = job.arn;
    } else {
      started.metadata.ProcessingJob = api::ProcessingJobStepMetadata{.Arn = job.arn};
    }
    started.control = std::move(job.control);
  } else if (run.step.type == "Training") {
    arguments["TrainingJobName"] = run.job_name;
    require_call(run, "sagemaker:CreateTrainingJob", state.arn("training-job", run.job_name), arguments);
    auto job = start_training_job(state, request_of<api::CreateTrainingJobRequest>(arguments));
    started.metadata.TrainingJob = api::TrainingJobStepMetadata{.Arn = job.arn};
    started.control = std::move(job.control);
  } else if (run.step.type == "Transform") {
    arguments["TransformJobName"] = run.job_name;
    require_call(run, "sagemaker:CreateTransformJob", state.arn("transform-job", run.job_name), arguments);
    auto job = start_transform_job(state, request_of<api::CreateTransformJobRequest>(arguments));
    started.metadata.TransformJob = api::TransformJobStepMetadata{.Arn = job.arn};
    started.control = std::move(job.control);
  } else {  // Tuning
    arguments["HyperParameterTuningJobName"] = short_name(run);
    require_call(run, "sagemaker:CreateHyperParameterTuningJob",
                 state.arn("hyper-parameter-tuning-job", short_name(run)),
                 arguments.contains("TrainingJobDefinition") && arguments.at("TrainingJobDefinition").is_object()
                     ? arguments.at("TrainingJobDefinition").as_object() : json::object());
    auto job =
        start_tuning_job(state, request_of<api::CreateHyperParameterTuningJobRequest>(arguments));
    started.metadata.TuningJob = api::TuningJobStepMetaData{.Arn = job.arn};
    started.control = std::move(job.control);
  }
  run.made(started.metadata);
  return started;
}

/// The job the last engine's run of the step had made, when it has succeeded or still runs.
std::optional<Started> left_behind(const StepRun& run) {
  if (!run.interrupted || !run.interrupted->Metadata) return std::nullopt;
  const StepMetadata& made = *run.interrupted->Metadata;
  const auto job = job_of(made);
  if (!job) return std::nullopt;
  const auto end = end_of_job(run.state, made);
  if (end && end->status == "Succeeded") return Started{made, nullptr};
  const auto control =
      run.state.pool.find(fmt::format("{}/{}", job->kind, key_of(job->arn, job->kind)));
  return !end && control ? std::optional(Started{made, control}) : std::nullopt;
}

/// Runs the job; the result has its metadata.
StepResult run_job(const StepRun& run, json::object arguments) {
  auto left = left_behind(run);
  const Started job = left ? std::move(*left) : start(run, std::move(arguments));
  if (job.control) {
    run.waits_for(job.control);
    job.control->wait();
    if (job.control->abandoned()) return {};
  }
  StepResult result =
      end_of_job(run.state, job.metadata).value_or(StepResult{"Failed", "The job is gone."});
  result.metadata = job.metadata;
  return result;
}

}  // namespace

std::optional<StepResult> end_of_job(const SageMaker::Impl& state, const StepMetadata& metadata) {
  const auto job = job_of(metadata);
  const std::string key = job ? key_of(job->arn, job->kind) : "";
  if (metadata.ProcessingJob || metadata.QualityCheck) {
    const auto row = state.processing_jobs.find(key);
    if (row) return result_of(row->ProcessingJobStatus, row->FailureReason);
  } else if (metadata.TrainingJob) {
    const auto row = state.training_jobs.find(key);
    if (row && row->SecondaryStatus == "MaxRuntimeExceeded") {
      return StepResult{"Failed", "The job exceeded MaxRuntimeInSeconds."};
    }
    if (row) return result_of(row->TrainingJobStatus, row->FailureReason);
  } else if (metadata.TransformJob) {
    const auto row = state.transform_jobs.find(key);
    if (row) return result_of(row->TransformJobStatus, row->FailureReason);
  } else if (metadata.TuningJob) {
    const auto row = state.tuning_jobs.find(key);
    if (row) return result_of(row->HyperParameterTuningJobStatus, row->FailureReason);
  }
  return StepResult{"Failed", "The job is gone."};
}

StepResult run_job_step(const StepRun& run, json::object arguments) {
  const json::object facts = facts_of(run.state, run.programs, run.step, arguments);
  StepCache::Found found = run.cache.find(run.step, facts);
  StepResult result;
  if (found.metadata) {
    result = {.status = "Succeeded", .metadata = found.metadata, .cached_from = found.source};
  } else {
    result = run_job(run, std::move(arguments));
    if (result.status == "Succeeded") {
      run.cache.remember(result.with, run.step, facts, run.execution_arn, *result.metadata);
    }
  }
  const std::string execution = key_of(run.execution_arn, "pipeline");
  result.with.put(kExplanationsTable, fmt::format("{}/{}", execution, run.step.name),
                  json::serialize(found.explanation));
  return result;
}

}  // namespace engine::sagemaker::pipelines
