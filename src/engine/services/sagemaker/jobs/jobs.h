// Jobs as pipelines start them: checked and queued, with a hand on each.
#pragma once

#include "engine/models/sagemaker.h"
#include "engine/services/sagemaker/jobs/data.h"
#include "engine/services/sagemaker/jobs/log.h"
#include "engine/services/sagemaker/jobs/program.h"
#include "engine/services/sagemaker/state.h"

namespace engine::sagemaker {

struct StartedJob {
  std::string arn;
  std::shared_ptr<JobControl> control;
};

/// What a training job has beside its request when a tuning job starts it.
struct TrainingExtras {
  std::string tuning_arn;  ///< empty: none
  MetricSink on_metric;    ///< told of the metrics while the job runs
};

/// Check the request, write the job's record, queue it. Throw AwsError.
StartedJob start_processing_job(SageMaker::Impl& state,
                                const api::CreateProcessingJobRequest& request);
StartedJob start_training_job(SageMaker::Impl& state, const api::CreateTrainingJobRequest& request,
                              const TrainingExtras& extras = {});
/// A tuning job: its control is over when all its training jobs are.
StartedJob start_tuning_job(SageMaker::Impl& state,
                            const api::CreateHyperParameterTuningJobRequest& request);
/// Asks a training job that is under way to end. Throws AwsError when it isn't.
void stop_training(SageMaker::Impl& state, std::string_view name);
StartedJob start_transform_job(SageMaker::Impl& state,
                               const api::CreateTransformJobRequest& request);

/// Jobs of an engine that is gone have failed. Training jobs on spot instances, or with retries
/// left, are started again from their checkpoints, as after any interruption; transform jobs are
/// done again, since nothing of their output is seen before their end; tuning jobs go on.
void fail_interrupted_processing_jobs(SageMaker::Impl& state);
void resume_training_jobs(SageMaker::Impl& state);
void resume_tuning_jobs(SageMaker::Impl& state);
void resume_transform_jobs(SageMaker::Impl& state);

/// How a job ended, before it is written down.
struct JobEnd {
  std::string status;  ///< Completed, Failed, Stopped
  std::string reason;  ///< FailureReason
  std::vector<s3::NewObject> outputs;
  bool timed_out = false;
};

inline constexpr const char* kFailureFile = "/opt/ml/output/failure";
inline constexpr const char* kMessageFile = "/opt/ml/output/message";

/// "AlgorithmError: <why>, exit code: 1": what the program wrote down as its reason, else its last
/// line. A program that was held to its memory or its disk is the client's error.
std::string algorithm_error(const RunResult& result, const std::string& written, const JobLog& log);

/// What a job of that runtime and volume may use of what the engine lets it.
RunLimits run_limits(const SageMaker::Impl& state, std::int64_t max_runtime_seconds,
                     std::optional<std::int64_t> volume_gb);

/// Runs `work`, and turns what it throws into the end it means.
JobEnd ended_by(const std::function<JobEnd()>& work);

std::string job_log_stream(const Context& context, std::string_view job,
                           std::string_view host = "algo-1");

}  // namespace engine::sagemaker
