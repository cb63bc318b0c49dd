// One execution of a pipeline.
#include "engine/services/sagemaker/pipelines/execution.h"

#include "engine/services/sagemaker/pipelines/events.h"
#include "engine/services/sagemaker/pipelines/retry.h"
#include "lib/base/log.h"

#include <boost/json.hpp>

#include <algorithm>

namespace engine::sagemaker::pipelines {
namespace {

bool is_under_way(const api::PipelineExecutionStep& row) {
  return row.StepStatus == "Starting" || row.StepStatus == "Executing" ||
         row.StepStatus == "Stopping";
}

std::map<std::string, json::value> parameters_of(const SageMaker::Impl& state,
                                                 const std::string& key,
                                                 const Definition& definition) {
  std::map<std::string, json::value> values;
  const auto given = state.parameters.find(key);
  for (const auto& [name, value] :
       given->PipelineParameters.value_or(std::vector<api::Parameter>{})) {
    const auto* declared = definition.find_parameter(name);
    if (declared != nullptr) values[name] = parameter_value(*declared, value);
  }
  return values;
}

std::string pipeline_name(const SageMaker::Impl& state, const std::string& arn) {
  const auto pipeline = state.pipelines.find(key_of(arn, "pipeline"));
  return pipeline ? pipeline->PipelineName.value_or("") : "";
}

}  // namespace

Execution::Execution(SageMaker::Impl& state, Callbacks& callbacks, ProgramDigests& programs,
                     std::string key)
    : state_(state),
      callbacks_(callbacks),
      programs_(programs),
      key_(std::move(key)),
      about_(state_.executions.find(key_).value()),
      definition_(parse_definition(state_.definitions.find(key_)->PipelineDefinition.value_or(""))),
      rows_(state_.context.catalog, key_),
      scope_{.state = state_,
             .definition = definition_,
             .about = about_,
             .rows = rows_,
             .pipeline_name = pipeline_name(state_, about_.PipelineArn.value_or("")),
             .id = key_.substr(key_.rfind('/') + 1),
             .parameters = parameters_of(state_, key_, definition_)},
      cache_(state_, key_of(about_.PipelineArn.value_or(""), "pipeline")),
      at_once_(
          about_.ParallelismConfiguration
              ? static_cast<std::size_t>(about_.ParallelismConfiguration->MaxParallelExecutionSteps)
              : state_.settings.steps_at_once) {
  take_up_steps();
  leave_out_unselected_steps();
}

void Execution::take_up_steps() {
  std::vector<std::string> again;
  for (const Row& row : rows_.all()) {
    const std::string name = row.StepName.value_or("");
    if (row.StepStatus == "Succeeded") {
      phases_[name] = Phase::kSucceeded;
      if (row.Metadata && row.Metadata->Condition) {
        outcomes_[name] = row.Metadata->Condition->Outcome == "True";
      }
    } else if (is_under_way(row)) {
      take_up(row);
    } else {
      attempts_[name] = row.AttemptCount.value_or(0) + 1;
      again.push_back(name);
    }
  }
  rows_.remove(again);
}

/// The same attempt goes on when what the step had made is still good for it.
void Execution::take_up(const Row& row) {
  const std::string name = row.StepName.value_or("");
  const StepMetadata made = row.Metadata.value_or(StepMetadata{});
  const bool has_job = made.ProcessingJob || made.QualityCheck || made.TrainingJob ||
                       made.TransformJob || made.TuningJob;
  const auto end = has_job ? end_of_job(state_, made) : std::nullopt;
  const bool goes_on = made.Callback || (has_job && (!end || end->status == "Succeeded"));
  attempts_[name] = row.AttemptCount.value_or(0) + (goes_on ? 0 : 1);
  interrupted_[name] = row;
}

void Execution::leave_out_unselected_steps() {
  if (!about_.SelectiveExecutionConfig) return;
  for (const Step& step : definition_.steps) {
    const auto& selected = about_.SelectiveExecutionConfig->SelectedSteps;
    const bool wanted = std::any_of(selected.begin(), selected.end(),
                                    [&](const auto& one) { return one.StepName == step.name; });
    if (!wanted && phases_[step.name] == Phase::kWaiting) phases_[step.name] = Phase::kSkipped;
  }
}

void Execution::run() {
  std::unique_lock lock(mutex_);
  while (!over()) {
    start_ready_steps();
    if (running_ == 0) break;
    changed_.wait(lock);
  }
  changed_.wait(lock, [&] { return running_ == 0; });
  lock.unlock();
  threads_.clear();  // joins
  if (!abandoned_) finish();
}

bool Execution::over() const { return stopping_ || abandoned_ || !failures_.empty(); }

bool Execution::ready(const Step& step) {
  const auto succeeded = [&](const std::string& need) {
    return phases_[need] == Phase::kSucceeded;
  };
  return phases_[step.name] == Phase::kWaiting &&
         std::all_of(step.needs.begin(), step.needs.end(), succeeded);
}

/// One round; true when something was skipped, so that what needs it can be looked at again.
bool Execution::skip_what_cannot_run() {
  bool any = false;
  for (const Step& step : definition_.steps) {
    if (phases_[step.name] != Phase::kWaiting) continue;
    const auto outcome = outcomes_.find(step.condition);
    const bool other_branch = outcome != outcomes_.end() && outcome->second != step.if_branch;
    const bool needs_skipped =
        std::any_of(step.needs.begin(), step.needs.end(),
                    [&](const std::string& need) { return phases_[need] == Phase::kSkipped; });
    if (!other_branch && !needs_skipped) continue;
    phases_[step.name] = Phase::kSkipped;
    any = true;
  }
  return any;
}

void Execution::start_ready_steps() {
  while (skip_what_cannot_run()) {
  }
  for (const Step& step : definition_.steps) {
    if (running_ >= at_once_) return;
    if (!ready(step)) continue;
    phases_[step.name] = Phase::kRunning;
    ++running_;
    threads_.emplace_back([this, &step] { run_one(step); });
  }
}

void Execution::run_one(const Step& step) {
  StepResult result{"Failed", "InternalServerError"};
  try {
    result = try_until_it_ends(step);
  } catch (const std::exception& error) {
    result = {"Failed", error.what()};
    base::log_error("sagemaker", "step {} of {}: {}", step.name, scope_.id, error.what());
  }
  std::lock_guard lock(mutex_);
  --running_;
  jobs_.erase(step.name);
  phases_[step.name] = result.status == "Succeeded" ? Phase::kSucceeded
                       : result.status == "Failed"  ? Phase::kFailed
                                                    : Phase::kStopped;
  if (result.metadata && result.metadata->Condition) {
    outcomes_[step.name] = result.metadata->Condition->Outcome == "True";
  }
  if (result.status == "Failed") failures_.push_back(step.name + ": " + result.reason);
  if (result.status == "Stopped") stopping_ = true;  // somebody stopped its job
  changed_.notify_all();
}

StepResult Execution::try_until_it_ends(const Step& step) {
  begin_row(step);
  Retries retries(step, state_.now());
  for (;;) {
    StepResult result = try_once(step);
    // What the engine's own end has broken is not the step's failure.
    if (result.status != "Succeeded" && abandoned()) return {};
    const auto wait =
        result.status == "Failed" ? retries.next(result.exception, state_.now()) : std::nullopt;
    if (wait) {
      base::log_info("sagemaker", "step {} of {} is tried again: {}", step.name, scope_.id,
                     result.reason);
      if (state_.context.clock.sleep_for(*wait, waits_.get_token())) {
        begin_row_again(step);
        continue;
      }
      if (abandoned()) return {};
    }
    end_row(step, result);
    return result;
  }
}

StepResult Execution::try_once(const Step& step) {
  const std::string job_name = name_for_step(state_.context.ids, scope_.id, step.name);
  const Scope scope = scope_.scope_of(job_name);
  const auto left = interrupted_.find(step.name);
  return run_step(
      {.state = state_,
       .step = step,
       .scope = scope,
       .cache = cache_,
       .programs = programs_,
       .callbacks = callbacks_,
       .execution_arn = about_.PipelineExecutionArn.value_or(""),
       .job_name = job_name,
       .interrupted = left == interrupted_.end() ? std::nullopt : std::optional(left->second),
       .stop = waits_.get_token(),
       .made =
           [&](const StepMetadata& metadata) {
             const Row row = rows_.change(step.name, [&](Row& changed) {
               changed.Metadata = metadata;
               changed.StepStatus = stopping() ? "Stopping" : "Executing";
             });
             emit_step(step, row, "Starting");
           },
       .waits_for =
           [&](const std::shared_ptr<JobControl>& job) {
             std::lock_guard lock(mutex_);
             jobs_[step.name] = job;
             if (stopping_) job->request_stop();
           }});
}

void Execution::finish() {
  if (!failures_.empty()) {
    set_execution_status(state_, key_, "Failed",
                         shortened(fmt::format("Step failure: One or multiple steps failed. {}",
                                               fmt::join(failures_, "; "))));
  } else {
    set_execution_status(state_, key_, stopping_ ? "Stopped" : "Succeeded");
  }
}

void Execution::request_stop() {
  std::vector<std::string> running;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [step, phase] : phases_) {
      if (phase == Phase::kRunning) running.push_back(step);
    }
  }
  show_stopping(running);
  {
    std::lock_guard lock(mutex_);
    for (const auto& [step, job] : jobs_) job->request_stop();
    changed_.notify_all();
  }
  waits_.request_stop();
}

