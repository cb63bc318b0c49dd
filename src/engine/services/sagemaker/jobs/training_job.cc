// Training jobs: Create, Describe, List, Stop, and the run between them.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/jobs/acting.h"
#include "engine/services/sagemaker/jobs/jobs.h"
#include "engine/services/sagemaker/jobs/training_run.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state_changes.h"

#include <filesystem>
#include <optional>
#include <set>

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "training-job";
constexpr std::int64_t kDefaultMaxRuntime = 24 * 3600;

using Job = api::DescribeTrainingJobResponse;

std::string pool_key(const std::string& key) { return fmt::format("{}/{}", kKind, key); }

AwsError channel_refusal(const api::Channel& channel, std::string_view why) {
  return validation(fmt::format("The channel \"{}\": {}.", channel.ChannelName, why));
}

void check_channel(const api::Channel& channel, const std::string& default_mode) {
  // Deviation: channels come from S3 only.
  if (!channel.DataSource.S3DataSource) {
    throw channel_refusal(channel, "it has no S3DataSource, others are not supported");
  }
  const auto& source = *channel.DataSource.S3DataSource;
  const bool augmented = source.S3DataType == "AugmentedManifestFile";
  if (!augmented && source.S3DataType != "S3Prefix" && source.S3DataType != "ManifestFile") {
    throw channel_refusal(channel, fmt::format("S3DataType {} is not supported, use S3Prefix, "
                                               "ManifestFile or AugmentedManifestFile",
                                               source.S3DataType));
  }
  if (!s3::parse_s3_uri(source.S3Uri)) {
    throw validation(fmt::format("\"{}\" is not a valid S3 URI.", source.S3Uri));
  }
  const bool pipe = channel.InputMode.value_or(default_mode) == "Pipe";
  if (augmented && !pipe) {
    throw channel_refusal(channel, "an AugmentedManifestFile needs the input mode Pipe");
  }
  if (augmented && (!source.AttributeNames || source.AttributeNames->empty())) {
    throw channel_refusal(channel, "an AugmentedManifestFile needs AttributeNames");
  }
  if (!pipe && channel.RecordWrapperType == "RecordIO") {
    throw channel_refusal(channel, "RecordWrapperType RecordIO needs the input mode Pipe");
  }
}

/// The instance groups a channel is for are the job's.
void check_groups(const api::CreateTrainingJobRequest& request, const api::Channel& channel) {
  const auto& wanted = channel.DataSource.S3DataSource->InstanceGroupNames;
  if (!wanted) return;
  std::set<std::string> names;
  if (request.ResourceConfig && request.ResourceConfig->InstanceGroups) {
    for (const auto& group : *request.ResourceConfig->InstanceGroups) {
      names.insert(group.InstanceGroupName);
    }
  }
  for (const std::string& name : *wanted) {
    if (!names.contains(name)) {
      throw channel_refusal(channel, fmt::format("there is no instance group \"{}\"", name));
    }
  }
}

void check_stopping(const api::CreateTrainingJobRequest& request) {
  const auto& stopping = request.StoppingCondition;
  const auto max_wait = stopping ? stopping->MaxWaitTimeInSeconds : std::nullopt;
  if (!request.EnableManagedSpotTraining.value_or(false)) {
    if (!max_wait) return;
    throw validation(
        "MaxWaitTimeInSeconds above 0 is not allowed when EnableManagedSpotTraining is false.");
  }
  const std::int64_t max_runtime =
      stopping ? stopping->MaxRuntimeInSeconds.value_or(kDefaultMaxRuntime) : kDefaultMaxRuntime;
  if (!max_wait || *max_wait < max_runtime) {
    throw validation(
        "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
        "MaxRuntimeInSeconds.");
  }
}

void check_places(const api::CreateTrainingJobRequest& request) {
  const auto check_uri = [](const std::string& uri) {
    if (!s3::parse_s3_uri(uri)) throw validation(fmt::format("\"{}\" is not a valid S3 URI.", uri));
  };
  check_uri(request.OutputDataConfig.S3OutputPath);
  if (!request.CheckpointConfig) return;
  check_uri(request.CheckpointConfig->S3Uri);
  const std::string path = request.CheckpointConfig->LocalPath.value_or("/opt/ml/checkpoints");
  const auto normal = std::filesystem::path(path).lexically_normal().string();
  // Deviation: a job's own files are all below /opt/ml.
  if (!normal.starts_with("/opt/ml/") || normal.starts_with("/opt/ml/input")) {
    throw validation(
        fmt::format("The checkpoints' LocalPath \"{}\" must be below /opt/ml, and not "
                    "below /opt/ml/input.",
                    path));
  }
}

