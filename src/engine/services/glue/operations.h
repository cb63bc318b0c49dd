// Glue's operations by family; api.cc binds them.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/glue/crawlers/crawlers.h"
#include "engine/services/glue/glue.h"

namespace engine::glue {

#define GLUE_OPERATION(function, Name) \
  api::Name##Output function(Glue& glue, Call& call, const api::Name##Input& input)

#define CRAWLER_OPERATION(function, Name) \
  api::Name##Output function(Crawlers& crawlers, Call& call, const api::Name##Input& input)

// databases.cc
GLUE_OPERATION(create_database, CreateDatabase);
GLUE_OPERATION(get_database, GetDatabase);
GLUE_OPERATION(get_databases, GetDatabases);
GLUE_OPERATION(update_database, UpdateDatabase);
GLUE_OPERATION(delete_database, DeleteDatabase);
// tables.cc
GLUE_OPERATION(create_table, CreateTable);
GLUE_OPERATION(get_table, GetTable);
GLUE_OPERATION(get_tables, GetTables);
GLUE_OPERATION(update_table, UpdateTable);
GLUE_OPERATION(delete_table, DeleteTable);
GLUE_OPERATION(batch_delete_table, BatchDeleteTable);
GLUE_OPERATION(get_table_version, GetTableVersion);
GLUE_OPERATION(get_table_versions, GetTableVersions);
GLUE_OPERATION(get_partition_indexes, GetPartitionIndexes);
// partitions.cc
GLUE_OPERATION(create_partition, CreatePartition);
GLUE_OPERATION(batch_create_partition, BatchCreatePartition);
GLUE_OPERATION(get_partition, GetPartition);
GLUE_OPERATION(get_partitions, GetPartitions);
GLUE_OPERATION(batch_get_partition, BatchGetPartition);
GLUE_OPERATION(update_partition, UpdatePartition);
GLUE_OPERATION(delete_partition, DeletePartition);
GLUE_OPERATION(batch_delete_partition, BatchDeletePartition);
GLUE_OPERATION(batch_update_partition, BatchUpdatePartition);
// crawlers.cc
CRAWLER_OPERATION(create_crawler, CreateCrawler);
CRAWLER_OPERATION(get_crawler, GetCrawler);
CRAWLER_OPERATION(get_crawlers, GetCrawlers);
CRAWLER_OPERATION(batch_get_crawlers, BatchGetCrawlers);
CRAWLER_OPERATION(list_crawlers, ListCrawlers);
CRAWLER_OPERATION(update_crawler, UpdateCrawler);
CRAWLER_OPERATION(delete_crawler, DeleteCrawler);
CRAWLER_OPERATION(start_crawler_schedule, StartCrawlerSchedule);
CRAWLER_OPERATION(stop_crawler_schedule, StopCrawlerSchedule);
CRAWLER_OPERATION(update_crawler_schedule, UpdateCrawlerSchedule);
// crawler_runs.cc
CRAWLER_OPERATION(start_crawler, StartCrawler);
CRAWLER_OPERATION(stop_crawler, StopCrawler);
CRAWLER_OPERATION(list_crawls, ListCrawls);
CRAWLER_OPERATION(get_crawler_metrics, GetCrawlerMetrics);
// classifiers.cc
CRAWLER_OPERATION(create_classifier, CreateClassifier);
CRAWLER_OPERATION(get_classifier, GetClassifier);
CRAWLER_OPERATION(get_classifiers, GetClassifiers);
CRAWLER_OPERATION(update_classifier, UpdateClassifier);
CRAWLER_OPERATION(delete_classifier, DeleteClassifier);
// tags.cc
GLUE_OPERATION(get_tags, GetTags);
GLUE_OPERATION(tag_resource, TagResource);
GLUE_OPERATION(untag_resource, UntagResource);

#undef CRAWLER_OPERATION
#undef GLUE_OPERATION

}  // namespace engine::glue
