// One run of a training job: what its container finds, its hosts, what it leaves.
#pragma once

#include "engine/services/sagemaker/jobs/folder_sync.h"
#include "engine/services/sagemaker/jobs/input_record.h"
#include "engine/services/sagemaker/jobs/jobs.h"
#include "engine/services/sagemaker/jobs/pipe_feeder.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace engine::sagemaker {

/// "s3://…/<job>/output/<file>"
std::string training_output_uri(const api::DescribeTrainingJobResponse& job, std::string_view file);

/// The metrics a job's lines are searched for: those of the request, and for SageMaker's own images
/// those they come with.
std::vector<api::MetricDefinition> metric_definitions(const api::AlgorithmSpecification& algorithm);
/// The image is one of SageMaker's own, which a tuning job tells its objective.
bool is_built_in(const std::string& image);

/// Each host is a process of its own with an /opt/ml of its own. The folders go with this object,
/// and so do the outputs that haven't been written by then.
class TrainingRun {
 public:
  using Job = api::DescribeTrainingJobResponse;

  TrainingRun(SageMaker::Impl& state, const Job& job, JobControl& control,
              const MetricSink& on_metric);

  /// Lays out the inputs of all hosts. Throws ClientError.
  void lay_out();
  /// Runs the program on all hosts, and gathers what it left. Throws ClientError.
  JobEnd run();
  /// What lay_out() gave to the hosts.
  const std::vector<RecordedInput>& inputs() const { return inputs_; }
  /// The last values of the metrics, over all hosts.
  std::vector<api::MetricData> metrics() const;

 private:
  struct Host {
    std::string name;
    std::string group;
    JobFolder folder;
    JobLog log;
    std::vector<std::unique_ptr<PipeFeeder>> pipes = {};
    std::unique_ptr<FolderSync> checkpoints = {};
  };
  void lay_out(Host& host, std::size_t index);
  void lay_out_channel(Host& host, std::size_t index, const api::Channel& channel);
  std::vector<std::string> hosts_of(const api::S3DataSource& source) const;
  void restore_checkpoints(const Host& host) const;
  jobs::ProcessSpec program(Host& host) const;
  RunResult run_programs();
  std::vector<s3::NewObject> outputs() const;
  void gather(const std::string& from, const std::string& to) const;

  SageMaker::Impl& state_;
  const Job& job_;
  JobControl& control_;
  std::vector<HostGroup> groups_;
  std::optional<HostsFile> hosts_file_;
  std::vector<RecordedInput> inputs_;
  std::vector<std::unique_ptr<Host>> hosts_;
};

}  // namespace engine::sagemaker
