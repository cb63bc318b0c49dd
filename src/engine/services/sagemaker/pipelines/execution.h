// One execution of a pipeline, from its first ready step to its end.
#pragma once

#include "engine/services/sagemaker/pipelines/callbacks.h"
#include "engine/services/sagemaker/pipelines/definition.h"
#include "engine/services/sagemaker/pipelines/execution_scope.h"
#include "engine/services/sagemaker/pipelines/step_cache.h"
#include "engine/services/sagemaker/pipelines/step_facts.h"
#include "engine/services/sagemaker/pipelines/step_rows.h"
#include "engine/services/sagemaker/pipelines/steps.h"
#include "engine/services/sagemaker/state.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace engine::sagemaker::pipelines {

/// Runs steps when all they need has succeeded, several at once, and writes down how each goes. A
/// step of the branch not taken, or that needs one of those, never appears. When a step has failed
/// for good no further one is started, and those under way finish.
///
/// Built from the execution's rows: steps that have succeeded already are not run again. That makes
/// a retry, and going on after the engine was gone, the same as a start. A step that was under way
/// when the engine went is taken up where that can be done: a callback waits for its token, a job
/// that has ended well counts.
class Execution {
 public:
  Execution(SageMaker::Impl& state, Callbacks& callbacks, ProgramDigests& programs,
            std::string key);

  /// Runs it to its end on the calling thread.
  void run();
  /// Stops what is under way and starts nothing more.
  void request_stop();
  /// The engine stops: run() returns soon and leaves the rows as they are.
  void abandon();

 private:
  enum class Phase { kWaiting, kRunning, kSucceeded, kFailed, kStopped, kSkipped };
  using Row = api::PipelineExecutionStep;

  void take_up_steps();
  void take_up(const Row& row);
  void leave_out_unselected_steps();

  // Under mutex_:
  bool over() const;
  bool ready(const Step& step);
  bool skip_what_cannot_run();
  void start_ready_steps();
  void finish();

  /// Rows of these steps that are under way say that they are being stopped.
  void show_stopping(const std::vector<std::string>& steps);

  // On a step's own thread:
  void run_one(const Step& step);
  StepResult try_until_it_ends(const Step& step);
  StepResult try_once(const Step& step);
  void begin_row(const Step& step);
  void begin_row_again(const Step& step);
  void end_row(const Step& step, StepResult& result);
  bool abandoned();
  bool stopping();
  void emit_step(const Step& step, const Row& row, const std::string& previous) const;

  SageMaker::Impl& state_;
  Callbacks& callbacks_;
  ProgramDigests& programs_;
  const std::string key_;
  const api::DescribePipelineExecutionResponse about_;
  const Definition definition_;
  StepRows rows_;
  ExecutionScope scope_;
  const StepCache cache_;
  std::map<std::string, std::int64_t> attempts_;  ///< of steps that ran before
  std::map<std::string, Row> interrupted_;        ///< that ran when the last engine went
  std::size_t at_once_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Phase> phases_;
  std::map<std::string, bool> outcomes_;  ///< of conditions
  std::map<std::string, std::shared_ptr<JobControl>> jobs_;
  std::vector<std::string> failures_;  ///< "step: reason"
  std::size_t running_ = 0;
  bool stopping_ = false, abandoned_ = false;
  std::stop_source waits_;  ///< stopped with the execution: callbacks, pauses before retries
  std::vector<std::jthread> threads_;
};

/// Writes the execution's status and emits its event.
void set_execution_status(SageMaker::Impl& state, const std::string& key, const std::string& status,
                          const std::optional<std::string>& reason = std::nullopt);

/// Steps that were under way in an execution that won't go on have stopped.
void stop_left_steps(SageMaker::Impl& state, const std::string& key);

}  // namespace engine::sagemaker::pipelines
