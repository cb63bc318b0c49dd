// Transform jobs: Create, Describe, List, Stop, and the run between them.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/hosting/models.h"
#include "engine/services/sagemaker/hosting/server.h"
#include "engine/services/sagemaker/jobs/acting.h"
#include "engine/services/sagemaker/jobs/input_record.h"
#include "engine/services/sagemaker/jobs/jobs.h"
#include "engine/services/sagemaker/jobs/transform_data.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state_changes.h"
#include "lib/io/file.h"

#include <boost/json.hpp>
#include <fcntl.h>

#include <deque>
#include <filesystem>
#include <future>

namespace engine::sagemaker {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKind = "transform-job";
constexpr const char* kLogGroup = "/aws/sagemaker/TransformJobs";
constexpr std::int64_t kDefaultPayload = 6, kMostPayload = 100;  // MB
constexpr std::int64_t kDefaultTimeout = 600, kDefaultRetries = 3;
constexpr std::uint64_t kNoLimit = 1 << 30;  // of a payload, where the job asks for none

using Job = api::DescribeTransformJobResponse;

std::string pool_key(const std::string& key) { return fmt::format("{}/{}", kKind, key); }

std::string pretty_strategy(const Job& job) {
  return job.BatchStrategy == "SingleRecord" ? "SINGLE_RECORD" : "MULTI_RECORD";
}

// What is refused --------------------------------------------------------------------------------

JsonPath path_of(const std::optional<std::string>& text) try {
  return JsonPath(text && !text->empty() ? *text : "$");
} catch (const std::invalid_argument& error) {
  throw validation(fmt::format("The JSONPath of DataProcessing is not valid: {}.", error.what()));
}

void check_source(const api::CreateTransformJobRequest& request) {
  const auto& source = request.TransformInput.DataSource.S3DataSource;
  // Deviation: no augmented manifests and no Converse records.
  if (source.S3DataType != "S3Prefix" && source.S3DataType != "ManifestFile") {
    throw validation(fmt::format("S3DataType {} is not supported, use S3Prefix or ManifestFile.",
                                 source.S3DataType));
  }
  for (const auto& uri : {source.S3Uri, request.TransformOutput.S3OutputPath}) {
    if (!s3::parse_s3_uri(uri)) throw validation(fmt::format("\"{}\" is not a valid S3 URI.", uri));
  }
}

void check_payload(const api::CreateTransformJobRequest& request) {
  const std::int64_t payload = request.MaxPayloadInMB.value_or(kDefaultPayload);
  const std::int64_t at_once = request.MaxConcurrentTransforms.value_or(1);
  if (payload > kMostPayload || payload * at_once > kMostPayload) {
    throw validation(
        fmt::format("MaxPayloadInMB ({}), and MaxConcurrentTransforms times MaxPayloadInMB, must "
                    "not exceed {} MB.",
                    payload, kMostPayload));
  }
}

void check_data_processing(const api::CreateTransformJobRequest& request) {
  if (!request.DataProcessing) return;
  const auto& asked = *request.DataProcessing;
  const bool input = !path_of(asked.InputFilter).whole();
  const bool output = !path_of(asked.OutputFilter).whole();
  if (!input && !output && asked.JoinSource != "Input") return;
  const std::string type = base::to_lower(request.TransformInput.ContentType.value_or(""));
  const bool csv = type.starts_with("text/csv"), json = type.starts_with("application/json");
  if (!csv && !json && type != "application/x-jsonlines") {
    throw validation(
        "DataProcessing needs a ContentType of text/csv, application/json or "
        "application/jsonlines.");
  }
  const std::string split = request.TransformInput.SplitType.value_or("None");
  if (split != "Line" && !(split == "None" && type.starts_with("application/json") &&
                           !type.starts_with("application/jsonlines"))) {
    throw validation(
        "DataProcessing needs SplitType Line, or None when the ContentType is application/json.");
  }
}

void check(const SageMaker::Impl& state, const api::CreateTransformJobRequest& request) {
  check_source(request);
  check_payload(request);
  check_data_processing(request);
  if (request.BatchStrategy == "SingleRecord" &&
      request.TransformInput.SplitType.value_or("None") == "None") {
    throw validation("BatchStrategy SingleRecord needs a SplitType of Line, RecordIO or TFRecord.");
  }
  // Deviation: the requests and answers of a transform are not captured.
  if (request.DataCaptureConfig) throw validation("DataCaptureConfig is not supported.");
  if (!state.models.has(key_of(request.ModelName, "model"))) {
    throw could_not_find("model", state.arn("model", request.ModelName));
  }
}

// The run ----------------------------------------------------------------------------------------

TransformRules rules_of(const Job& job) {
  const auto& input = job.TransformInput;
  const std::int64_t payload = job.MaxPayloadInMB.value_or(kDefaultPayload);
  TransformRules rules{
      .content_type = input.ContentType.value_or(""),
      .accept = job.TransformOutput->Accept.value_or(""),
      .single_record = job.BatchStrategy == "SingleRecord",
      .max_payload_bytes = payload == 0 ? kNoLimit : static_cast<std::uint64_t>(payload) << 20,
      .lines = job.TransformOutput->AssembleWith == "Line",
      .split = input.SplitType.value_or("None") != "None"};
  if (job.DataProcessing) {
    rules.input_filter = path_of(job.DataProcessing->InputFilter);
    rules.output_filter = path_of(job.DataProcessing->OutputFilter);
    rules.join = job.DataProcessing->JoinSource == "Input";
  }
  return rules;
}

/// The model said no, or nothing; AWS tells of it in the data log and says whose fault it was.
struct Refusal : std::runtime_error {
  Refusal(int status, const std::string& message) : std::runtime_error(message), status(status) {}
  int status;
  const char* whose() const { return status >= 400 && status < 500 ? "Client" : "Algorithm"; }
};

/// The serving process of one job, and all that is the same for each of its objects.
class Transform {
 public:
  Transform(SageMaker::Impl& state, const Job& job, JobControl& control)
      : state_(state),
        job_(job),
        control_(control),
        rules_(rules_of(job)),
        stream_(fmt::format("{}/i-{}-{}", job.TransformJobName, state.context.ids.hex(17),
                            state.now().time_since_epoch().count())),
        data_log_(state.context, state.logs, kLogGroup, stream_ + "/data-log"),
        folder_(state.context, "transform-data-" + job.TransformJobName) {}