void Execution::show_stopping(const std::vector<std::string>& steps) {
  for (const std::string& name : steps) {
    if (!rows_.find(name)) continue;  // it is just about to begin
    std::string previous;
    const Row row = rows_.change(name, [&](Row& changed) {
      if (changed.StepStatus != "Starting" && changed.StepStatus != "Executing") return;
      previous = *changed.StepStatus;
      changed.StepStatus = "Stopping";
    });
    if (!previous.empty()) emit_step(*definition_.find_step(name), row, previous);
  }
}

void Execution::abandon() {
  {
    std::lock_guard lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
  }
  waits_.request_stop();
}

bool Execution::abandoned() {
  std::lock_guard lock(mutex_);
  return abandoned_;
}

bool Execution::stopping() {
  std::lock_guard lock(mutex_);
  return stopping_;
}

// Rows -------------------------------------------------------------------------------------------

/// Not durable yet: before a step has made something there is nothing to go on with.
void Execution::begin_row(const Step& step) {
  const auto attempt = attempts_.find(step.name);
  Row row{.StepName = step.name,
          .StepDisplayName = step.display_name,
          .StepDescription = step.description,
          .StartTime = state_.now(),
          .StepStatus = "Starting"};
  row.AttemptCount = attempt == attempts_.end() ? 0 : attempt->second;
  if (const auto left = interrupted_.find(step.name); left != interrupted_.end()) {
    row.StartTime = left->second.StartTime;
    if (row.AttemptCount == left->second.AttemptCount) row = left->second;
  }
  rows_.put(row);
  emit_step(step, row, "");
}

