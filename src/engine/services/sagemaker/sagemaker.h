// SageMaker as other services see it: pipelines that can be started, and everything stopped at the
// end.
#pragma once

#include "engine/jobs/process.h"
#include "engine/services/context.h"
#include "engine/services/logs/logs.h"
#include "engine/services/s3/s3.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::sagemaker {

/// A local program, and the words it is told first unless a job brings an entrypoint of its own.
struct Program {
  std::string path;
  std::vector<std::string> words = {};
  /// No program, but there are some for other tags of the image's repository: these.
  std::vector<std::string> others = {};
};
/// The program that stands for a container image; nothing when there is none.
using ImageSource = std::function<std::optional<Program>(std::string_view uri)>;
/// Takes an EventBridge event of source aws.sagemaker: its detail-type, its detail as JSON, and the
/// ARNs of what it is about.
using EventSink = std::function<void(std::string_view detail_type, std::string detail,
                                     const std::vector<std::string>& resources)>;

/// What a function of Lambda answered; `error` is empty when it went well.
struct FunctionAnswer {
  std::string payload, error;
};
/// Calls a function, by name or ARN, and waits for its answer. Throws AwsError when it can't be
/// called.
using FunctionSource =
    std::function<FunctionAnswer(std::string_view function, std::string_view payload)>;

struct Settings {
  int jobs_at_once = 2;             ///< programs of jobs that run at the same time
  std::size_t waiting_jobs = 1000;  ///< more is refused with ResourceLimitExceeded
  /// How long Create…Job, CreateEndpoint and the like keep their answer back for the job to end, so
  /// that a client's waiter, which asks every minute or two, finds it done at its first question.
  std::chrono::milliseconds create_wait{2000};
  /// The answer comes later and no thread waits. False: the caller's thread does.
  bool answer_later = true;
  std::int64_t hosts_of_a_job = 8;  ///< processes of one job, whatever its InstanceCount asks for
  /// How often checkpoints and outputs of mode Continuous are looked after while a job runs.
  std::chrono::milliseconds sync_every{1000};
  std::chrono::milliseconds stop_grace{30'000};      ///< from SIGTERM to SIGKILL
  std::chrono::milliseconds ping_patience{240'000};  ///< for an endpoint's first good /ping
  std::chrono::milliseconds invocation_timeout{60'000};
  /// For the first good /ping of a serverless variant's process, while requests wait for it.
  std::chrono::milliseconds cold_start_patience{30'000};
  /// A serverless variant's process ends after so long without a request, on the engine's clock.
  std::chrono::milliseconds serverless_idle{300'000};
  std::chrono::milliseconds capture_every{5'000};  ///< how often captured data is written
  /// The state of a CloudWatch alarm, "ALARM" among them; nothing when there is no such alarm.
  std::function<std::optional<std::string>(std::string_view name)> alarm_state;
  std::size_t steps_at_once = 50;  ///< of a pipeline without ParallelismConfiguration
  jobs::Limits limits;             ///< of each program
  std::uint64_t disk_bytes = 0;    ///< of a job's folder, if its VolumeSizeInGB isn't less; 0: that
  /// Of a job, if its MaxRuntimeInSeconds isn't less; 0: that.
  std::chrono::seconds most_runtime{0};
  std::string runner;  ///< job_runner; empty: beside this executable
};

/// Thread-safe. Jobs, pipelines and endpoints run programs on this machine, each with an /opt/ml of
/// its own below `<data>/jobs`. All waits for programs are in real time.
class SageMaker {
 public:
  SageMaker(Context& context, s3::S3& s3, logs::Logs& logs, ImageSource images,
            CallbackSource callback, EventSink events = {}, Settings settings = {},
            FunctionSource functions = {});
  ~SageMaker();

  /// Takes up what the last engine left: jobs that were running have failed, pipeline executions go
  /// on with the steps that hadn't succeeded, endpoints are started again. To be called once the
  /// engine listens, since programs are told where to call it.
  void resume();

  /// Starts an execution of the pipeline of that name or ARN. Answers its ARN; throws AwsError.
  std::string start_pipeline_execution(std::string_view pipeline,
                                       const std::map<std::string, std::string>& parameters = {});

  /// Why each step of an execution ran, or was taken from the cache, as JSON
  /// (pipelines/step_cache.h). Throws AwsError.
  std::string explanation(std::string_view execution) const;

  /// Executions start nothing more and take failures for the engine's own end: to be called before
  /// what their steps call is stopped.
  void request_stop();
  /// Kills every program and waits for all threads; what ran is taken up by the next resume().
  void stop();

  struct Impl;  // state.h
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::sagemaker