  JobEnd run();

 private:
  ServedModel model() const;
  void start();
  int concurrency();
  std::string ask(const Batch& batch);
  void transform(const InputObject& input, const std::string& path);
  bool try_object(const InputObject& input, JobEnd& end);
  void note(const std::string& line) { data_log_.take({"[sagemaker logs]: " + line}); }

  SageMaker::Impl& state_;
  const Job& job_;
  JobControl& control_;
  const TransformRules rules_;
  const std::string stream_;
  JobLog data_log_;
  const JobFolder folder_;
  std::unique_ptr<Server> server_;
  int at_once_ = 1;
  std::string fault_;  ///< "ClientError: …" of the first object that failed
};

ServedModel Transform::model() const {
  ServedModel model = served_model(state_, job_.ModelName);
  auto& environment = model.container.environment;
  for (const auto& [name, value] : job_.Environment.value_or(Environment{})) {
    environment[name] = value;
  }
  environment["SAGEMAKER_BATCH"] = "True";
  environment["SAGEMAKER_MAX_PAYLOAD_IN_MB"] =
      std::to_string(job_.MaxPayloadInMB.value_or(kDefaultPayload));
  environment["SAGEMAKER_BATCH_STRATEGY"] = pretty_strategy(job_);
  environment["SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"] =
      std::to_string(std::max<std::int64_t>(1, job_.MaxConcurrentTransforms.value_or(1)));
  return model;
}

void Transform::start() {
  const auto& client = job_.ModelClientConfig;
  const std::int64_t timeout =
      client ? client->InvocationsTimeoutInSeconds.value_or(kDefaultTimeout) : kDefaultTimeout;
  server_ =
      std::make_unique<Server>(state_,
                               ServerPlace{.folder = "transform-" + job_.TransformJobName,
                                           .log_group = kLogGroup,
                                           .log_stream = stream_,
                                           .invocation_timeout = std::chrono::seconds(timeout)},
                               model());
  try {
    server_->wait_until_healthy(state_.settings.ping_patience, control_.token());
  } catch (const ClientError& error) {
    throw Refusal(0, error.what());
  }
  at_once_ = concurrency();
  note(fmt::format("MaxConcurrentTransforms={}, MaxPayloadInMB={}, BatchStrategy={}", at_once_,
                   job_.MaxPayloadInMB.value_or(kDefaultPayload), pretty_strategy(job_)));
}

/// What the job asks for, else what the container says it can do, else one.
int Transform::concurrency() {
  if (const auto asked = job_.MaxConcurrentTransforms; asked && *asked > 0) {
    return static_cast<int>(*asked);
  }
  try {
    const auto answer = server_->get("/execution-parameters");
    if (answer.status != 200) return 1;
    const auto said = boost::json::parse(answer.body.string());
    return std::clamp(said.at("MaxConcurrentTransforms").to_number<int>(), 1, 100);
  } catch (const std::exception&) {
    return 1;  // the path is optional, and so is what it answers
  }
}

/// One request, again when the container failed and may be asked again.
std::string Transform::ask(const Batch& batch) {
  http::Request request;
  if (!rules_.content_type.empty()) request.headers.add("Content-Type", rules_.content_type);
  if (!rules_.accept.empty()) request.headers.add("Accept", rules_.accept);
  request.body = http::Body(batch.payload);
  const auto& client = job_.ModelClientConfig;
  auto tries = client ? client->InvocationsMaxRetries.value_or(kDefaultRetries) : kDefaultRetries;
  for (;; --tries) {
    try {
      const http::Response response = server_->invoke(request);
      const std::string body = response.body.string();
      if (response.status == 204) return assembled(rules_, batch, "", "text/csv");
      if (response.status < 300) {
        return assembled(rules_, batch, body, response.headers.get("Content-Type"));
      }
      if (response.status < 500 || tries <= 0) throw Refusal(response.status, body);
    } catch (const http::ConnectionError& error) {
      if (tries <= 0 || !server_->running() || control_.token().stop_requested()) {
        throw Refusal(0, fmt::format("Unable to get response from algorithm: {}", error.what()));
      }
    }
  }
}

/// All of an object's batches, some at once, their answers in order.
void Transform::transform(const InputObject& input, const std::string& path) {
  http::Body body = state_.s3.body(input.object);
  if (job_.TransformInput.CompressionType == "Gzip") {
    const std::string plain = folder_.path() + "/plain";
    copy_object(state_.s3, input, plain, true);
    body = http::Body::spooled(plain, fs::file_size(plain));
  }
  RecordReader records(body, job_.TransformInput.SplitType.value_or("None"),
                       rules_.max_payload_bytes);
  BatchReader batches(records, rules_);
  const io::File output = io::open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
  std::uint64_t written = 0;
  std::deque<std::future<std::string>> asked;
  const auto take_one = [&] {
    const std::string answer = asked.front().get();
    asked.pop_front();
    io::write_at(output, answer, written);
    written += answer.size();
  };
  while (auto batch = batches.next()) {
    if (control_.token().stop_requested()) break;
    if (asked.size() >= static_cast<std::size_t>(at_once_)) take_one();
    asked.push_back(
        std::async(std::launch::async, [this, batch = std::move(*batch)] { return ask(batch); }));
  }
  while (!asked.empty()) take_one();
}

/// False when the object failed: the others are transformed nevertheless.
bool Transform::try_object(const InputObject& input, JobEnd& end) {
  const std::string path = fmt::format("{}/{}.out", folder_.path(), end.outputs.size());
  const std::string name = fmt::format("{}/{}", input.bucket, input.object.key);
  try {
    transform(input, path);
    end.outputs.push_back(
        file_as_object(path, join_uri(job_.TransformOutput->S3OutputPath, input.name + ".out")));
    return true;
  } catch (const Refusal& refusal) {
    note(refusal.status != 0 ? fmt::format("{}: {}Error: {}", name, refusal.whose(), refusal.status)
                             : fmt::format("{}: AlgorithmError", name));
    note(fmt::format("{}: Message: {}", name, refusal.what()));
    if (fault_.empty()) fault_ = fmt::format("{}Error", refusal.whose());
  } catch (const ClientError& error) {
    note(fmt::format("{}: ClientError: {}", name, error.what()));
    if (fault_.empty()) fault_ = "ClientError";
  }
  return false;
}

JobEnd Transform::run() {
  const auto& source = job_.TransformInput.DataSource.S3DataSource;
  const std::string role = model().container.role;
  require_listing(state_.context, role, source.S3Uri);
  const auto inputs = input_objects(state_.s3, source.S3Uri, source.S3DataType);
  require_objects(state_.context, role, inputs);
  storage::Batch record;
  add_record(record, job_.TransformJobArn, {record_of("input", source.S3Uri, inputs)});
  state_.context.catalog.commit(std::move(record));
  JobEnd end{.status = "Completed"};
  try {
    start();
  } catch (const Refusal& refusal) {
    if (control_.token().stop_requested()) return {.status = "Stopped"};
    return {.status = "Failed", .reason = fmt::format("AlgorithmError: {}", refusal.what())};
  }
  for (const InputObject& input : inputs) {
    if (control_.token().stop_requested()) return {.status = "Stopped"};
    if (!try_object(input, end)) end.status = "Failed";
    // A process that is gone answers for none of the others.
    if (!server_->running()) break;
  }
  if (control_.token().stop_requested()) return {.status = "Stopped"};
  end.outputs = allowed_outputs(state_.context, role, std::move(end.outputs));
  if (end.status == "Failed") end.reason = fault_ + ": See job logs for more information";
  return end;
}

/// Outputs and the job's end become visible in one transaction.
void write_end(SageMaker::Impl& state, const std::string& key, JobEnd end) {
  auto outputs = std::move(end.outputs);
  const auto job = state.transform_jobs.change(
      key,
      [&](Job& row) {
        row.TransformJobStatus = end.status;
        if (!end.reason.empty()) row.FailureReason = shortened(end.reason);
        row.TransformEndTime = state.now();
      },
      [&](storage::Batch batch) { state.s3.put_objects(std::move(outputs), std::move(batch)); });
  if (job) emit_change(state, kTransformJobEvent, job->TransformJobArn, *job);
}

void run(SageMaker::Impl& state, const std::string& key, JobControl& control) {
  const auto job =
      state.transform_jobs.change(key, [&](Job& row) {
    if (!row.TransformStartTime) row.TransformStartTime = state.now();
  });
  if (!job) return;
  JobEnd end{.status = "Stopped"};
  std::optional<Transform> transform;  // its folder holds the outputs until they are written
  if (!control.stop_requested()) {
    end = ended_by([&] { return transform.emplace(state, *job, control).run(); });
  }
  if (control.abandoned()) return;
  try {
    write_end(state, key, std::move(end));
  } catch (const AwsError& error) {
    write_end(state, key,
              {.status = "Failed",
               .reason = fmt::format("ClientError: Data upload failed: {}: {}", error.code,
                                     error.what())});
  }
}

std::shared_ptr<JobControl> submit(SageMaker::Impl& state, const std::string& key) {
  return state.pool.submit(pool_key(key),
                           [&state, key](JobControl& control) { run(state, key, control); });
}

}  // namespace

