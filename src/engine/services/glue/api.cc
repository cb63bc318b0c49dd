// The table of Glue's operations.
#include "engine/services/glue/api.h"

#include "engine/services/glue/operations.h"

namespace engine::glue {

ServiceDefinition definition(Glue& glue, Crawlers& crawlers) {
  return {
      .name = "glue",
      .signing_name = "glue",
      .protocol = Protocol::kAwsJson11,
      .target_prefix = "AWSGlue",
      .operations =
          {
              operation<api::op::CreateDatabase>(create_database, glue),
              operation<api::op::GetDatabase>(get_database, glue),
              operation<api::op::GetDatabases>(get_databases, glue),
              operation<api::op::UpdateDatabase>(update_database, glue),
              operation<api::op::DeleteDatabase>(delete_database, glue),
              operation<api::op::CreateTable>(create_table, glue),
              operation<api::op::GetTable>(get_table, glue),
              operation<api::op::GetTables>(get_tables, glue),
              operation<api::op::UpdateTable>(update_table, glue),
              operation<api::op::DeleteTable>(delete_table, glue),
              operation<api::op::BatchDeleteTable>(batch_delete_table, glue),
              operation<api::op::GetTableVersion>(get_table_version, glue),
              operation<api::op::GetTableVersions>(get_table_versions, glue),
              operation<api::op::GetPartitionIndexes>(get_partition_indexes, glue),
              operation<api::op::CreatePartition>(create_partition, glue),
              operation<api::op::BatchCreatePartition>(batch_create_partition, glue),
              operation<api::op::GetPartition>(get_partition, glue),
              operation<api::op::GetPartitions>(get_partitions, glue),
              operation<api::op::BatchGetPartition>(batch_get_partition, glue),
              operation<api::op::UpdatePartition>(update_partition, glue),
              operation<api::op::DeletePartition>(delete_partition, glue),
              operation<api::op::BatchDeletePartition>(batch_delete_partition, glue),
              operation<api::op::BatchUpdatePartition>(batch_update_partition, glue),
              operation<api::op::CreateCrawler>(create_crawler, crawlers),
              operation<api::op::GetCrawler>(get_crawler, crawlers),
              operation<api::op::GetCrawlers>(get_crawlers, crawlers),
              operation<api::op::BatchGetCrawlers>(batch_get_crawlers, crawlers),
              operation<api::op::ListCrawlers>(list_crawlers, crawlers),
              operation<api::op::UpdateCrawler>(update_crawler, crawlers),
              operation<api::op::DeleteCrawler>(delete_crawler, crawlers),
              operation<api::op::StartCrawlerSchedule>(start_crawler_schedule, crawlers),
              operation<api::op::StopCrawlerSchedule>(stop_crawler_schedule, crawlers),
              operation<api::op::UpdateCrawlerSchedule>(update_crawler_schedule, crawlers),
              operation<api::op::StartCrawler>(start_crawler, crawlers),
              operation<api::op::StopCrawler>(stop_crawler, crawlers),
              operation<api::op::ListCrawls>(list_crawls, crawlers),
              operation<api::op::GetCrawlerMetrics>(get_crawler_metrics, crawlers),
              operation<api::op::CreateClassifier>(create_classifier, crawlers),
              operation<api::op::GetClassifier>(get_classifier, crawlers),
              operation<api::op::GetClassifiers>(get_classifiers, crawlers),
              operation<api::op::UpdateClassifier>(update_classifier, crawlers),
              operation<api::op::DeleteClassifier>(delete_classifier, crawlers),
              operation<api::op::GetTags>(get_tags, glue),
              operation<api::op::TagResource>(tag_resource, glue),
              operation<api::op::UntagResource>(untag_resource, glue),
          },
  };
}

}  // namespace engine::glue
