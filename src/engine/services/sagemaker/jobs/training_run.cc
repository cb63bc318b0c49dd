// One run of a training job.
#include "engine/services/sagemaker/jobs/training_run.h"

#include "engine/services/sagemaker/jobs/acting.h"
#include "engine/services/sagemaker/jobs/archive.h"

#include <boost/json.hpp>

#include <filesystem>

namespace engine::sagemaker {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kLogGroup = "/aws/sagemaker/TrainingJobs";
constexpr const char* kModel = "/opt/ml/model";
constexpr const char* kData = "/opt/ml/output/data";
constexpr std::int64_t kDefaultMaxRuntime = 24 * 3600;

/// All values are strings, whatever they stand for.
std::string hyperparameters(const TrainingRun::Job& job) {
  json::object values;
  if (job.HyperParameters) {
    for (const auto& [name, value] : *job.HyperParameters) values[name] = value;
  }
  return json::serialize(values);
}

std::string input_mode(const TrainingRun::Job& job, const api::Channel& channel) {
  return channel.InputMode.value_or(job.AlgorithmSpecification->TrainingInputMode);
}

/// A channel is for the hosts of the groups it names, else for all.
bool is_for(const api::Channel& channel, const std::string& group) {
  const auto& groups = channel.DataSource.S3DataSource->InstanceGroupNames;
  return !groups || groups->empty() ||
         std::find(groups->begin(), groups->end(), group) != groups->end();
}

std::string input_data_config(const TrainingRun::Job& job, const std::string& group) {
  json::object channels;
  if (job.InputDataConfig) {
    for (const auto& channel : *job.InputDataConfig) {
      if (!is_for(channel, group)) continue;
      const auto& source = *channel.DataSource.S3DataSource;
      json::object config{
          {"TrainingInputMode", input_mode(job, channel)},
          {"S3DistributionType", source.S3DataDistributionType.value_or("FullyReplicated")},
          {"RecordWrapperType", channel.RecordWrapperType.value_or("None")}};
      if (channel.ContentType) config["ContentType"] = *channel.ContentType;
      if (channel.CompressionType) config["CompressionType"] = *channel.CompressionType;
      channels[channel.ChannelName] = std::move(config);
    }
  }
  return json::serialize(channels);
}

std::string role_of(const TrainingRun::Job& job) { return job.RoleArn.value_or(""); }

Container container_of(const TrainingRun::Job& job) {
  const auto& algorithm = *job.AlgorithmSpecification;
  Container container{.image = *algorithm.TrainingImage,
                      .entrypoint = algorithm.ContainerEntrypoint.value_or(Words{}),
                      .arguments = algorithm.ContainerArguments.value_or(Words{}),
                      .command = "train"};
  container.environment = job.Environment.value_or(Environment{});
  container.environment.insert(
      {{"TRAINING_JOB_NAME", job.TrainingJobName}, {"TRAINING_JOB_ARN", job.TrainingJobArn}});
  container.role = role_of(job);
  return container;
}

std::string checkpoint_path(const TrainingRun::Job& job) {
  return job.CheckpointConfig ? job.CheckpointConfig->LocalPath.value_or("/opt/ml/checkpoints")
                              : "/opt/ml/checkpoints";
}

std::vector<HostGroup> groups_of(const TrainingRun::Job& job) {
  std::vector<HostGroup> groups;
  std::size_t next = 1;
  const auto add = [&](std::string name, std::string type, std::int64_t count) {
    groups.push_back({std::move(name), std::move(type), {}});
    for (; count > 0; --count) groups.back().hosts.push_back(fmt::format("algo-{}", next++));
  };
  const auto& resources = job.ResourceConfig;
  if (!resources || !resources->InstanceGroups || resources->InstanceGroups->empty()) {
    add(kOnlyGroup, resources ? resources->InstanceType.value_or("") : "",
        resources ? resources->InstanceCount.value_or(1) : 1);
    return groups;
  }
  for (const auto& group : *resources->InstanceGroups) {
    add(group.InstanceGroupName, group.InstanceType, group.InstanceCount);
  }
  return groups;
}

bool wants_archive(const TrainingRun::Job& job) {
  return job.OutputDataConfig->CompressionType != "NONE";
}

}  // namespace

std::string training_output_uri(const TrainingRun::Job& job, std::string_view file) {
  return join_uri(job.OutputDataConfig->S3OutputPath,
                  fmt::format("{}/output/{}", job.TrainingJobName, file));
}

bool is_built_in(const std::string& image) { return image.find("sagemaker-xgboost") != image.npos; }

