// Starting, following, stopping queries, and reading their results.
#include "engine/services/athena/errors.h"
#include "engine/services/athena/operations.h"
#include "engine/services/paging.h"

namespace engine::athena {

api::StartQueryExecutionOutput start_query_execution(Athena& athena, Call&,
                                                     const api::StartQueryExecutionInput& input) {
  return {.QueryExecutionId = athena.start(input)};
}

api::GetQueryExecutionOutput get_query_execution(Athena& athena, Call&,
                                                 const api::GetQueryExecutionInput& input) {
  return {.QueryExecution = athena.execution_soon(input.QueryExecutionId)};
}

api::BatchGetQueryExecutionOutput batch_get_query_execution(
    Athena& athena, Call&, const api::BatchGetQueryExecutionInput& input) {
  std::vector<api::QueryExecution> found;
  std::vector<api::UnprocessedQueryExecutionId> missing;
  for (const std::string& id : input.QueryExecutionIds) {
    try {
      found.push_back(athena.execution(id));
    } catch (const AwsError& error) {
      missing.push_back(
          {.QueryExecutionId = id, .ErrorCode = "INVALID_INPUT", .ErrorMessage = error.what()});
    }
  }
  return {.QueryExecutions = std::move(found), .UnprocessedQueryExecutionIds = std::move(missing)};
}

api::ListQueryExecutionsOutput list_query_executions(Athena& athena, Call&,
                                                     const api::ListQueryExecutionsInput& input) {
  const std::string group = input.WorkGroup.value_or("primary");
  athena.workgroup(group);
  auto page =
      page_of(athena.executions(group), input.NextToken, input.MaxResults, 50, invalid_token());
  return {.QueryExecutionIds = std::move(page.items), .NextToken = page.next};
}

api::StopQueryExecutionOutput stop_query_execution(Athena& athena, Call&,
                                                   const api::StopQueryExecutionInput& input) {
  athena.stop(input.QueryExecutionId);
  return {};
}

api::GetQueryResultsOutput get_query_results(Athena& athena, Call&,
                                             const api::GetQueryResultsInput& input) {
  const auto limit = static_cast<std::size_t>(input.MaxResults.value_or(1000));
  ResultPage page = athena.results(input.QueryExecutionId, input.NextToken, limit);
  return {.UpdateCount = page.updated,
          .ResultSet =
              api::ResultSet{.Rows = std::move(page.rows),
                             .ResultSetMetadata = api::ResultSetMetadata{std::move(page.columns)}},
          .NextToken = page.next};
}

api::GetQueryRuntimeStatisticsOutput get_query_runtime_statistics(
    Athena& athena, Call&, const api::GetQueryRuntimeStatisticsInput& input) {
  const api::QueryExecution execution = athena.execution(input.QueryExecutionId);
  const auto& known = *execution.Statistics;
  const Athena::Amounts amounts = athena.amounts(input.QueryExecutionId);
  // Deviation: of the plan there is one stage, and its node tells how many files were opened.
  api::QueryStage stage{.StageId = 0,
                        .State = execution.Status->State,
                        .OutputRows = amounts.rows,
                        .InputBytes = known.DataScannedInBytes,
                        .ExecutionTime = known.EngineExecutionTimeInMillis};
  stage.QueryStagePlan = api::QueryStagePlanNode{
      .Name = "TableScan", .Identifier = fmt::format("files = {}", amounts.files)};
  return {.QueryRuntimeStatistics = api::QueryRuntimeStatistics{
              .Timeline =
                  api::QueryRuntimeStatisticsTimeline{
                      .QueryQueueTimeInMillis = known.QueryQueueTimeInMillis,
                      .QueryPlanningTimeInMillis = known.QueryPlanningTimeInMillis,
                      .EngineExecutionTimeInMillis = known.EngineExecutionTimeInMillis,
                      .ServiceProcessingTimeInMillis = known.ServiceProcessingTimeInMillis,
                      .TotalExecutionTimeInMillis = known.TotalExecutionTimeInMillis},
              .Rows = api::QueryRuntimeStatisticsRows{.InputBytes = known.DataScannedInBytes,
                                                      .OutputRows = amounts.rows},
              .OutputStage = std::move(stage)}};
}

}  // namespace engine::athena