void check_hosts(const SageMaker::Impl& state, const api::CreateTrainingJobRequest& request) {
  if (!request.ResourceConfig) return;
  auto count = request.ResourceConfig->InstanceCount.value_or(1);
  const auto& groups = request.ResourceConfig->InstanceGroups;
  if (groups && !groups->empty()) {
    if (request.ResourceConfig->InstanceCount || request.ResourceConfig->InstanceType) {
      throw validation(
          "ResourceConfig must have either InstanceGroups or InstanceType and InstanceCount.");
    }
    count = 0;
    std::set<std::string> names;
    for (const auto& group : *groups) {
      count += group.InstanceCount;
      if (!names.insert(group.InstanceGroupName).second) {
        throw validation(
            fmt::format("The instance group \"{}\" is named twice.", group.InstanceGroupName));
      }
    }
  }
  if (count > state.settings.hosts_of_a_job) {
    throw too_many_hosts(count, state.settings.hosts_of_a_job);
  }
}

void check(const SageMaker::Impl& state, const api::CreateTrainingJobRequest& request) {
  const auto& algorithm = request.AlgorithmSpecification;
  if (!algorithm || !algorithm->TrainingImage) {
    throw validation("AlgorithmSpecification must name a TrainingImage.");
  }
  if (algorithm->MetricDefinitions) check_metrics(*algorithm->MetricDefinitions);
  check_places(request);
  check_stopping(request);
  check_hosts(state, request);
  std::set<std::string> names;
  if (!request.InputDataConfig) return;
  for (const auto& channel : *request.InputDataConfig) {
    if (!names.insert(channel.ChannelName).second) {
      throw validation(fmt::format("The channel name \"{}\" is used twice.", channel.ChannelName));
    }
    check_channel(channel, algorithm->TrainingInputMode);
    check_groups(request, channel);
  }
}

/// Closes the secondary status the job is in and opens the next.
void enter(Job& job, Timestamp now, const std::string& status, const std::string& message) {
  auto& transitions = job.SecondaryStatusTransitions ? *job.SecondaryStatusTransitions
                                                     : job.SecondaryStatusTransitions.emplace();
  if (!transitions.empty() && !transitions.back().EndTime) transitions.back().EndTime = now;
  transitions.push_back({.Status = status, .StartTime = now, .StatusMessage = message});
  job.SecondaryStatus = status;
  job.LastModifiedTime = now;
}

/// With `inputs`, their record is written in the same transaction.
void enter(SageMaker::Impl& state, const Job& job, const std::string& status,
           const std::string& message, const std::vector<RecordedInput>& inputs = {}) {
  state.training_jobs.change(
      key_of(job.TrainingJobName, kKind),
      [&](Job& row) {
        if (row.TrainingJobStatus != "InProgress") return;
        if (status == "Training") row.TrainingStartTime = state.now();
        enter(row, state.now(), status, message);
      },
      [&](storage::Batch batch) {
        if (!inputs.empty()) add_record(batch, job.TrainingJobArn, inputs);
        state.context.catalog.commit(std::move(batch));
      });
}

// The run ----------------------------------------------------------------------------------------

JobEnd run_program(SageMaker::Impl& state, const Job& job, TrainingRun& training) {
  enter(state, job, "Downloading", "Downloading input data");
  training.lay_out();
  enter(state, job, "Training", "Training in progress", training.inputs());
  return training.run();
}

void enter_end(Job& row, const JobEnd& end, Timestamp now) {
  if (!end.outputs.empty()) enter(row, now, "Uploading", "Uploading generated training model");
  if (end.timed_out) {
    enter(row, now, "MaxRuntimeExceeded", "Training job runtime exceeded MaxRuntimeInSeconds");
  } else if (end.status == "Completed") {
    enter(row, now, "Completed", "Training job completed");
  } else {
    enter(row, now, end.status,
          end.status == "Failed" ? "Training job failed" : "Training job stopped");
  }
  row.SecondaryStatusTransitions->back().EndTime = now;
  row.TrainingJobStatus = end.status;
  row.TrainingEndTime = now;
  if (!end.reason.empty()) row.FailureReason = shortened(end.reason);
  if (!end.outputs.empty()) {
    const bool packed = row.OutputDataConfig->CompressionType != "NONE";
    row.ModelArtifacts.S3ModelArtifacts =
        training_output_uri(row, packed ? "model.tar.gz" : "model/");
  }
  if (row.TrainingStartTime) {
    const auto seconds =
        std::chrono::ceil<std::chrono::seconds>(now - *row.TrainingStartTime).count();
    row.TrainingTimeInSeconds = row.BillableTimeInSeconds = std::max<std::int64_t>(1, seconds);
  }
}

