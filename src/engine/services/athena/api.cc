// The table of Athena's operations.
#include "engine/services/athena/api.h"

#include "engine/services/athena/operations.h"

namespace engine::athena {

ServiceDefinition definition(Athena& athena) {
  return {
      .name = "athena",
      .signing_name = "athena",
      .protocol = Protocol::kAwsJson11,
      .target_prefix = "AmazonAthena",
      .validation_code = "InvalidRequestException",
      .operations =
          {
              operation<api::op::StartQueryExecution>(start_query_execution, athena),
              operation<api::op::GetQueryExecution>(get_query_execution, athena),
              operation<api::op::BatchGetQueryExecution>(batch_get_query_execution, athena),
              operation<api::op::ListQueryExecutions>(list_query_executions, athena),
              operation<api::op::StopQueryExecution>(stop_query_execution, athena),
              operation<api::op::GetQueryResults>(get_query_results, athena),
              operation<api::op::GetQueryRuntimeStatistics>(get_query_runtime_statistics, athena),
              operation<api::op::CreateWorkGroup>(create_work_group, athena),
              operation<api::op::GetWorkGroup>(get_work_group, athena),
              operation<api::op::ListWorkGroups>(list_work_groups, athena),
              operation<api::op::UpdateWorkGroup>(update_work_group, athena),
              operation<api::op::DeleteWorkGroup>(delete_work_group, athena),
              operation<api::op::ListEngineVersions>(list_engine_versions, athena),
              operation<api::op::ListTagsForResource>(list_tags_for_resource, athena),
              operation<api::op::TagResource>(tag_resource, athena),
              operation<api::op::UntagResource>(untag_resource, athena),
              operation<api::op::CreateNamedQuery>(create_named_query, athena),
              operation<api::op::GetNamedQuery>(get_named_query, athena),
              operation<api::op::BatchGetNamedQuery>(batch_get_named_query, athena),
              operation<api::op::ListNamedQueries>(list_named_queries, athena),
              operation<api::op::DeleteNamedQuery>(delete_named_query, athena),
              operation<api::op::CreatePreparedStatement>(create_prepared_statement, athena),
              operation<api::op::GetPreparedStatement>(get_prepared_statement, athena),
              operation<api::op::ListPreparedStatements>(list_prepared_statements, athena),
              operation<api::op::UpdatePreparedStatement>(update_prepared_statement, athena),
              operation<api::op::DeletePreparedStatement>(delete_prepared_statement, athena),
              operation<api::op::ListDataCatalogs>(list_data_catalogs, athena),
              operation<api::op::GetDataCatalog>(get_data_catalog, athena),
              operation<api::op::ListDatabases>(list_databases, athena),
              operation<api::op::GetDatabase>(get_database, athena),
              operation<api::op::ListTableMetadata>(list_table_metadata, athena),
              operation<api::op::GetTableMetadata>(get_table_metadata, athena),
          },
  };
}

}  // namespace engine::athena
