// Processing jobs: Create, Describe, List, Stop, and the run between them.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/jobs/acting.h"
#include "engine/services/sagemaker/jobs/folder_sync.h"
#include "engine/services/sagemaker/jobs/input_record.h"
#include "engine/services/sagemaker/jobs/jobs.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state_changes.h"

#include <boost/json.hpp>

#include <filesystem>
#include <optional>
#include <set>

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "processing-job";
constexpr const char* kLogGroup = "/aws/sagemaker/ProcessingJobs";
constexpr std::int64_t kDefaultMaxRuntime = 24 * 3600;

using Job = api::DescribeProcessingJobResponse;

std::string pool_key(const std::string& key) { return fmt::format("{}/{}", kKind, key); }

void check_local_path(const std::string& path) {
  const auto normal = std::filesystem::path(path).lexically_normal().string();
  if (normal.starts_with("/opt/ml/processing/")) return;
  throw validation(
      fmt::format("LocalPath \"{}\" must be an absolute path that starts with "
                  "\"/opt/ml/processing/\".",
                  path));
}

void check_s3_uri(const std::string& uri) {
  if (!s3::parse_s3_uri(uri)) throw validation(fmt::format("\"{}\" is not a valid S3 URI.", uri));
}

bool app_managed(const std::optional<bool>& flag) { return flag.value_or(false); }

void check_input(const api::ProcessingInput& input) {
  if (app_managed(input.AppManaged)) return;
  const auto refusal = [&](std::string_view why) {
    return validation(fmt::format("ProcessingInput \"{}\": {}.", input.InputName, why));
  };
  // Deviation: inputs come from S3 only, not from Athena or Redshift.
  if (!input.S3Input) throw refusal("it has no S3Input, DatasetDefinition is not supported");
  // Deviation: there are no pipes; AWS's Pipe mode is refused, and Gzip, which needs it.
  if (input.S3Input->S3InputMode == "Pipe") {
    throw refusal("S3InputMode Pipe is not supported, use File");
  }
  if (input.S3Input->S3CompressionType == "Gzip") {
    throw refusal(
        "S3CompressionType Gzip can only be used with S3InputMode Pipe, which is not "
        "supported");
  }
  check_s3_uri(input.S3Input->S3Uri);
  check_local_path(input.S3Input->LocalPath.value_or(""));
}

void check_output(const api::ProcessingOutput& output) {
  if (app_managed(output.AppManaged)) return;
  if (!output.S3Output) {
    throw validation(fmt::format("ProcessingOutput \"{}\" has no S3Output.", output.OutputName));
  }
  check_s3_uri(output.S3Output->S3Uri);
  check_local_path(output.S3Output->LocalPath.value_or(""));
}

void check(const SageMaker::Impl& state, const api::CreateProcessingJobRequest& request) {
  const auto count = request.ProcessingResources.ClusterConfig.InstanceCount;
  if (count > state.settings.hosts_of_a_job) {
    throw too_many_hosts(count, state.settings.hosts_of_a_job);
  }
  std::set<std::string> names;
  const auto check_name = [&names](const std::string& name) {
    if (!names.insert(name).second)
      throw validation(fmt::format("The name \"{}\" is used twice.", name));
  };
  if (request.ProcessingInputs) {
    for (const auto& input : *request.ProcessingInputs) {
      check_name(input.InputName);
      check_input(input);
    }
  }
  if (!request.ProcessingOutputConfig) return;
  names.clear();
  for (const auto& output : request.ProcessingOutputConfig->Outputs) {
    check_name(output.OutputName);
    check_output(output);
  }
}

/// The request, as the program may read it.
std::string job_config(const Job& job) {
  const auto request = converted<api::CreateProcessingJobRequest>(job);
  auto config = boost::json::parse(to_json(request)).as_object();
  config["ProcessingJobArn"] = job.ProcessingJobArn;
  return boost::json::serialize(config);
}

std::string role_of(const Job& job) { return job.RoleArn.value_or(""); }

Container container_of(const Job& job) {
  Container container{.image = job.AppSpecification.ImageUri,
                      .entrypoint = job.AppSpecification.ContainerEntrypoint.value_or(Words{}),
                      .arguments = job.AppSpecification.ContainerArguments.value_or(Words{})};
  container.environment = job.Environment.value_or(Environment{});
  container.environment.insert({"PROCESSING_JOB_NAME", job.ProcessingJobName});
  container.role = role_of(job);
  return container;
}

