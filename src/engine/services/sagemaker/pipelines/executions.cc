// The executions under way.
#include "engine/services/sagemaker/pipelines/executions.h"

#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/pipelines/events.h"
#include "engine/services/sagemaker/pipelines/selection.h"
#include "engine/services/sagemaker/pipelines/versions.h"
#include "engine/services/sagemaker/tokens.h"

#include <boost/json.hpp>

#include <algorithm>

namespace engine::sagemaker {
namespace {

using pipelines::Definition;
using Row = api::DescribePipelineExecutionResponse;

/// Every declared parameter with the text of its value for this execution.
std::vector<api::Parameter> parameters_of(const Definition& definition,
                                          const std::vector<api::Parameter>& given) {
  for (const auto& [name, value] : given) {
    if (definition.find_parameter(name) == nullptr) {
      throw validation(fmt::format("The pipeline has no parameter \"{}\".", name));
    }
  }
  std::vector<api::Parameter> all;
  for (const auto& declared : definition.parameters) {
    const auto found = std::find_if(
        given.begin(), given.end(),
        [&](const api::Parameter& parameter) { return parameter.Name == declared.name; });
    if (found != given.end()) {
      pipelines::parameter_value(declared, found->Value);
      all.push_back(*found);
    } else if (declared.default_value) {
      all.push_back({declared.name, pipelines::text_of(*declared.default_value)});
    } else {
      throw validation(fmt::format(
          "The parameter \"{}\" has no default value and was not given one.", declared.name));
    }
  }
  return all;
}

/// PipelineExperimentConfig, its references resolved; by default the pipeline's name and the id.
api::PipelineExperimentConfig experiment_of(const Definition& definition, const Row& row,
                                            const std::string& pipeline, const std::string& id,
                                            const std::vector<api::Parameter>& parameters) {
  pipelines::Scope scope;
  scope.parameter = [&](const std::string& name) {
    for (const auto& [key, value] : parameters) {
      if (key == name) return boost::json::value(value);
    }
    throw pipelines::ReferenceError(fmt::format("There is no parameter \"{}\"", name));
  };
  scope.execution = [&](const std::string& name) {
    if (name == "PipelineName") return boost::json::value(pipeline);
    if (name == "PipelineArn") return boost::json::value(*row.PipelineArn);
    return boost::json::value(name == "PipelineExecutionArn" ? *row.PipelineExecutionArn : id);
  };
  scope.step = [](const std::string& name) -> boost::json::value {
    throw pipelines::ReferenceError(fmt::format("The step \"{}\" has not run", name));
  };
  const auto text = [&](const char* name, const std::string& otherwise) {
    const auto* value = definition.experiment.if_contains(name);
    return value == nullptr ? otherwise : pipelines::text_of(pipelines::resolve(*value, scope));
  };
  try {
    return {.ExperimentName = text("ExperimentName", pipeline), .TrialName = text("TrialName", id)};
  } catch (const pipelines::ReferenceError& error) {
    throw validation(fmt::format("PipelineExperimentConfig: {}.", error.what()));
  }
}

/// Those of the request; of a selective execution, what it doesn't give is as in the source.
std::vector<api::Parameter> given_parameters(const SageMaker::Impl& state,
                                             const api::StartPipelineExecutionRequest& request) {
  auto given = request.PipelineParameters.value_or(std::vector<api::Parameter>{});
  const auto& selection = request.SelectiveExecutionConfig;
  if (!selection || !selection->SourcePipelineExecutionArn) return given;
  const auto source =
      state.parameters.find(key_of(*selection->SourcePipelineExecutionArn, "pipeline"));
  if (!source || !source->PipelineParameters) return given;
  for (const api::Parameter& parameter : *source->PipelineParameters) {
    const bool has = std::any_of(given.begin(), given.end(), [&](const api::Parameter& one) {
      return one.Name == parameter.Name;
    });
    if (!has) given.push_back(parameter);
  }
  return given;
}

Row new_row(const SageMaker::Impl& state, const api::StartPipelineExecutionRequest& request,
            const api::DescribePipelineResponse& pipeline, const std::string& id) {
  Row row{.PipelineArn = pipeline.PipelineArn};
  row.PipelineExecutionArn = fmt::format("{}/execution/{}", *pipeline.PipelineArn, id);
  row.PipelineExecutionStatus = "Executing";
  row.CreationTime = row.LastModifiedTime = state.now();
  row.PipelineExecutionDescription = request.PipelineExecutionDescription;
  row.PipelineExecutionDisplayName = request.PipelineExecutionDisplayName.value_or(
      fmt::format("execution-{}", row.CreationTime->time_since_epoch().count()));
  row.SelectiveExecutionConfig = request.SelectiveExecutionConfig;
  row.ParallelismConfiguration = request.ParallelismConfiguration
                                     ? request.ParallelismConfiguration
                                     : pipeline.ParallelismConfiguration;
  return row;
}

}  // namespace

std::string Executions::start(const api::StartPipelineExecutionRequest& request) {
  const std::string pipeline_key = key_of(request.PipelineName, "pipeline");
  auto pipeline = state_.pipelines.find(pipeline_key);
  if (!pipeline) throw no_such_pipeline(state_.arn("pipeline", pipeline_key));
  const IdempotentRequest idempotent(state_.context.catalog, "StartPipelineExecution",
                                     request.ClientRequestToken, request);
  if (const auto arn = idempotent.answer()) return *arn;
  const auto version = request.PipelineVersionId ? request.PipelineVersionId
                                                 : pipelines::last_version(state_, pipeline_key);
  if (request.PipelineVersionId) {
    pipeline = pipelines::pipeline_version(state_, pipeline_key, *request.PipelineVersionId);
  }
  const std::string id = state_.context.ids.alnum(12);
  const std::string key = fmt::format("{}/execution/{}", pipeline_key, id);
  const auto definition = pipelines::parse_definition(pipeline->PipelineDefinition.value_or(""));
  const auto parameters = parameters_of(definition, given_parameters(state_, request));
  Row row = new_row(state_, request, *pipeline, id);
  row.PipelineVersionId = version;
  row.PipelineExperimentConfig =
      experiment_of(definition, row, pipeline->PipelineName.value_or(""), id, parameters);

  storage::Batch batch;
  batch.put(
      state_.definitions.name(), key,
      to_json(api::DescribePipelineDefinitionForExecutionResponse{
          .PipelineDefinition = pipeline->PipelineDefinition, .CreationTime = row.CreationTime}));
  batch.put(
      state_.parameters.name(), key,
      to_json(api::ListPipelineParametersForExecutionResponse{.PipelineParameters = parameters}));
  if (const auto& selection = request.SelectiveExecutionConfig) {
    put_reused_steps(batch, definition, *selection, pipeline_key, key);
  }
  idempotent.remember(batch, *row.PipelineExecutionArn);
  state_.executions.insert(key, row, std::move(batch));
  state_.pipelines.change(pipeline_key,
                          [&](auto& changed) { changed.LastRunTime = row.CreationTime; });
  if (version) {
    pipelines::note_execution(state_, pipeline_key, *version, *row.PipelineExecutionArn);
  }
  state_.emit(pipelines::kExecutionEvent, pipelines::execution_event(row, ""),
              pipelines::event_resources(row));
  begin(key);
  return *row.PipelineExecutionArn;
}

void Executions::put_reused_steps(storage::Batch& batch, const Definition& definition,
                                  const api::SelectiveExecutionConfig& config,
                                  const std::string& pipeline, const std::string& key) const {
  std::vector<api::PipelineExecutionStep> rows;
  if (const auto& arn = config.SourcePipelineExecutionArn) {
    const std::string source = key_of(*arn, "pipeline");
    if (!source.starts_with(pipeline + "/execution/")) {
      throw validation(fmt::format("{} is not an execution of this pipeline.", *arn));
    }
    const auto execution = state_.executions.find(source);
    if (!execution) throw no_such_execution(*arn);
    if (execution->PipelineExecutionStatus == "Executing" ||
        execution->PipelineExecutionStatus == "Stopping") {
      throw validation(fmt::format("The source execution {} has not ended.", *arn));
    }
    rows = pipelines::stored_steps(state_.context.catalog, source);
  }
  pipelines::put_steps(batch, key, pipelines::reused_steps(definition, config, rows));
}

std::string Executions::explanation(const std::string& key) const {
  const auto row = state_.executions.find(key);
  if (!row) throw no_such_execution(state_.arn("pipeline", key));
  boost::json::array steps;
  for (const auto& step : pipelines::stored_steps(state_.context.catalog, key)) {
    const auto told = state_.context.catalog.get(
        pipelines::kExplanationsTable, fmt::format("{}/{}", key, step.StepName.value_or("")));
    if (told) steps.push_back(boost::json::parse(*told));
  }
  return boost::json::serialize(boost::json::object{
      {"PipelineExecutionArn", row->PipelineExecutionArn.value_or("")}, {"Steps", steps}});
}

void Executions::begin(const std::string& key) {
  auto execution = std::make_shared<pipelines::Execution>(state_, callbacks_, programs_, key);
  {
    std::lock_guard lock(mutex_);
    live_[key] = execution;
  }
  state_.tasks.start("execution " + key, [this, key, execution](std::stop_token) {
    execution->run();
    std::lock_guard lock(mutex_);
    const auto found = live_.find(key);
    if (found != live_.end() && found->second == execution) live_.erase(found);  // not a retry's
  });
}

void Executions::stop(const std::string& key) {
  const auto row = state_.executions.find(key);
  if (!row) throw no_such_execution(state_.arn("pipeline", key));
  if (row->PipelineExecutionStatus == "Stopping" || row->PipelineExecutionStatus == "Stopped")
    return;
  if (row->PipelineExecutionStatus != "Executing") {
    throw conflict(
        fmt::format("Only an executing pipeline execution can be stopped; this one is {}.",
                    row->PipelineExecutionStatus.value_or("")));
  }
  std::shared_ptr<pipelines::Execution> execution;
  {
    std::lock_guard lock(mutex_);
    const auto found = live_.find(key);
    if (found == live_.end()) return;  // it has just ended
    execution = found->second;
  }
  // Only if it hasn't ended meanwhile: the end must stay the last word.
  bool stopping = false;
  const auto changed = state_.executions.change(key, [&](Row& changed) {
    if (changed.PipelineExecutionStatus != "Executing") return;
    changed.PipelineExecutionStatus = "Stopping";
    changed.LastModifiedTime = state_.now();
    stopping = true;
  });
  if (!stopping) return;
  state_.emit(pipelines::kExecutionEvent, pipelines::execution_event(*changed, "Executing"),
              pipelines::event_resources(*changed));
  execution->request_stop();
}

void Executions::retry(const std::string& key,
                       const std::optional<api::ParallelismConfiguration>& parallelism) {
  const auto row = state_.executions.find(key);
  if (!row) throw no_such_execution(state_.arn("pipeline", key));
  const std::string status = row->PipelineExecutionStatus.value_or("");
  if (status != "Failed" && status != "Stopped") {
    throw conflict(fmt::format(
        "Only a failed or stopped pipeline execution can be retried; this one is {}.", status));
  }
  if (parallelism) {
    state_.executions.change(key,
                             [&](Row& changed) { changed.ParallelismConfiguration = parallelism; });
  }
  pipelines::set_execution_status(state_, key, "Executing");
  begin(key);
}

void Executions::resume() {
  for (const auto& row : state_.executions.all()) {
    const std::string key = key_of(row.PipelineExecutionArn.value_or(""), "pipeline");
    if (row.PipelineExecutionStatus == "Executing") {
      try {
        begin(key);
      } catch (const std::exception& error) {
        pipelines::stop_left_steps(state_, key);
        pipelines::set_execution_status(state_, key, "Failed",
                                        shortened(std::string("It can't go on: ") + error.what()));
      }
    }
    if (row.PipelineExecutionStatus == "Stopping") {
      pipelines::stop_left_steps(state_, key);
      pipelines::set_execution_status(state_, key, "Stopped");
    }
  }
}

void Executions::abandon() {
  std::lock_guard lock(mutex_);
  for (const auto& [key, execution] : live_) execution->abandon();
}

}  // namespace engine::sagemaker
