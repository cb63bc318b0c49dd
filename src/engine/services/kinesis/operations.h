// Kinesis' operations, a function each, over the generated shapes.
#pragma once

#include "engine/models/kinesis.h"
#include "engine/services/kinesis/kinesis.h"

namespace engine::kinesis {

// streams.cc
api::CreateStreamOutput create_stream(Kinesis&, Call&, const api::CreateStreamInput&);
api::DeleteStreamOutput delete_stream(Kinesis&, Call&, const api::DeleteStreamInput&);
api::DescribeStreamOutput describe_stream(Kinesis&, Call&, const api::DescribeStreamInput&);
api::DescribeStreamSummaryOutput describe_stream_summary(Kinesis&, Call&,
                                                         const api::DescribeStreamSummaryInput&);
api::ListStreamsOutput list_streams(Kinesis&, Call&, const api::ListStreamsInput&);
api::DescribeLimitsOutput describe_limits(Kinesis&, Call&, const api::DescribeLimitsInput&);

// list_shards.cc
api::ListShardsOutput list_shards(Kinesis&, Call&, const api::ListShardsInput&);

// put_records.cc
api::PutRecordOutput put_record(Kinesis&, Call&, const api::PutRecordInput&);
api::PutRecordsOutput put_records(Kinesis&, Call&, const api::PutRecordsInput&);

// get_records.cc
api::GetShardIteratorOutput get_shard_iterator(Kinesis&, Call&, const api::GetShardIteratorInput&);
api::GetRecordsOutput get_records(Kinesis&, Call&, const api::GetRecordsInput&);

// reshard.cc
api::SplitShardOutput split_shard(Kinesis&, Call&, const api::SplitShardInput&);
api::MergeShardsOutput merge_shards(Kinesis&, Call&, const api::MergeShardsInput&);
api::UpdateShardCountOutput update_shard_count(Kinesis&, Call&, const api::UpdateShardCountInput&);

// settings.cc
api::IncreaseStreamRetentionPeriodOutput increase_retention(
    Kinesis&, Call&, const api::IncreaseStreamRetentionPeriodInput&);
api::DecreaseStreamRetentionPeriodOutput decrease_retention(
    Kinesis&, Call&, const api::DecreaseStreamRetentionPeriodInput&);
api::StartStreamEncryptionOutput start_encryption(Kinesis&, Call&,
                                                  const api::StartStreamEncryptionInput&);
api::StopStreamEncryptionOutput stop_encryption(Kinesis&, Call&,
                                                const api::StopStreamEncryptionInput&);
api::EnhancedMonitoringOutput enable_monitoring(Kinesis&, Call&,
                                                const api::EnableEnhancedMonitoringInput&);
api::EnhancedMonitoringOutput disable_monitoring(Kinesis&, Call&,
                                                 const api::DisableEnhancedMonitoringInput&);
api::UpdateStreamModeOutput update_stream_mode(Kinesis&, Call&, const api::UpdateStreamModeInput&);

// tags.cc
api::AddTagsToStreamOutput add_tags_to_stream(Kinesis&, Call&, const api::AddTagsToStreamInput&);
api::RemoveTagsFromStreamOutput remove_tags_from_stream(Kinesis&, Call&,
                                                        const api::RemoveTagsFromStreamInput&);
api::ListTagsForStreamOutput list_tags_for_stream(Kinesis&, Call&,
                                                  const api::ListTagsForStreamInput&);
api::TagResourceOutput tag_resource(Kinesis&, Call&, const api::TagResourceInput&);
api::UntagResourceOutput untag_resource(Kinesis&, Call&, const api::UntagResourceInput&);
api::ListTagsForResourceOutput list_tags_for_resource(Kinesis&, Call&,
                                                      const api::ListTagsForResourceInput&);

// consumers.cc
api::RegisterStreamConsumerOutput register_consumer(Kinesis&, Call&,
                                                    const api::RegisterStreamConsumerInput&);
api::DescribeStreamConsumerOutput describe_consumer(Kinesis&, Call&,
                                                    const api::DescribeStreamConsumerInput&);
api::ListStreamConsumersOutput list_consumers(Kinesis&, Call&,
                                              const api::ListStreamConsumersInput&);
/// The answer is an event stream: `call.events`.
api::SubscribeToShardOutput subscribe_to_shard(Kinesis&, Call&, const api::SubscribeToShardInput&);
api::DeregisterStreamConsumerOutput deregister_consumer(Kinesis&, Call&,
                                                        const api::DeregisterStreamConsumerInput&);

}  // namespace engine::kinesis
