// One execution of a pipeline.
#include "engine/services/sagemaker/pipelines/execution.h"

#include "engine/services/sagemaker/pipelines/events.h"
#include "lib/base/log.h"
#include "lib/base/time_text.h"

#include <boost/json.hpp>

#include <algorithm>

namespace engine::sagemaker::pipelines {

Execution::Execution(SageMaker::Impl& state, std::string key)
    : state_(state), key_(std::move(key)), about_(state_.executions.find(key_).value()) {
  id_ = key_.substr(key_.rfind('/') + 1);
  const auto pipeline = state_.pipelines.find(key_of(about_.PipelineArn.value_or(""), "pipeline"));
  pipeline_name_ = pipeline ? pipeline->PipelineName.value_or("") : "";
  definition_ = parse_definition(state_.definitions.find(key_)->PipelineDefinition.value_or(""));
  const auto given = state_.parameters.find(key_);
  for (const auto& [name, value] :
       given->PipelineParameters.value_or(std::vector<api::Parameter>{})) {
    if (const auto* declared = definition_.find_parameter(name)) {
      parameters_[name] = parameter_value(*declared, value);
    }
  }
  at_once_ =
      about_.ParallelismConfiguration
          ? static_cast<std::size_t>(about_.ParallelismConfiguration->MaxParallelExecutionSteps)
          : state_.settings.steps_at_once;
  take_up_steps();
}

/// Steps that succeeded stay; the others will be run again, as one attempt more.
void Execution::take_up_steps() {
  state_.steps.change(key_, [&](auto& rows) {
    auto& steps = rows.PipelineExecutionSteps ? *rows.PipelineExecutionSteps
                                              : rows.PipelineExecutionSteps.emplace();
    std::erase_if(steps, [&](const api::PipelineExecutionStep& row) {
      const std::string name = row.StepName.value_or("");
      if (row.StepStatus != "Succeeded") {
        attempts_[name] = row.AttemptCount.value_or(0) + 1;
        return true;
      }
      phases_[name] = Phase::kSucceeded;
      if (row.Metadata && row.Metadata->Condition) {
        outcomes_[name] = row.Metadata->Condition->Outcome == "True";
      }
      return false;
    });
  });
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
    add_row(step);
    const std::string job_name = name_for_step(state_.context.ids, id_, step.name);
    const Scope scope = scope_of(job_name);
    result = run_step({.state = state_,
                       .step = step,
                       .scope = scope,
                       .execution_id = id_,
                       .job_name = job_name,
                       .made =
                           [&](const auto& metadata) {
                             change_row(step, [&](api::PipelineExecutionStep& row) {
                               row.Metadata = metadata;
                               row.StepStatus = "Executing";
                             });
                             if (!metadata.Condition) return;
                             std::lock_guard lock(mutex_);
                             outcomes_[step.name] = metadata.Condition->Outcome == "True";
                           },
                       .waits_for =
                           [&](const std::shared_ptr<JobControl>& job) {
                             std::lock_guard lock(mutex_);
                             jobs_[step.name] = job;
                             if (stopping_) job->request_stop();
                           }});
    if (!result.status.empty()) {
      change_row(step, [&](api::PipelineExecutionStep& row) {
        row.StepStatus = result.status;
        row.EndTime = state_.now();
        if (!result.reason.empty()) row.FailureReason = shortened(result.reason);
      });
    }
  } catch (const std::exception& error) {
    result = {"Failed", error.what()};
    base::log_error("sagemaker", "step {} of {}: {}", step.name, id_, error.what());
  }
  std::lock_guard lock(mutex_);
  --running_;
  jobs_.erase(step.name);
  phases_[step.name] = result.status == "Succeeded" ? Phase::kSucceeded
                       : result.status == "Failed"  ? Phase::kFailed
                                                    : Phase::kStopped;
  if (result.status == "Failed") failures_.push_back(step.name + ": " + result.reason);
  if (result.status == "Stopped") stopping_ = true;  // somebody stopped its job
  changed_.notify_all();
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
  std::lock_guard lock(mutex_);
  stopping_ = true;
  for (const auto& [step, job] : jobs_) job->request_stop();
  changed_.notify_all();
}