std::vector<api::MetricDefinition> metric_definitions(
    const api::AlgorithmSpecification& algorithm) {
  if (algorithm.MetricDefinitions) return *algorithm.MetricDefinitions;
  if (!is_built_in(algorithm.TrainingImage.value_or(""))) return {};
  // Verified: DescribeTrainingJob of such an image lists these patterns.
  std::vector<api::MetricDefinition> all;
  for (const char* name : {"accuracy",
                           "aucpr",
                           "auc",
                           "balanced_accuracy",
                           "error",
                           "f1",
                           "f1_binary",
                           "f1_macro",
                           "logloss",
                           "mae",
                           "map",
                           "merror",
                           "mlogloss",
                           "mse",
                           "ndcg",
                           "precision",
                           "r2",
                           "recall",
                           "rmse",
                           "gamma-nloglik",
                           "poisson-nloglik",
                           "tweedie-nloglik"}) {
    for (const char* channel : {"train", "validation"}) {
      all.push_back({fmt::format("{}:{}", channel, name),
                     fmt::format(".*\\[[0-9]+\\].*#011{}-{}:(\\S+).*", channel, name)});
    }
  }
  return all;
}

TrainingRun::TrainingRun(SageMaker::Impl& state, const Job& job, JobControl& control,
                         const MetricSink& on_metric)
    : state_(state), job_(job), control_(control), groups_(groups_of(job)) {
  const auto metrics = metric_definitions(*job.AlgorithmSpecification);
  std::vector<std::string> names;
  for (const HostGroup& group : groups_) {
    for (const std::string& name : group.hosts) {
      const std::string folder = host_folder("training-" + job.TrainingJobName, name);
      names.push_back(name);
      // The first host's metrics are the job's.
      const bool first = hosts_.empty();
      hosts_.push_back(std::unique_ptr<Host>(
          new Host{name, group.name, JobFolder(state.context, folder),
                   JobLog(state.context, state.logs,
                          may_log(state.context, role_of(job), kLogGroup, job.TrainingJobName) ? kLogGroup : "",
                          job_log_stream(state.context, job.TrainingJobName, name), metrics,
                          first ? on_metric : MetricSink{})}));
    }
  }
  hosts_file_.emplace(
      fmt::format("{}/training-{}", jobs_folder(state.context), job.TrainingJobName), names);
}

/// Those that get the channel, in order.
std::vector<std::string> TrainingRun::hosts_of(const api::S3DataSource& source) const {
  std::vector<std::string> names;
  const api::Channel channel{.DataSource = {.S3DataSource = source}};
  for (const auto& host : hosts_) {
    if (is_for(channel, host->group)) names.push_back(host->name);
  }
  return names;
}

void TrainingRun::lay_out_channel(Host& host, std::size_t index, const api::Channel& channel) {
  const auto& source = *channel.DataSource.S3DataSource;
  const bool augmented = source.S3DataType == "AugmentedManifestFile";
  const std::size_t together = augmented ? source.AttributeNames->size() : 1;
  require_listing(state_.context, role_of(job_), source.S3Uri);
  auto objects = input_objects(state_.s3, source.S3Uri, augmented ? "S3Prefix" : source.S3DataType);
  if (index == 0) inputs_.push_back(record_of(channel.ChannelName, source.S3Uri, objects));
  if (augmented) objects = augmented_records(state_.s3, source.S3Uri, *source.AttributeNames);
  require_objects(state_.context, role_of(job_), objects);
  if (!is_for(channel, host.group)) return;
  if (source.S3DataDistributionType == "ShardedByS3Key") {
    const auto names = hosts_of(source);
    const auto place = std::find(names.begin(), names.end(), host.name) - names.begin();
    objects = shard_of(objects, static_cast<std::size_t>(place), names.size(), together);
  }
  const std::string place = host.folder.place("/opt/ml/input/data/" + channel.ChannelName);
  if (input_mode(job_, channel) != "Pipe") {
    // Deviation: FastFile copies as File does, instead of reading from S3 what the program reads.
    lay_out_objects(state_.s3, objects, place);
    return;
  }
  PipeFeeder::Settings settings{.gunzip = channel.CompressionType == "Gzip",
                                .record_io = channel.RecordWrapperType == "RecordIO",
                                .together = together};
  if (channel.ShuffleConfig) {
    settings.shuffle = static_cast<std::uint64_t>(channel.ShuffleConfig->Seed);
  }
  host.pipes.push_back(
      std::make_unique<PipeFeeder>(state_.s3, std::move(objects), place, settings));
}

/// What an earlier run of the job, or an earlier job, left at the checkpoints' place in S3.
void TrainingRun::restore_checkpoints(const Host& host) const {
  const std::string uri = join_uri(job_.CheckpointConfig->S3Uri, "");
  const auto parts = s3::parse_s3_uri(uri);
  try {
    if (state_.s3.list_objects(parts->bucket, {.prefix = parts->key, .max_keys = 1})
            .objects.empty())
      return;
  } catch (const AwsError& error) {
    throw ClientError(fmt::format("The checkpoints at \"{}\" can't be read: {}: {}", uri,
                                  error.code, error.what()));
  }
  download_as(state_.context, role_of(job_), state_.s3, uri, host.folder.place(checkpoint_path(job_)));
}

