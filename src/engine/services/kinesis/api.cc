// Kinesis' table of operations.
#include "engine/services/kinesis/api.h"

#include "engine/services/kinesis/operations.h"

namespace engine::kinesis {

ServiceDefinition definition(Kinesis& kinesis, Protocol protocol) {
  return {
      .name = "kinesis",
      .signing_name = "kinesis",
      .protocol = protocol,
      .target_prefix = "Kinesis_20131202",
      .operations =
          {
              operation<api::op::CreateStream>(create_stream, kinesis),
              operation<api::op::DeleteStream>(delete_stream, kinesis),
              operation<api::op::DescribeStream>(describe_stream, kinesis),
              operation<api::op::DescribeStreamSummary>(describe_stream_summary, kinesis),
              operation<api::op::ListStreams>(list_streams, kinesis),
              operation<api::op::DescribeLimits>(describe_limits, kinesis),
              operation<api::op::ListShards>(list_shards, kinesis),
              operation<api::op::PutRecord>(put_record, kinesis),
              operation<api::op::PutRecords>(put_records, kinesis),
              operation<api::op::GetShardIterator>(get_shard_iterator, kinesis),
              operation<api::op::GetRecords>(get_records, kinesis),
              operation<api::op::SplitShard>(split_shard, kinesis),
              operation<api::op::MergeShards>(merge_shards, kinesis),
              operation<api::op::UpdateShardCount>(update_shard_count, kinesis),
              operation<api::op::IncreaseStreamRetentionPeriod>(increase_retention, kinesis),
              operation<api::op::DecreaseStreamRetentionPeriod>(decrease_retention, kinesis),
              operation<api::op::StartStreamEncryption>(start_encryption, kinesis),
              operation<api::op::StopStreamEncryption>(stop_encryption, kinesis),
              operation<api::op::EnableEnhancedMonitoring>(enable_monitoring, kinesis),
              operation<api::op::DisableEnhancedMonitoring>(disable_monitoring, kinesis),
              operation<api::op::UpdateStreamMode>(update_stream_mode, kinesis),
              operation<api::op::AddTagsToStream>(add_tags_to_stream, kinesis),
              operation<api::op::RemoveTagsFromStream>(remove_tags_from_stream, kinesis),
              operation<api::op::ListTagsForStream>(list_tags_for_stream, kinesis),
              operation<api::op::TagResource>(tag_resource, kinesis),
              operation<api::op::UntagResource>(untag_resource, kinesis),
              operation<api::op::ListTagsForResource>(list_tags_for_resource, kinesis),
              operation<api::op::RegisterStreamConsumer>(register_consumer, kinesis),
              operation<api::op::DescribeStreamConsumer>(describe_consumer, kinesis),
              operation<api::op::ListStreamConsumers>(list_consumers, kinesis),
              operation<api::op::DeregisterStreamConsumer>(deregister_consumer, kinesis),
              operation<api::op::SubscribeToShard>(subscribe_to_shard, kinesis),
          },
  };
}

}  // namespace engine::kinesis