/// One process of the job, with its own folder.
struct Host {
  std::string name;
  JobFolder folder;
  JobLog log;
  std::vector<std::unique_ptr<FolderSync>> continuous = {};
};

/// All processes of one run.
class ProcessingRun {
 public:
  ProcessingRun(SageMaker::Impl& state, const Job& job, JobControl& control);

  void lay_out();
  JobEnd run();
  const std::vector<RecordedInput>& inputs() const { return inputs_; }
  std::string message() const { return hosts_.front()->folder.read(kMessageFile); }

 private:
  void lay_out(Host& host, std::size_t index);
  std::vector<s3::NewObject> outputs() const;
  std::vector<api::ProcessingOutput> managed_outputs() const;

  SageMaker::Impl& state_;
  const Job& job_;
  JobControl& control_;
  std::vector<std::string> names_;
  std::optional<HostsFile> hosts_file_;
  std::vector<RecordedInput> inputs_;
  std::vector<std::unique_ptr<Host>> hosts_;
};

ProcessingRun::ProcessingRun(SageMaker::Impl& state, const Job& job, JobControl& control)
    : state_(state), job_(job), control_(control) {
  const auto count = job.ProcessingResources.ClusterConfig.InstanceCount;
  for (std::int64_t i = 1; i <= count; ++i) names_.push_back(fmt::format("algo-{}", i));
  hosts_file_.emplace(
      fmt::format("{}/processing-{}", jobs_folder(state.context), job.ProcessingJobName), names_);
  for (const std::string& name : names_) {
    const std::string folder = host_folder("processing-" + job.ProcessingJobName, name);
    hosts_.push_back(std::unique_ptr<Host>(
        new Host{name, JobFolder(state.context, folder),
                 JobLog(state.context, state.logs,
                        may_log(state.context, role_of(job), kLogGroup, job.ProcessingJobName) ? kLogGroup : "",
                        job_log_stream(state.context, job.ProcessingJobName, name))}));
  }
}

/// Those that the engine uploads; the others are the program's own business.
std::vector<api::ProcessingOutput> ProcessingRun::managed_outputs() const {
  std::vector<api::ProcessingOutput> managed;
  if (!job_.ProcessingOutputConfig) return managed;
  for (const auto& output : job_.ProcessingOutputConfig->Outputs) {
    if (!app_managed(output.AppManaged)) managed.push_back(output);
  }
  return managed;
}

void ProcessingRun::lay_out(Host& host, std::size_t index) {
  const JobFolder& folder = host.folder;
  folder.write("/opt/ml/config/processingjobconfig.json", job_config(job_));
  folder.write(
      "/opt/ml/config/resourceconfig.json",
      resource_config({{kOnlyGroup, job_.ProcessingResources.ClusterConfig.InstanceType, names_}},
                      host.name));
  std::filesystem::create_directories(folder.place("/opt/ml/output"));
  for (const auto& input : job_.ProcessingInputs.value_or(std::vector<api::ProcessingInput>{})) {
    if (app_managed(input.AppManaged)) continue;
    require_listing(state_.context, role_of(job_), input.S3Input->S3Uri);
    auto objects = input_objects(state_.s3, input.S3Input->S3Uri, input.S3Input->S3DataType);
    require_objects(state_.context, role_of(job_), objects);
    if (index == 0) inputs_.push_back(record_of(input.InputName, input.S3Input->S3Uri, objects));
    if (input.S3Input->S3DataDistributionType == "ShardedByS3Key") {
      objects = shard_of(objects, index, hosts_.size());
    }
    lay_out_objects(state_.s3, objects, folder.place(*input.S3Input->LocalPath));
  }
  for (const auto& output : managed_outputs()) {
    const std::string place = folder.place(*output.S3Output->LocalPath);
    std::filesystem::create_directories(place);
    if (output.S3Output->S3UploadMode != "Continuous") continue;
    host.continuous.push_back(std::make_unique<FolderSync>(state_.s3, place, output.S3Output->S3Uri,
                                                           state_.settings.sync_every));
  }
}

void ProcessingRun::lay_out() {
  for (std::size_t i = 0; i < hosts_.size(); ++i) lay_out(*hosts_[i], i);
}

