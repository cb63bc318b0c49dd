// Training jobs: Create, Describe, List, Stop, and the run between them.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/jobs/archive.h"
#include "engine/services/sagemaker/jobs/jobs.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"

#include <boost/json.hpp>

#include <filesystem>
#include <set>

namespace engine::sagemaker {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kKind = "training-job";
constexpr const char* kLogGroup = "/aws/sagemaker/TrainingJobs";
constexpr std::int64_t kDefaultMaxRuntime = 24 * 3600;

using Job = api::DescribeTrainingJobResponse;

std::string pool_key(const std::string& key) { return fmt::format("{}/{}", kKind, key); }

void check_channel(const api::Channel& channel) {
  // Deviation: channels come from S3 only, as files.
  if (!channel.DataSource.S3DataSource) {
    throw validation(fmt::format("The channel \"{}\" has no S3DataSource.", channel.ChannelName));
  }
  if (channel.InputMode == "Pipe") {
    throw validation(fmt::format("The channel \"{}\": InputMode Pipe is not supported, use File.",
                                 channel.ChannelName));
  }
  if (!s3::parse_s3_uri(channel.DataSource.S3DataSource->S3Uri)) {
    throw validation(
        fmt::format("\"{}\" is not a valid S3 URI.", channel.DataSource.S3DataSource->S3Uri));
  }
}

void check(const api::CreateTrainingJobRequest& request) {
  const auto& algorithm = request.AlgorithmSpecification;
  if (!algorithm || !algorithm->TrainingImage) {
    throw validation("AlgorithmSpecification must name a TrainingImage.");
  }
  if (algorithm->TrainingInputMode == "Pipe") {
    throw validation("TrainingInputMode Pipe is not supported, use File.");
  }
  if (algorithm->MetricDefinitions) check_metrics(*algorithm->MetricDefinitions);
  if (!s3::parse_s3_uri(request.OutputDataConfig.S3OutputPath)) {
    throw validation(
        fmt::format("\"{}\" is not a valid S3 URI.", request.OutputDataConfig.S3OutputPath));
  }
  std::set<std::string> names;
  if (!request.InputDataConfig) return;
  for (const auto& channel : *request.InputDataConfig) {
    if (!names.insert(channel.ChannelName).second) {
      throw validation(fmt::format("The channel name \"{}\" is used twice.", channel.ChannelName));
    }
    check_channel(channel);
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

void enter(SageMaker::Impl& state, const Job& job, const std::string& status,
           const std::string& message) {
  state.training_jobs.change(key_of(job.TrainingJobName, kKind), [&](Job& row) {
    if (row.TrainingJobStatus != "InProgress") return;
    if (status == "Training") row.TrainingStartTime = state.now();
    enter(row, state.now(), status, message);
  });
}

// The container's contract -----------------------------------------------------------------------

/// All values are strings, whatever they stand for.
std::string hyperparameters(const Job& job) {
  json::object values;
  if (job.HyperParameters) {
    for (const auto& [name, value] : *job.HyperParameters) values[name] = value;
  }
  return json::serialize(values);
}

std::string input_data_config(const Job& job) {
  json::object channels;
  if (job.InputDataConfig) {
    for (const auto& channel : *job.InputDataConfig) {
      json::object config{{"TrainingInputMode", "File"},
                          {"S3DistributionType", "FullyReplicated"},
                          {"RecordWrapperType", channel.RecordWrapperType.value_or("None")}};
      if (channel.ContentType) config["ContentType"] = *channel.ContentType;
      channels[channel.ChannelName] = std::move(config);
    }
  }
  return json::serialize(channels);
}

void lay_out(const SageMaker::Impl& state, const Job& job, const JobFolder& folder) {
  const auto& resources = job.ResourceConfig;
  folder.write("/opt/ml/input/config/hyperparameters.json", hyperparameters(job));
  folder.write("/opt/ml/input/config/inputdataconfig.json", input_data_config(job));
  folder.write("/opt/ml/input/config/resourceconfig.json",
               resource_config(resources ? resources->InstanceType.value_or("") : ""));
  for (const char* made : {"/opt/ml/model", "/opt/ml/output/data", "/opt/ml/checkpoints"}) {
    fs::create_directories(folder.place(made));
  }
  if (!job.InputDataConfig) return;
  for (const auto& channel : *job.InputDataConfig) {
    const auto& source = *channel.DataSource.S3DataSource;
    download(state.s3, source.S3Uri, source.S3DataType,
             folder.place("/opt/ml/input/data/" + channel.ChannelName));
  }
}

Container container_of(const Job& job) {
  const auto& algorithm = *job.AlgorithmSpecification;
  Container container{.image = *algorithm.TrainingImage,
                      .entrypoint = algorithm.ContainerEntrypoint.value_or(Words{}),
                      .arguments = algorithm.ContainerArguments.value_or(Words{}),
                      .command = "train"};
  container.environment = job.Environment.value_or(Environment{});
  container.environment.insert(
      {{"TRAINING_JOB_NAME", job.TrainingJobName}, {"TRAINING_JOB_ARN", job.TrainingJobArn}});
  return container;
}

std::string output_uri(const Job& job, std::string_view file) {
  return join_uri(job.OutputDataConfig->S3OutputPath,
                  fmt::format("{}/output/{}", job.TrainingJobName, file));
}

/// The model, even an empty one; and what the program put aside, if anything.
std::vector<s3::NewObject> outputs_of(const Job& job, const JobFolder& folder) {
  std::vector<s3::NewObject> objects;
  const auto pack = [&](const char* from, const std::string& name) {
    const std::string archive = folder.path() + "/" + name;
    pack_folder(folder.filled(from), archive);
    objects.push_back(file_as_object(archive, output_uri(job, name)));
  };
  pack("/opt/ml/model", "model.tar.gz");
  if (!fs::is_empty(folder.filled("/opt/ml/output/data")))
    pack("/opt/ml/output/data", "output.tar.gz");
  return objects;
}

// The run ----------------------------------------------------------------------------------------

JobEnd run_program(SageMaker::Impl& state, const Job& job, JobControl& control,
                   const JobFolder& folder, std::vector<api::MetricData>& metrics) {
  enter(state, job, "Downloading", "Downloading input data");
  lay_out(state, job, folder);
  enter(state, job, "Training", "Training in progress");
  JobLog log(
      state.context, state.logs, kLogGroup, job_log_stream(state.context, job.TrainingJobName),
      job.AlgorithmSpecification->MetricDefinitions.value_or(std::vector<api::MetricDefinition>{}));
  const auto limit = job.StoppingCondition.MaxRuntimeInSeconds.value_or(kDefaultMaxRuntime);
  const RunResult result = run_container(state, control, container_of(job), folder, log, limit);
  metrics = log.metrics();
  if (result.how == Ended::kWithTheEngine) return {};
  if (result.how == Ended::kByItself && !result.exit.ok()) {
    return {.status = "Failed", .reason = algorithm_error(result, folder.read(kFailureFile), log)};
  }
  // A job that was stopped keeps the model it had so far.
  JobEnd end{.status = result.how == Ended::kByItself ? "Completed" : "Stopped"};
  end.outputs = outputs_of(job, folder);
  end.timed_out = result.how == Ended::kTimedOut;
  return end;
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
  if (!end.outputs.empty()) row.ModelArtifacts.S3ModelArtifacts = output_uri(row, "model.tar.gz");
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
  if (job) state.emit("SageMaker Training Job State Change", to_json(*job));
}

void run(SageMaker::Impl& state, const std::string& key, JobControl& control) {
  const auto job = state.training_jobs.find(key);
  if (!job) return;
  const JobFolder folder(state.context, "training-" + job->TrainingJobName);
  std::vector<api::MetricData> metrics;
  JobEnd end{.status = "Stopped"};
  if (!control.stop_requested()) {
    end = ended_by([&] { return run_program(state, *job, control, folder, metrics); });
  }
  if (control.abandoned()) return;
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

}  // namespace

StartedJob start_training_job(SageMaker::Impl& state,
                              const api::CreateTrainingJobRequest& request) {
  check(request);
  auto job = converted<Job>(request);
  const std::string key = key_of(request.TrainingJobName, kKind);
  job.TrainingJobArn = state.arn(kKind, key);
  job.TrainingJobStatus = "InProgress";
  job.CreationTime = state.now();
  if (!job.StoppingCondition.MaxRuntimeInSeconds) {
    job.StoppingCondition.MaxRuntimeInSeconds = kDefaultMaxRuntime;
  }
  enter(job, job.CreationTime, "Starting", "Starting the training job");
  if (!state.training_jobs.insert(key, job)) throw job_name_in_use(job.TrainingJobArn);
  state.put_tags(job.TrainingJobArn, request.Tags);
  state.emit("SageMaker Training Job State Change", to_json(job));
  try {
    return {job.TrainingJobArn,
            state.pool.submit(pool_key(key),
                              [&state, key](JobControl& control) { run(state, key, control); })};
  } catch (const AwsError&) {
    state.training_jobs.remove(key);
    throw;
  }
}

void fail_interrupted_training_jobs(SageMaker::Impl& state) {
  for (const auto& job : state.training_jobs.all()) {
    if (job.TrainingJobStatus != "InProgress" && job.TrainingJobStatus != "Stopping") continue;
    const bool stopping = job.TrainingJobStatus == "Stopping";
    write_end(state, key_of(job.TrainingJobName, kKind),
              stopping
                  ? JobEnd{.status = "Stopped"}
                  : JobEnd{.status = "Failed",
                           .reason = "InternalServerError: The engine stopped while the job ran."});
  }
}

api::op::CreateTrainingJob::Output create_training_job(
    SageMaker& sagemaker, Call&, const api::op::CreateTrainingJob::Input& input) {
  const StartedJob job = start_training_job(sagemaker.impl(), input);
  job.control->wait_for(sagemaker.impl().settings.create_wait);
  return {.TrainingJobArn = job.arn};
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
  auto page = list_page(input, std::move(all));
  return {.TrainingJobSummaries = std::move(page.items), .NextToken = page.next};
}

api::op::StopTrainingJob::Output stop_training_job(SageMaker& sagemaker, Call&,
                                                   const api::op::StopTrainingJob::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.TrainingJobName, kKind);
  const auto control = state.pool.find(pool_key(key));
  const auto job = state.training_jobs.change(key, [&](Job& row) {
    if (row.TrainingJobStatus != "InProgress" || !control) return;
    row.TrainingJobStatus = "Stopping";
    enter(row, state.now(), "Stopping", "Stopping the training job");
  });
  if (!job) throw no_such_job();
  if (job->TrainingJobStatus != "Stopping") {
    throw validation(
        fmt::format("The request was rejected because the training job is in status {}.",
                    job->TrainingJobStatus));
  }
  if (control) control->request_stop();
  return {};
}

}  // namespace engine::sagemaker