/// Outputs and the job's end become visible in one transaction.
void write_end(SageMaker::Impl& state, const std::string& key, JobEnd end,
               const std::vector<api::MetricData>& metrics = {}) {
  const auto job = state.training_jobs.change(
      key,
      [&](Job& row) {
        enter_end(row, end, state.now());
        if (!metrics.empty()) row.FinalMetricDataList = metrics;
      },
      [&](storage::Batch batch) {
        state.s3.put_objects(std::move(end.outputs), std::move(batch));
      });
  if (job) emit_change(state, kTrainingJobEvent, job->TrainingJobArn, *job);
}

/// Values of metrics go to CloudWatch as they are seen, and to who else wants them.
MetricSink metric_sink(const SageMaker::Impl& state, const Job& row, MetricSink other) {
  const std::string job = row.TrainingJobName;
  const bool allowed = may_measure(state.context, row.RoleArn.value_or(""), "/aws/sagemaker/TrainingJobs");
  return [&state, job, allowed, other = std::move(other)](const api::MetricData& metric) {
    if (allowed) state.context.meter({"/aws/sagemaker/TrainingJobs", *metric.MetricName, "TrainingJobName", job,
                         *metric.Value, "None"});
    if (other) other(metric);
  };
}

void run(SageMaker::Impl& state, const std::string& key, JobControl& control,
         const MetricSink& on_metric) {
  const auto job = state.training_jobs.find(key);
  if (!job) return;
  std::optional<TrainingRun> training;  // its folders hold the outputs until they are written
  JobEnd end{.status = "Stopped"};
  if (!control.stop_requested()) {
    end = ended_by([&] {
      training.emplace(state, *job, control, metric_sink(state, *job, on_metric));
      return run_program(state, *job, *training);
    });
  }
  if (control.abandoned()) return;
  const auto metrics = training ? training->metrics() : std::vector<api::MetricData>{};
  try {
    write_end(state, key, std::move(end), metrics);
  } catch (const AwsError& error) {
    write_end(state, key,
              {.status = "Failed",
               .reason = fmt::format("ClientError: Data upload failed: {}: {}", error.code,
                                     error.what())},
              metrics);
  }
}

std::shared_ptr<JobControl> submit(SageMaker::Impl& state, const std::string& key,
                                   const MetricSink& on_metric = {}) {
  return state.pool.submit(pool_key(key), [&state, key, on_metric](JobControl& control) {
    run(state, key, control, on_metric);
  });
}

}  // namespace

StartedJob start_training_job(SageMaker::Impl& state, const api::CreateTrainingJobRequest& request,
                              const TrainingExtras& extras) {
  check(state, request);
  auto job = converted<Job>(request);
  const std::string key = key_of(request.TrainingJobName, kKind);
  job.TrainingJobArn = state.arn(kKind, key);
  job.TrainingJobStatus = "InProgress";
  job.CreationTime = state.now();
  if (!extras.tuning_arn.empty()) job.TuningJobArn = extras.tuning_arn;
  if (!job.StoppingCondition.MaxRuntimeInSeconds) {
    job.StoppingCondition.MaxRuntimeInSeconds = kDefaultMaxRuntime;
  }
  const auto metrics = metric_definitions(*job.AlgorithmSpecification);
  if (!metrics.empty()) job.AlgorithmSpecification->MetricDefinitions = metrics;
  enter(job, job.CreationTime, "Starting", "Starting the training job");
  if (!state.training_jobs.insert(key, job)) throw job_name_in_use(job.TrainingJobArn);
  state.put_tags(job.TrainingJobArn, request.Tags);
  emit_change(state, kTrainingJobEvent, job.TrainingJobArn, job);
  try {
    return {job.TrainingJobArn, submit(state, key, extras.on_metric)};
  } catch (const AwsError&) {
    state.training_jobs.remove(key);
    throw;
  }
}

