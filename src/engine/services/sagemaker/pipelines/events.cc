// The EventBridge events of executions and their steps.
#include "engine/services/sagemaker/pipelines/events.h"

#include "engine/protocol/json.h"
#include "lib/base/time_text.h"

#include <boost/json.hpp>

#include <cctype>

namespace engine::sagemaker::pipelines {
namespace {

namespace json = boost::json;

/// {"ProcessingJob": {"Arn": …}} → {"processingJob": {"arn": …}}
json::value camel(const json::value& value) {
  if (!value.is_object()) return value;
  json::object result;
  for (const auto& member : value.as_object()) {
    std::string name(member.key());
    name[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(name[0])));
    result[name] = camel(member.value());
  }
  return result;
}

void put(json::object& object, const char* name, const std::optional<std::string>& value) {
  if (value && !value->empty()) object[name] = *value;
}
void put_time(json::object& object, const char* name, const std::optional<Timestamp>& value) {
  if (value) object[name] = base::to_iso8601(*value);
}

}  // namespace

std::vector<std::string> event_resources(const api::DescribePipelineExecutionResponse& execution) {
  return {execution.PipelineArn.value_or(""), execution.PipelineExecutionArn.value_or("")};
}

std::string execution_event(const api::DescribePipelineExecutionResponse& execution,
                            const std::string& previous_status) {
  json::object detail;
  put(detail, "pipelineArn", execution.PipelineArn);
  put(detail, "pipelineExecutionArn", execution.PipelineExecutionArn);
  put(detail, "pipelineExecutionDisplayName", execution.PipelineExecutionDisplayName);
  put(detail, "pipelineExecutionDescription", execution.PipelineExecutionDescription);
  put(detail, "currentPipelineExecutionStatus", execution.PipelineExecutionStatus);
  put(detail, "previousPipelineExecutionStatus", previous_status);
  put(detail, "failureReason", execution.FailureReason);
  put_time(detail, "executionStartTime", execution.CreationTime);
  const std::string status = execution.PipelineExecutionStatus.value_or("");
  if (status != "Executing" && status != "Stopping") {
    put_time(detail, "executionEndTime", execution.LastModifiedTime);
  }
  return json::serialize(detail);
}

std::string step_event(const api::DescribePipelineExecutionResponse& execution,
                       const std::string& type, const api::PipelineExecutionStep& step,
                       const std::string& previous_status) {
  json::object detail;
  put(detail, "pipelineArn", execution.PipelineArn);
  put(detail, "pipelineExecutionArn", execution.PipelineExecutionArn);
  put(detail, "stepName", step.StepName);
  put(detail, "stepType", type);
  put(detail, "currentStepStatus", step.StepStatus);
  put(detail, "previousStepStatus", previous_status);
  put(detail, "failureReason", step.FailureReason);
  put_time(detail, "stepStartTime", step.StartTime);
  put_time(detail, "stepEndTime", step.EndTime);
  if (step.CacheHitResult) {
    detail["cacheHitResult"] = camel(json::parse(to_json(*step.CacheHitResult)));
  }
  if (step.Metadata) detail["metadata"] = camel(json::parse(to_json(*step.Metadata)));
  return json::serialize(detail);
}

}  // namespace engine::sagemaker::pipelines
