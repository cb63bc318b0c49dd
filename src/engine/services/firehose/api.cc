// Firehose's table of operations.
#include "engine/services/firehose/api.h"

#include "engine/services/firehose/operations.h"

namespace engine::firehose {

ServiceDefinition definition(Firehose& firehose) {
  return {
      .name = "firehose",
      .signing_name = "firehose",
      .protocol = Protocol::kAwsJson11,
      .target_prefix = "Firehose_20150804",
      .operations =
          {
              operation<api::op::CreateDeliveryStream>(create_delivery_stream, firehose),
              operation<api::op::DeleteDeliveryStream>(delete_delivery_stream, firehose),
              operation<api::op::DescribeDeliveryStream>(describe_delivery_stream, firehose),
              operation<api::op::ListDeliveryStreams>(list_delivery_streams, firehose),
              operation<api::op::UpdateDestination>(update_destination, firehose),
              operation<api::op::PutRecord>(put_record, firehose),
              operation<api::op::PutRecordBatch>(put_record_batch, firehose),
              operation<api::op::TagDeliveryStream>(tag_delivery_stream, firehose),
              operation<api::op::UntagDeliveryStream>(untag_delivery_stream, firehose),
              operation<api::op::ListTagsForDeliveryStream>(list_tags_for_delivery_stream,
                                                            firehose),
              operation<api::op::StartDeliveryStreamEncryption>(start_encryption, firehose),
              operation<api::op::StopDeliveryStreamEncryption>(stop_encryption, firehose),
          },
  };
}

}  // namespace engine::firehose