/// Where two hosts left a file of the same name, the first host's stays.
std::vector<s3::NewObject> ProcessingRun::outputs() const {
  std::vector<s3::NewObject> objects;
  std::set<std::pair<std::string, std::string>> places;
  for (const auto& host : hosts_) {
    for (const auto& output : managed_outputs()) {
      auto files = files_as_objects(host->folder.filled(*output.S3Output->LocalPath),
                                    output.S3Output->S3Uri);
      for (auto& file : files) {
        if (places.emplace(file.bucket, file.key).second) objects.push_back(std::move(file));
      }
    }
  }
  return objects;
}

JobEnd ProcessingRun::run() {
  const auto limit =
      job_.StoppingCondition ? job_.StoppingCondition->MaxRuntimeInSeconds : kDefaultMaxRuntime;
  std::vector<jobs::ProcessSpec> specs;
  for (const auto& host : hosts_) {
    specs.push_back(program_of(state_, container_of(job_), host->folder.path()));
    specs.back().hosts = hosts_file_->path();
    specs.back().on_output = [&log = host->log](const std::vector<std::string>& lines) {
      log.take(lines);
    };
  }
  const RunResult result = control_.run(
      std::move(specs),
      run_limits(state_, limit, job_.ProcessingResources.ClusterConfig.VolumeSizeInGB));
  for (const auto& host : hosts_) host->continuous.clear();
  if (result.how == Ended::kWithTheEngine) return {};
  if (result.how == Ended::kTimedOut) {
    return {.status = "Stopped",
            .reason = fmt::format("ClientError: The job ran longer than MaxRuntimeInSeconds ({}).",
                                  limit),
            .timed_out = true};
  }
  if (result.how == Ended::kStopped) return {.status = "Stopped"};
  if (!result.failed()) return {.status = "Completed", .outputs = allowed_outputs(state_.context, role_of(job_), outputs())};
  const Host& host = *hosts_[result.which];
  return {.status = "Failed",
          .reason = algorithm_error(result, host.folder.read(kMessageFile), host.log)};
}

JobEnd run_program(SageMaker::Impl& state, const Job& job, ProcessingRun& processing) {
  processing.lay_out();
  state.processing_jobs.change(
      key_of(job.ProcessingJobName, kKind),
      [&](Job& row) { row.ProcessingStartTime = row.LastModifiedTime = state.now(); },
      [&](storage::Batch batch) {
        add_record(batch, job.ProcessingJobArn, processing.inputs());
        state.context.catalog.commit(std::move(batch));
      });
  return processing.run();
}

/// Outputs and the job's end become visible in one transaction.
void write_end(SageMaker::Impl& state, const std::string& key, JobEnd end,
               const std::string& message) {
  auto outputs = std::move(end.outputs);
  const auto job = state.processing_jobs.change(
      key,
      [&](Job& row) {
        row.ProcessingJobStatus = end.status;
        if (!end.reason.empty()) row.FailureReason = shortened(end.reason);
        if (!message.empty()) row.ExitMessage = message;
        row.ProcessingEndTime = row.LastModifiedTime = state.now();
      },
      [&](storage::Batch batch) { state.s3.put_objects(std::move(outputs), std::move(batch)); });
  if (job) emit_change(state, kProcessingJobEvent, job->ProcessingJobArn, *job);
}

void run(SageMaker::Impl& state, const std::string& key, JobControl& control) {
  const auto job = state.processing_jobs.find(key);
  if (!job) return;
  std::optional<ProcessingRun> processing;  // its folders hold the outputs until they are written
  JobEnd end{.status = "Stopped"};
  if (!control.stop_requested()) {
    end = ended_by(
        [&] { return run_program(state, *job, processing.emplace(state, *job, control)); });
  }
  if (control.abandoned()) return;
  const std::string message = processing ? processing->message() : "";
  try {
    write_end(state, key, std::move(end), message);
  } catch (const AwsError& error) {
    write_end(state, key,
              {.status = "Failed",
               .reason = fmt::format("ClientError: Data upload failed: {}: {}", error.code,
                                     error.what())},
              message);
  }
}

}  // namespace

