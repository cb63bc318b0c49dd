// One execution of a pipeline, from its first ready step to its end.
#pragma once

#include "engine/services/sagemaker/pipelines/definition.h"
#include "engine/services/sagemaker/pipelines/steps.h"
#include "engine/services/sagemaker/state.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace engine::sagemaker::pipelines {

/// Runs steps when all they need has succeeded, several at once, and writes down how each goes. A
/// step of the branch not taken, or that needs one of those, never appears. When a step has failed
/// no further one is started, and those under way finish.
///
/// Built from the execution's rows: steps that have succeeded already are not run again. That makes
/// a retry, and going on after the engine was gone, the same as a start.
class Execution {
 public:
  Execution(SageMaker::Impl& state, std::string key);

  /// Runs it to its end on the calling thread.
  void run();
  /// Stops the jobs under way and starts nothing more.
  void request_stop();
  /// The engine stops: run() returns soon and leaves the rows as they are.
  void abandon();

 private:
  enum class Phase { kWaiting, kRunning, kSucceeded, kFailed, kStopped, kSkipped };

  void take_up_steps();
  Scope scope_of(const std::string& job_name) const;
  json::value execution_value(const std::string& name, const std::string& job_name) const;
  json::value property_file(const std::string& step, const std::string& file) const;
  api::PipelineExecutionStep step_row(const std::string& name) const;

  // Under mutex_:
  bool over() const;
  bool ready(const Step& step);
  bool skip_what_cannot_run();
  void start_ready_steps();
  void finish();

  // On a step's own thread:
  void run_one(const Step& step);
  void add_row(const Step& step);
  template <class Edit>
  void change_row(const Step& step, Edit&& edit);
  void emit_step(const Step& step, const api::PipelineExecutionStep& row,
                 const std::string& previous) const;

  SageMaker::Impl& state_;
  const std::string key_;
  api::DescribePipelineExecutionResponse about_;
  std::string pipeline_name_, id_;
  Definition definition_;
  std::map<std::string, json::value> parameters_;
  std::map<std::string, std::int64_t> attempts_;  ///< of steps that ran before
  std::size_t at_once_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Phase> phases_;
  std::map<std::string, bool> outcomes_;  ///< of conditions
  std::map<std::string, std::shared_ptr<JobControl>> jobs_;
  std::vector<std::string> failures_;  ///< "step: reason"
  std::size_t running_ = 0;
  bool stopping_ = false, abandoned_ = false;
  std::vector<std::jthread> threads_;
};

/// Writes the execution's status and emits its event.
void set_execution_status(SageMaker::Impl& state, const std::string& key, const std::string& status,
                          const std::optional<std::string>& reason = std::nullopt);

}  // namespace engine::sagemaker::pipelines