void Execution::begin_row_again(const Step& step) {
  interrupted_.erase(step.name);
  const Row row = rows_.change(step.name, [](Row& changed) {
    changed.StepStatus = "Starting";
    changed.Metadata.reset();
    changed.AttemptCount = changed.AttemptCount.value_or(0) + 1;
  });
  emit_step(step, row, "Failed");
}

void Execution::end_row(const Step& step, StepResult& result) {
  std::string previous;
  const Row row = rows_.change(
      step.name,
      [&](Row& changed) {
        previous = changed.StepStatus.value_or("");
        changed.StepStatus = result.status;
        changed.EndTime = state_.now();
        if (result.metadata) changed.Metadata = result.metadata;
        if (!result.reason.empty()) changed.FailureReason = shortened(result.reason);
        if (!result.cached_from.empty()) {
          changed.CacheHitResult =
              api::CacheHitResult{.SourcePipelineExecutionArn = result.cached_from};
        }
      },
      std::move(result.with));
  emit_step(step, row, previous);
}

void Execution::emit_step(const Step& step, const Row& row, const std::string& previous) const {
  state_.emit(kStepEvent, step_event(about_, step.type, row, previous), event_resources(about_));
}

void set_execution_status(SageMaker::Impl& state, const std::string& key, const std::string& status,
                          const std::optional<std::string>& reason) {
  std::string previous;
  const auto row = state.executions.change(key, [&](api::DescribePipelineExecutionResponse& row) {
    previous = row.PipelineExecutionStatus.value_or("");
    row.PipelineExecutionStatus = status;
    row.FailureReason = reason;
    row.LastModifiedTime = state.now();
  });
  if (row) state.emit(kExecutionEvent, execution_event(*row, previous), event_resources(*row));
}

void stop_left_steps(SageMaker::Impl& state, const std::string& key) {
  StepRows rows(state.context.catalog, key);
  for (const auto& row : rows.all()) {
    if (!is_under_way(row)) continue;
    rows.change(row.StepName.value_or(""), [&](api::PipelineExecutionStep& changed) {
      changed.StepStatus = "Stopped";
      changed.EndTime = state.now();
    });
  }
}

}  // namespace engine::sagemaker::pipelines
