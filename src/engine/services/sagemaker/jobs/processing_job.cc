// Processing jobs: Create, Describe, List, Stop, and the run between them.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/jobs/jobs.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"

#include <boost/json.hpp>

#include <filesystem>
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

void check_input(const api::ProcessingInput& input) {
  // Deviation: inputs come from S3 only, not from Athena or Redshift.
  if (!input.S3Input) {
    throw validation(fmt::format("ProcessingInput \"{}\" has no S3Input.", input.InputName));
  }
  // Deviation: there are no pipes; AWS's Pipe mode is refused.
  if (input.S3Input->S3InputMode == "Pipe") {
    throw validation(fmt::format(
        "ProcessingInput \"{}\": S3InputMode Pipe is not supported, use File.", input.InputName));
  }
  check_s3_uri(input.S3Input->S3Uri);
  check_local_path(input.S3Input->LocalPath.value_or(""));
}

void check(const api::CreateProcessingJobRequest& request) {
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
    if (!output.S3Output) {
      throw validation(fmt::format("ProcessingOutput \"{}\" has no S3Output.", output.OutputName));
    }
    check_s3_uri(output.S3Output->S3Uri);
    check_local_path(output.S3Output->LocalPath.value_or(""));
  }
}

/// The request, as the program may read it.
std::string job_config(const Job& job) {
  const auto request = converted<api::CreateProcessingJobRequest>(job);
  auto config = boost::json::parse(to_json(request)).as_object();
  config["ProcessingJobArn"] = job.ProcessingJobArn;
  return boost::json::serialize(config);
}

void lay_out(const SageMaker::Impl& state, const Job& job, const JobFolder& folder) {
  folder.write("/opt/ml/config/processingjobconfig.json", job_config(job));
  folder.write("/opt/ml/config/resourceconfig.json",
               resource_config(job.ProcessingResources.ClusterConfig.InstanceType));
  std::filesystem::create_directories(folder.place("/opt/ml/output"));
  if (job.ProcessingInputs) {
    for (const auto& input : *job.ProcessingInputs) {
      download(state.s3, input.S3Input->S3Uri, input.S3Input->S3DataType,
               folder.place(*input.S3Input->LocalPath));
    }
  }
  if (job.ProcessingOutputConfig) {
    for (const auto& output : job.ProcessingOutputConfig->Outputs) {
      std::filesystem::create_directories(folder.place(*output.S3Output->LocalPath));
    }
  }
}

Container container_of(const Job& job) {
  Container container{.image = job.AppSpecification.ImageUri,
                      .entrypoint = job.AppSpecification.ContainerEntrypoint.value_or(Words{}),
                      .arguments = job.AppSpecification.ContainerArguments.value_or(Words{})};
  container.environment = job.Environment.value_or(Environment{});
  container.environment.insert({"PROCESSING_JOB_NAME", job.ProcessingJobName});
  return container;
}

/// Deviation: outputs of upload mode Continuous appear at the end of the job, too.
std::vector<s3::NewObject> outputs_of(const Job& job, const JobFolder& folder) {
  std::vector<s3::NewObject> objects;
  if (!job.ProcessingOutputConfig) return objects;
  for (const auto& output : job.ProcessingOutputConfig->Outputs) {
    auto files =
        files_as_objects(folder.filled(*output.S3Output->LocalPath), output.S3Output->S3Uri);
    std::move(files.begin(), files.end(), std::back_inserter(objects));
  }
  return objects;
}

JobEnd run_program(SageMaker::Impl& state, const Job& job, JobControl& control,
                   const JobFolder& folder) {
  lay_out(state, job, folder);
  state.processing_jobs.change(key_of(job.ProcessingJobName, kKind), [&](Job& row) {
    row.ProcessingStartTime = row.LastModifiedTime = state.now();
  });
  JobLog log(state.context, state.logs, kLogGroup,
             job_log_stream(state.context, job.ProcessingJobName));
  const auto limit =
      job.StoppingCondition ? job.StoppingCondition->MaxRuntimeInSeconds : kDefaultMaxRuntime;
  const RunResult result = run_container(state, control, container_of(job), folder, log, limit);
  if (result.how == Ended::kTimedOut) {
    return {.status = "Stopped",
            .reason = fmt::format("ClientError: The job ran longer than MaxRuntimeInSeconds ({}).",
                                  limit),
            .timed_out = true};
  }
  if (result.how == Ended::kStopped) return {.status = "Stopped"};
  if (result.exit.ok()) return {.status = "Completed", .outputs = outputs_of(job, folder)};
  return {.status = "Failed", .reason = algorithm_error(result, folder.read(kMessageFile), log)};
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
  if (job) state.emit("SageMaker Processing Job State Change", to_json(*job));
}

void run(SageMaker::Impl& state, const std::string& key, JobControl& control) {
  const auto job = state.processing_jobs.find(key);
  if (!job) return;
  const JobFolder folder(state.context, "processing-" + job->ProcessingJobName);
  JobEnd end{.status = "Stopped"};
  if (!control.stop_requested()) {
    end = ended_by([&] { return run_program(state, *job, control, folder); });
  }
  if (control.abandoned()) return;
  const std::string message = folder.read(kMessageFile);
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
  check(request);
  auto job = converted<Job>(request);
  const std::string key = key_of(request.ProcessingJobName, kKind);
  job.ProcessingJobArn = state.arn(kKind, key);
  job.ProcessingJobStatus = "InProgress";
  job.CreationTime = state.now();
  job.LastModifiedTime = job.CreationTime;
  if (!state.processing_jobs.insert(key, job)) throw job_name_in_use(job.ProcessingJobArn);
  state.put_tags(job.ProcessingJobArn, request.Tags);
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
    SageMaker& sagemaker, Call&, const api::op::CreateProcessingJob::Input& input) {
  const StartedJob job = start_processing_job(sagemaker.impl(), input);
  job.control->wait_for(sagemaker.impl().settings.create_wait);
  return {.ProcessingJobArn = job.arn};
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
  auto page = list_page(input, std::move(all));
  return {.ProcessingJobSummaries = std::move(page.items), .NextToken = page.next};
}

api::op::StopProcessingJob::Output stop_processing_job(
    SageMaker& sagemaker, Call&, const api::op::StopProcessingJob::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.ProcessingJobName, kKind);
  const auto control = state.pool.find(pool_key(key));
  const auto job = state.processing_jobs.change(key, [&](Job& row) {
    if (row.ProcessingJobStatus != "InProgress" || !control) return;
    row.ProcessingJobStatus = "Stopping";
    row.LastModifiedTime = state.now();
  });
  if (!job) throw no_such_job();
  if (job->ProcessingJobStatus != "Stopping") {
    throw validation(
        fmt::format("The request was rejected because the processing job is in status {}.",
                    job->ProcessingJobStatus));
  }
  if (control) control->request_stop();
  return {};
}

}  // namespace engine::sagemaker