StartedJob start_transform_job(SageMaker::Impl& state,
                               const api::CreateTransformJobRequest& request) {
  check(state, request);
  auto job = converted<Job>(request);
  const std::string key = key_of(request.TransformJobName, kKind);
  job.TransformJobArn = state.arn(kKind, key);
  job.TransformJobStatus = "InProgress";
  job.CreationTime = state.now();
  if (!state.transform_jobs.insert(key, job)) throw job_name_in_use(job.TransformJobArn);
  state.put_tags(job.TransformJobArn, request.Tags);
  emit_change(state, kTransformJobEvent, job.TransformJobArn, job);
  try {
    return {job.TransformJobArn, submit(state, key)};
  } catch (const AwsError&) {
    state.transform_jobs.remove(key);
    throw;
  }
}

void resume_transform_jobs(SageMaker::Impl& state) {
  for (const auto& job : state.transform_jobs.all()) {
    if (job.TransformJobStatus != "InProgress" && job.TransformJobStatus != "Stopping") continue;
    const std::string key = key_of(job.TransformJobName, kKind);
    if (job.TransformJobStatus == "Stopping") {
      write_end(state, key, JobEnd{.status = "Stopped"});
    } else {
      submit(state, key);
    }
  }
}

api::op::CreateTransformJob::Output create_transform_job(
    SageMaker& sagemaker, Call& call, const api::op::CreateTransformJob::Input& input) {
  const StartedJob job = start_transform_job(sagemaker.impl(), input);
  return sagemaker.impl().answer_after(call, job.control->ending(),
                                       api::op::CreateTransformJob::Output{.TransformJobArn = job.arn});
}

