// Athena's operations by family; api.cc binds them.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/athena/athena.h"

namespace engine::athena {

#define ATHENA_OPERATION(function, Name) \
  api::Name##Output function(Athena& athena, Call& call, const api::Name##Input& input)

// executions.cc
ATHENA_OPERATION(start_query_execution, StartQueryExecution);
ATHENA_OPERATION(get_query_execution, GetQueryExecution);
ATHENA_OPERATION(batch_get_query_execution, BatchGetQueryExecution);
ATHENA_OPERATION(list_query_executions, ListQueryExecutions);
ATHENA_OPERATION(stop_query_execution, StopQueryExecution);
ATHENA_OPERATION(get_query_results, GetQueryResults);
ATHENA_OPERATION(get_query_runtime_statistics, GetQueryRuntimeStatistics);
// workgroups.cc
ATHENA_OPERATION(create_work_group, CreateWorkGroup);
ATHENA_OPERATION(get_work_group, GetWorkGroup);
ATHENA_OPERATION(list_work_groups, ListWorkGroups);
ATHENA_OPERATION(update_work_group, UpdateWorkGroup);
ATHENA_OPERATION(delete_work_group, DeleteWorkGroup);
ATHENA_OPERATION(list_engine_versions, ListEngineVersions);
ATHENA_OPERATION(list_tags_for_resource, ListTagsForResource);
ATHENA_OPERATION(tag_resource, TagResource);
ATHENA_OPERATION(untag_resource, UntagResource);
// saved_queries.cc
ATHENA_OPERATION(create_named_query, CreateNamedQuery);
ATHENA_OPERATION(get_named_query, GetNamedQuery);
ATHENA_OPERATION(batch_get_named_query, BatchGetNamedQuery);
ATHENA_OPERATION(list_named_queries, ListNamedQueries);
ATHENA_OPERATION(delete_named_query, DeleteNamedQuery);
ATHENA_OPERATION(create_prepared_statement, CreatePreparedStatement);
ATHENA_OPERATION(get_prepared_statement, GetPreparedStatement);
ATHENA_OPERATION(list_prepared_statements, ListPreparedStatements);
ATHENA_OPERATION(update_prepared_statement, UpdatePreparedStatement);
ATHENA_OPERATION(delete_prepared_statement, DeletePreparedStatement);
// metadata.cc
ATHENA_OPERATION(list_data_catalogs, ListDataCatalogs);
ATHENA_OPERATION(get_data_catalog, GetDataCatalog);
ATHENA_OPERATION(list_databases, ListDatabases);
ATHENA_OPERATION(get_database, GetDatabase);
ATHENA_OPERATION(list_table_metadata, ListTableMetadata);
ATHENA_OPERATION(get_table_metadata, GetTableMetadata);

#undef ATHENA_OPERATION

}  // namespace engine::athena