namespace {

/// Jobs that AWS would start again after an interruption: those of spot instances, and those with
/// retries, as often as they have. A tuning job looks after its own.
bool starts_again(const Job& job) {
  if (job.TrainingJobStatus == "Stopping" || job.TuningJobArn) return false;
  if (job.EnableManagedSpotTraining.value_or(false)) return true;
  std::int64_t before = 0;
  for (const auto& transition : *job.SecondaryStatusTransitions) {
    before += transition.Status == "Interrupted" ? 1 : 0;
  }
  return job.RetryStrategy && before < job.RetryStrategy->MaximumRetryAttempts;
}

void start_again(SageMaker::Impl& state, const std::string& key) {
  state.training_jobs.change(key, [&](Job& row) {
    enter(row, state.now(), "Interrupted", "The engine stopped while the job ran");
    enter(row, state.now(), "Starting", "Starting the training job again");
  });
  submit(state, key);
}

}  // namespace

void resume_training_jobs(SageMaker::Impl& state) {
  for (const auto& job : state.training_jobs.all()) {
    if (job.TrainingJobStatus != "InProgress" && job.TrainingJobStatus != "Stopping") continue;
    const std::string key = key_of(job.TrainingJobName, kKind);
    if (starts_again(job)) {
      start_again(state, key);
      continue;
    }
    const bool stopping = job.TrainingJobStatus == "Stopping";
    write_end(state, key,
              stopping
                  ? JobEnd{.status = "Stopped"}
                  : JobEnd{.status = "Failed",
                           .reason = "InternalServerError: The engine stopped while the job ran."});
  }
}

void stop_training(SageMaker::Impl& state, std::string_view name) {
  const std::string key = key_of(name, kKind);
  const auto control = state.pool.find(pool_key(key));
  bool stopping = false;
  const auto job = state.training_jobs.change(key, [&](Job& row) {
    if (row.TrainingJobStatus != "InProgress" || !control) return;
    stopping = true;
    row.TrainingJobStatus = "Stopping";
    enter(row, state.now(), "Stopping", "Stopping the training job");
  });
  if (!job) throw no_such_job();
  if (job->TrainingJobStatus != "Stopping") {
    throw validation(
        fmt::format("The request was rejected because the training job is in status {}.",
                    job->TrainingJobStatus));
  }
  if (stopping) emit_change(state, kTrainingJobEvent, job->TrainingJobArn, *job);
  if (control) control->request_stop();
}

api::op::CreateTrainingJob::Output create_training_job(
    SageMaker& sagemaker, Call& call, const api::op::CreateTrainingJob::Input& input) {
  const StartedJob job = start_training_job(sagemaker.impl(), input);
  return sagemaker.impl().answer_after(
      call, job.control->ending(), api::op::CreateTrainingJob::Output{.TrainingJobArn = job.arn});
}

api::op::DescribeTrainingJob::Output describe_training_job(
    SageMaker& sagemaker, Call&, const api::op::DescribeTrainingJob::Input& input) {
  auto job = sagemaker.impl().training_jobs.find(key_of(input.TrainingJobName, kKind));
  if (!job) throw no_such_job();
  return *job;
}

api::op::ListTrainingJobs::Output list_training_jobs(
    SageMaker& sagemaker, Call&, const api::op::ListTrainingJobs::Input& input) {
  std::vector<Listed<api::TrainingJobSummary>> all;
  for (const Job& job : sagemaker.impl().training_jobs.all()) {
    all.push_back({converted<api::TrainingJobSummary>(job), job.TrainingJobName, job.CreationTime,
                   job.LastModifiedTime.value_or(job.CreationTime), job.TrainingJobStatus});
  }
  // Verified: the API's reference names Ascending as the default, but of a request without an order
  // says that jobs come "from the most current to the oldest"; the latter is what clients rely on.
  auto page = list_page(input, std::move(all));
  return {.TrainingJobSummaries = std::move(page.items), .NextToken = page.next};
}

api::op::StopTrainingJob::Output stop_training_job(SageMaker& sagemaker, Call&,
                                                   const api::op::StopTrainingJob::Input& input) {
  stop_training(sagemaker.impl(), input.TrainingJobName);
  return {};
}

/// Verified: only what has ended can be deleted; the errors are the API model's.
api::op::DeleteTrainingJob::Output delete_training_job(
    SageMaker& sagemaker, Call&, const api::op::DeleteTrainingJob::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.TrainingJobName, kKind);
  const auto job = state.training_jobs.find(key);
  if (!job) throw job_not_found(state.arn(kKind, key));
  if (job->TrainingJobStatus == "InProgress" || job->TrainingJobStatus == "Stopping") {
    throw job_in_use(job->TrainingJobArn, job->TrainingJobStatus);
  }
  state.training_jobs.remove(key);
  state.put_tags(job->TrainingJobArn, {});
  return {};
}

}  // namespace engine::sagemaker