StartedJob start_processing_job(SageMaker::Impl& state,
                                const api::CreateProcessingJobRequest& request) {
  check(state, request);
  auto job = converted<Job>(request);
  const std::string key = key_of(request.ProcessingJobName, kKind);
  job.ProcessingJobArn = state.arn(kKind, key);
  job.ProcessingJobStatus = "InProgress";
  job.CreationTime = state.now();
  job.LastModifiedTime = job.CreationTime;
  if (!state.processing_jobs.insert(key, job)) throw job_name_in_use(job.ProcessingJobArn);
  state.put_tags(job.ProcessingJobArn, request.Tags);
  emit_change(state, kProcessingJobEvent, job.ProcessingJobArn, job);
  try {
    return {job.ProcessingJobArn,
            state.pool.submit(pool_key(key),
                              [&state, key](JobControl& control) { run(state, key, control); })};
  } catch (const AwsError&) {
    state.processing_jobs.remove(key);
    throw;
  }
}

void fail_interrupted_processing_jobs(SageMaker::Impl& state) {
  for (const auto& job : state.processing_jobs.all()) {
    if (job.ProcessingJobStatus != "InProgress" && job.ProcessingJobStatus != "Stopping") continue;
    const bool stopping = job.ProcessingJobStatus == "Stopping";
    write_end(state, key_of(job.ProcessingJobName, kKind),
              stopping
                  ? JobEnd{.status = "Stopped"}
                  : JobEnd{.status = "Failed",
                           .reason = "InternalServerError: The engine stopped while the job ran."},
              "");
  }
}

api::op::CreateProcessingJob::Output create_processing_job(
    SageMaker& sagemaker, Call& call, const api::op::CreateProcessingJob::Input& input) {
  const StartedJob job = start_processing_job(sagemaker.impl(), input);
  return sagemaker.impl().answer_after(
      call, job.control->ending(),
      api::op::CreateProcessingJob::Output{.ProcessingJobArn = job.arn});
}

api::op::DescribeProcessingJob::Output describe_processing_job(
    SageMaker& sagemaker, Call&, const api::op::DescribeProcessingJob::Input& input) {
  auto job = sagemaker.impl().processing_jobs.find(key_of(input.ProcessingJobName, kKind));
  if (!job) throw no_such_job();
  return *job;
}

api::op::ListProcessingJobs::Output list_processing_jobs(
    SageMaker& sagemaker, Call&, const api::op::ListProcessingJobs::Input& input) {
  std::vector<Listed<api::ProcessingJobSummary>> all;
  for (const Job& job : sagemaker.impl().processing_jobs.all()) {
    all.push_back({converted<api::ProcessingJobSummary>(job), job.ProcessingJobName,
                   job.CreationTime, job.LastModifiedTime.value_or(job.CreationTime),
                   job.ProcessingJobStatus});
  }
  // Verified: oldest first unless asked otherwise, says the API's reference.
  auto page = list_page(input, std::move(all), "Ascending");
  return {.ProcessingJobSummaries = std::move(page.items), .NextToken = page.next};
}

api::op::StopProcessingJob::Output stop_processing_job(
    SageMaker& sagemaker, Call&, const api::op::StopProcessingJob::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.ProcessingJobName, kKind);
  const auto control = state.pool.find(pool_key(key));
  bool stopping = false;
  const auto job = state.processing_jobs.change(key, [&](Job& row) {
    if (row.ProcessingJobStatus != "InProgress" || !control) return;
    stopping = true;
    row.ProcessingJobStatus = "Stopping";
    row.LastModifiedTime = state.now();
  });
  if (!job) throw no_such_job();
  if (job->ProcessingJobStatus != "Stopping") {
    throw validation(
        fmt::format("The request was rejected because the processing job is in status {}.",
                    job->ProcessingJobStatus));
  }
  if (stopping) emit_change(state, kProcessingJobEvent, job->ProcessingJobArn, *job);
  if (control) control->request_stop();
  return {};
}

/// Verified: only what has ended can be deleted; the errors are the API model's.
api::op::DeleteProcessingJob::Output delete_processing_job(
    SageMaker& sagemaker, Call&, const api::op::DeleteProcessingJob::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.ProcessingJobName, kKind);
  const auto job = state.processing_jobs.find(key);
  if (!job) throw job_not_found(state.arn(kKind, key));
  if (job->ProcessingJobStatus == "InProgress" || job->ProcessingJobStatus == "Stopping") {
    throw job_in_use(job->ProcessingJobArn, job->ProcessingJobStatus);
  }
  state.processing_jobs.remove(key);
  state.put_tags(job->ProcessingJobArn, {});
  return {};
}

}  // namespace engine::sagemaker
