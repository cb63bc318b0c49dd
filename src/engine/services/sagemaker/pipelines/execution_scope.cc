// What references see while an execution runs.
#include "engine/services/sagemaker/pipelines/execution_scope.h"

#include "engine/services/sagemaker/pipelines/steps.h"
#include "lib/base/time_text.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace engine::sagemaker::pipelines {

Scope ExecutionScope::scope_of(std::string job_name) const {
  Scope scope;
  scope.parameter = [this](const std::string& name) {
    const auto found = parameters.find(name);
    if (found != parameters.end()) return found->second;
    throw ReferenceError(fmt::format("There is no parameter \"{}\"", name));
  };
  scope.execution = [this, job_name = std::move(job_name)](const std::string& name) {
    return execution_value(name, job_name);
  };
  scope.step = [this](const std::string& name) { return step(name); };
  scope.property_file = [this](const std::string& step, const std::string& file) {
    return property_file(step, file);
  };
  scope.s3_file = [this](const std::string& uri) { return read_json_object(state, uri); };
  return scope;
}

json::value ExecutionScope::execution_value(const std::string& name,
                                            const std::string& job_name) const {
  const auto text = [](const std::string& value) { return json::value(value); };
  if (name == "PipelineName") return text(pipeline_name);
  if (name == "PipelineArn") return text(about.PipelineArn.value_or(""));
  if (name == "PipelineExecutionId") return text(id);
  if (name == "PipelineExecutionArn") return text(about.PipelineExecutionArn.value_or(""));
  if (name == "StartDateTime") {
    return text(base::to_iso8601(about.CreationTime.value_or(Timestamp{})));
  }
  if (name == "CurrentDateTime") return text(base::to_iso8601(state.now()));
  return text(job_name);  // TrainingJobName, ProcessingJobName: checked when the pipeline was made
}

json::value ExecutionScope::step(const std::string& name) const {
  const auto row = rows.find(name);
  if (!row) throw ReferenceError(fmt::format("The step \"{}\" has not run", name));
  return described(state, *definition.find_step(name), *row);
}

json::value ExecutionScope::property_file(const std::string& name, const std::string& file) const {
  const PropertyFile& wanted = definition.find_step(name)->property_files.at(file);
  const Path path{std::string("ProcessingOutputConfig"), std::string("Outputs"), wanted.output,
                  std::string("S3Output"), std::string("S3Uri")};
  const json::value job = step(name);
  const json::value& uri = follow(job, path, fmt::format("property file {}", file));
  std::string_view folder = uri.as_string();
  while (folder.ends_with('/')) folder.remove_suffix(1);
  return read_json_object(state, fmt::format("{}/{}", folder, wanted.path));
}

}  // namespace engine::sagemaker::pipelines