void Execution::abandon() {
  std::lock_guard lock(mutex_);
  abandoned_ = true;
  changed_.notify_all();
}

// Rows -------------------------------------------------------------------------------------------

void Execution::add_row(const Step& step) {
  const auto attempt = attempts_.find(step.name);
  api::PipelineExecutionStep row{.StepName = step.name,
                                 .StepDisplayName = step.display_name,
                                 .StepDescription = step.description,
                                 .StartTime = state_.now(),
                                 .StepStatus = "Starting"};
  row.AttemptCount = attempt == attempts_.end() ? 0 : attempt->second;
  state_.steps.change(key_, [&](auto& rows) { rows.PipelineExecutionSteps->push_back(row); });
  emit_step(step, row, "");
}

template <class Edit>
void Execution::change_row(const Step& step, Edit&& edit) {
  std::string previous;
  api::PipelineExecutionStep now;
  state_.steps.change(key_, [&](auto& rows) {
    for (api::PipelineExecutionStep& row : *rows.PipelineExecutionSteps) {
      if (row.StepName != step.name) continue;
      previous = row.StepStatus.value_or("");
      edit(row);
      now = row;
    }
  });
  if (now.StepStatus != previous) emit_step(step, now, previous);
}

void Execution::emit_step(const Step& step, const api::PipelineExecutionStep& row,
                          const std::string& previous) const {
  state_.emit(kStepEvent, step_event(about_, step.type, row, previous));
}

api::PipelineExecutionStep Execution::step_row(const std::string& name) const {
  const auto rows = state_.steps.find(key_);
  for (const auto& row : *rows->PipelineExecutionSteps) {
    if (row.StepName == name) return row;
  }
  throw ReferenceError(fmt::format("The step \"{}\" has not run", name));
}

// What references see ----------------------------------------------------------------------------

Scope Execution::scope_of(const std::string& job_name) const {
  Scope scope;
  scope.parameter = [this](const std::string& name) { return parameters_.at(name); };
  scope.execution = [this, job_name](const std::string& name) {
    return execution_value(name, job_name);
  };
  scope.step = [this](const std::string& name) { return described(state_, step_row(name)); };
  scope.property_file = [this](const std::string& step, const std::string& file) {
    return property_file(step, file);
  };
  scope.s3_file = [this](const std::string& uri) { return read_json_object(state_, uri); };
  return scope;
}

json::value Execution::execution_value(const std::string& name, const std::string& job_name) const {
  const auto text = [](const std::string& value) { return json::value(value); };
  if (name == "PipelineName") return text(pipeline_name_);
  if (name == "PipelineArn") return text(about_.PipelineArn.value_or(""));
  if (name == "PipelineExecutionId") return text(id_);
  if (name == "PipelineExecutionArn") return text(about_.PipelineExecutionArn.value_or(""));
  if (name == "StartDateTime")
    return text(base::to_iso8601(about_.CreationTime.value_or(Timestamp{})));
  if (name == "CurrentDateTime") return text(base::to_iso8601(state_.now()));
  return text(job_name);  // TrainingJobName, ProcessingJobName: checked when the pipeline was made
}

json::value Execution::property_file(const std::string& step, const std::string& file) const {
  const PropertyFile& wanted = definition_.find_step(step)->property_files.at(file);
  const Path path{std::string("ProcessingOutputConfig"), std::string("Outputs"), wanted.output,
                  std::string("S3Output"), std::string("S3Uri")};
  const json::value job = described(state_, step_row(step));
  const json::value& uri = follow(job, path, fmt::format("property file {}", file));
  std::string_view folder = uri.as_string();
  while (folder.ends_with('/')) folder.remove_suffix(1);
  return read_json_object(state_, fmt::format("{}/{}", folder, wanted.path));
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
  if (row) state.emit(kExecutionEvent, execution_event(*row, previous));
}

}  // namespace engine::sagemaker::pipelines