void TrainingRun::lay_out(Host& host, std::size_t index) {
  const JobFolder& folder = host.folder;
  folder.write("/opt/ml/input/config/hyperparameters.json", hyperparameters(job_));
  folder.write("/opt/ml/input/config/inputdataconfig.json", input_data_config(job_, host.group));
  folder.write("/opt/ml/input/config/resourceconfig.json", resource_config(groups_, host.name));
  for (const char* made : {kModel, kData}) fs::create_directories(folder.place(made));
  fs::create_directories(folder.place(checkpoint_path(job_)));
  if (job_.CheckpointConfig) {
    restore_checkpoints(host);
    host.checkpoints =
        std::make_unique<FolderSync>(state_.s3, folder.place(checkpoint_path(job_)),
                                     job_.CheckpointConfig->S3Uri, state_.settings.sync_every);
  }
  if (!job_.InputDataConfig) return;
  for (const auto& channel : *job_.InputDataConfig) lay_out_channel(host, index, channel);
}

void TrainingRun::lay_out() {
  for (std::size_t i = 0; i < hosts_.size(); ++i) lay_out(*hosts_[i], i);
}

jobs::ProcessSpec TrainingRun::program(Host& host) const {
  auto spec = program_of(state_, container_of(job_), host.folder.path());
  spec.hosts = hosts_file_->path();
  spec.on_output = [&log = host.log](const std::vector<std::string>& lines) { log.take(lines); };
  return spec;
}

RunResult TrainingRun::run_programs() {
  std::vector<jobs::ProcessSpec> specs;
  for (const auto& host : hosts_) specs.push_back(program(*host));
  const auto limit = job_.StoppingCondition.MaxRuntimeInSeconds.value_or(kDefaultMaxRuntime);
  const auto volume = job_.ResourceConfig ? job_.ResourceConfig->VolumeSizeInGB : std::nullopt;
  return control_.run(std::move(specs), run_limits(state_, limit, volume));
}

JobEnd TrainingRun::run() {
  const RunResult result = run_programs();
  for (const auto& host : hosts_) host->pipes.clear();
  if (result.how == Ended::kWithTheEngine) return {};
  for (const auto& host : hosts_) {
    if (host->checkpoints) host->checkpoints->finish();
  }
  if (result.failed()) {
    const Host& host = *hosts_[result.which];
    return {.status = "Failed",
            .reason = algorithm_error(result, host.folder.read(kFailureFile), host.log)};
  }
  // A job that was stopped keeps the model it had so far.
  JobEnd end{.status = result.how == Ended::kByItself ? "Completed" : "Stopped"};
  end.outputs = allowed_outputs(state_.context, role_of(job_), outputs());
  end.timed_out = result.how == Ended::kTimedOut;
  return end;
}

/// All hosts' files in one folder; where two have the same name the first host's stays.
void TrainingRun::gather(const std::string& from, const std::string& to) const {
  for (std::size_t i = 1; i < hosts_.size(); ++i) {
    const fs::path source = hosts_[i]->folder.filled(from);
    for (const auto& entry : fs::recursive_directory_iterator(source)) {
      if (entry.is_symlink() || !entry.is_regular_file()) continue;
      const fs::path target = fs::path(to) / entry.path().lexically_relative(source);
      if (fs::exists(fs::symlink_status(target))) continue;
      fs::create_directories(target.parent_path());
      fs::rename(entry.path(), target);
    }
  }
}

/// The model, even an empty one; and what the program put aside, if anything.
std::vector<s3::NewObject> TrainingRun::outputs() const {
  const JobFolder& first = hosts_.front()->folder;
  std::vector<s3::NewObject> objects;
  const auto add = [&](const char* from, const std::string& name) {
    const std::string folder = first.filled(from);
    if (!wants_archive(job_)) {
      auto files = files_as_objects(folder, training_output_uri(job_, name));
      std::move(files.begin(), files.end(), std::back_inserter(objects));
      return;
    }
    const std::string archive = fmt::format("{}/{}.tar.gz", first.path(), name);
    pack_folder(folder, archive);
    objects.push_back(file_as_object(archive, training_output_uri(job_, name + ".tar.gz")));
  };
  gather(kModel, first.filled(kModel));
  gather(kData, first.filled(kData));
  add(kModel, "model");
  if (!fs::is_empty(first.filled(kData))) add(kData, wants_archive(job_) ? "output" : "data");
  return objects;
}

std::vector<api::MetricData> TrainingRun::metrics() const { return hosts_.front()->log.metrics(); }

}  // namespace engine::sagemaker