api::op::DescribeTransformJob::Output describe_transform_job(
    SageMaker& sagemaker, Call&, const api::op::DescribeTransformJob::Input& input) {
  auto job = sagemaker.impl().transform_jobs.find(key_of(input.TransformJobName, kKind));
  if (!job) throw no_such_job();
  return *job;
}

api::op::ListTransformJobs::Output list_transform_jobs(
    SageMaker& sagemaker, Call&, const api::op::ListTransformJobs::Input& input) {
  std::vector<Listed<api::TransformJobSummary>> all;
  for (const Job& job : sagemaker.impl().transform_jobs.all()) {
    auto summary = converted<api::TransformJobSummary>(job);
    const Timestamp modified = job.TransformEndTime.value_or(job.CreationTime);
    summary.LastModifiedTime = modified;
    all.push_back({std::move(summary), job.TransformJobName, job.CreationTime, modified,
                   job.TransformJobStatus});
  }
  auto page = list_page(input, std::move(all));
  return {.TransformJobSummaries = std::move(page.items), .NextToken = page.next};
}

api::op::StopTransformJob::Output stop_transform_job(
    SageMaker& sagemaker, Call&, const api::op::StopTransformJob::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.TransformJobName, kKind);
  const auto control = state.pool.find(pool_key(key));
  bool stopping = false;
  const auto job = state.transform_jobs.change(key, [&](Job& row) {
    stopping = row.TransformJobStatus == "InProgress" && control;
    if (stopping) row.TransformJobStatus = "Stopping";
  });
  if (!job) throw no_such_job();
  if (job->TransformJobStatus != "Stopping") {
    throw validation(
        fmt::format("The request was rejected because the transform job is in status {}.",
                    job->TransformJobStatus));
  }
  if (stopping) emit_change(state, kTransformJobEvent, job->TransformJobArn, *job);
  if (control) control->request_stop();
  return {};
}

}  // namespace engine::sagemaker
