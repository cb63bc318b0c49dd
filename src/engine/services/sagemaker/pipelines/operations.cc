// Pipeline executions: Start, Stop, Retry, Describe, and their lists.
#include "engine/services/sagemaker/operations.h"

#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/pipelines/executions.h"

#include <algorithm>

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "pipeline";

/// The row of an execution's table, or ResourceNotFound.
template <class Row>
Row row_of(const Table<Row>& table, const std::string& execution_arn) {
  auto row = table.find(key_of(execution_arn, kKind));
  if (!row) throw no_such_execution(execution_arn);
  return *row;
}

}  // namespace

api::op::StartPipelineExecution::Output start_pipeline_execution(
    SageMaker& sagemaker, Call&, const api::op::StartPipelineExecution::Input& input) {
  return {.PipelineExecutionArn = sagemaker.impl().live_executions->start(input)};
}

api::op::StopPipelineExecution::Output stop_pipeline_execution(
    SageMaker& sagemaker, Call&, const api::op::StopPipelineExecution::Input& input) {
  sagemaker.impl().live_executions->stop(key_of(input.PipelineExecutionArn, kKind));
  return {.PipelineExecutionArn = input.PipelineExecutionArn};
}

api::op::RetryPipelineExecution::Output retry_pipeline_execution(
    SageMaker& sagemaker, Call&, const api::op::RetryPipelineExecution::Input& input) {
  sagemaker.impl().live_executions->retry(key_of(input.PipelineExecutionArn, kKind),
                                          input.ParallelismConfiguration);
  return {.PipelineExecutionArn = input.PipelineExecutionArn};
}

api::op::DescribePipelineExecution::Output describe_pipeline_execution(
    SageMaker& sagemaker, Call&, const api::op::DescribePipelineExecution::Input& input) {
  return row_of(sagemaker.impl().executions, input.PipelineExecutionArn);
}

api::op::ListPipelineExecutions::Output list_pipeline_executions(
    SageMaker& sagemaker, Call&, const api::op::ListPipelineExecutions::Input& input) {
  auto& state = sagemaker.impl();
  const std::string pipeline = key_of(input.PipelineName, kKind);
  if (!state.pipelines.has(pipeline)) throw no_such_pipeline(state.arn(kKind, pipeline));
  std::vector<Listed<api::PipelineExecutionSummary>> all;
  for (const auto& execution : state.executions.all(pipeline + "/")) {
    auto summary = converted<api::PipelineExecutionSummary>(execution);
    summary.StartTime = execution.CreationTime;
    summary.PipelineExecutionFailureReason = execution.FailureReason;
    all.push_back({std::move(summary), execution.PipelineExecutionArn.value_or(""),
                   execution.CreationTime.value_or(Timestamp{}),
                   execution.LastModifiedTime.value_or(Timestamp{}), ""});
  }
  auto page = list_page(input, std::move(all));
  return {.PipelineExecutionSummaries = std::move(page.items), .NextToken = page.next};
}

/// Verified: newest first unless asked otherwise, as AWS's executed notebooks show.
api::op::ListPipelineExecutionSteps::Output list_pipeline_execution_steps(
    SageMaker& sagemaker, Call&, const api::op::ListPipelineExecutionSteps::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.PipelineExecutionArn.value_or(""), kKind);
  if (!state.executions.has(key)) throw no_such_execution(input.PipelineExecutionArn.value_or(""));
  auto steps = pipelines::stored_steps(state.context.catalog, key);
  if (input.SortOrder != "Ascending") std::reverse(steps.begin(), steps.end());
  auto page = page_of(std::move(steps), input.NextToken, input.MaxResults, 100, bad_token());
  return {.PipelineExecutionSteps = std::move(page.items), .NextToken = page.next};
}

/// Deviation: the parallelism of an execution under way is changed for its next retry only.
api::op::UpdatePipelineExecution::Output update_pipeline_execution(
    SageMaker& sagemaker, Call&, const api::op::UpdatePipelineExecution::Input& input) {
  auto& state = sagemaker.impl();
  const auto row = state.executions.change(
      key_of(input.PipelineExecutionArn, kKind), [&](api::DescribePipelineExecutionResponse& row) {
        if (input.PipelineExecutionDescription) {
          row.PipelineExecutionDescription = input.PipelineExecutionDescription;
        }
        if (input.PipelineExecutionDisplayName) {
          row.PipelineExecutionDisplayName = input.PipelineExecutionDisplayName;
        }
        if (input.ParallelismConfiguration) {
          row.ParallelismConfiguration = input.ParallelismConfiguration;
        }
        row.LastModifiedTime = state.now();
      });
  if (!row) throw no_such_execution(input.PipelineExecutionArn);
  return {.PipelineExecutionArn = input.PipelineExecutionArn};
}

api::op::SendPipelineExecutionStepSuccess::Output send_pipeline_execution_step_success(
    SageMaker& sagemaker, Call&, const api::op::SendPipelineExecutionStepSuccess::Input& input) {
  return {.PipelineExecutionArn = sagemaker.impl().live_executions->callbacks().answer(
              input.CallbackToken,
              {.succeeded = true,
               .outputs = input.OutputParameters.value_or(std::vector<api::OutputParameter>{})})};
}

api::op::SendPipelineExecutionStepFailure::Output send_pipeline_execution_step_failure(
    SageMaker& sagemaker, Call&, const api::op::SendPipelineExecutionStepFailure::Input& input) {
  return {.PipelineExecutionArn = sagemaker.impl().live_executions->callbacks().answer(
              input.CallbackToken,
              {.reason = input.FailureReason.value_or("The callback step failed.")})};
}

api::op::DescribePipelineDefinitionForExecution::Output describe_pipeline_definition_for_execution(
    SageMaker& sagemaker, Call&,
    const api::op::DescribePipelineDefinitionForExecution::Input& input) {
  return row_of(sagemaker.impl().definitions, input.PipelineExecutionArn);
}

api::op::ListPipelineParametersForExecution::Output list_pipeline_parameters_for_execution(
    SageMaker& sagemaker, Call&, const api::op::ListPipelineParametersForExecution::Input& input) {
  auto rows = row_of(sagemaker.impl().parameters, input.PipelineExecutionArn);
  auto page = page_of(std::move(rows.PipelineParameters).value_or(std::vector<api::Parameter>{}),
                      input.NextToken, input.MaxResults, 100, bad_token());
  return {.PipelineParameters = std::move(page.items), .NextToken = page.next};
}

}  // namespace engine::sagemaker
