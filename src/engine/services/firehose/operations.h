// Firehose's operations, a function each, over the generated shapes.
#pragma once

#include "engine/models/firehose.h"
#include "engine/services/firehose/firehose.h"

namespace engine::firehose {

// streams.cc
api::CreateDeliveryStreamOutput create_delivery_stream(Firehose&, Call&,
                                                       const api::CreateDeliveryStreamInput&);
api::DeleteDeliveryStreamOutput delete_delivery_stream(Firehose&, Call&,
                                                       const api::DeleteDeliveryStreamInput&);
api::DescribeDeliveryStreamOutput describe_delivery_stream(Firehose&, Call&,
                                                           const api::DescribeDeliveryStreamInput&);
api::ListDeliveryStreamsOutput list_delivery_streams(Firehose&, Call&,
                                                     const api::ListDeliveryStreamsInput&);

// update_destination.cc
api::UpdateDestinationOutput update_destination(Firehose&, Call&,
                                                const api::UpdateDestinationInput&);

// put_records.cc
api::PutRecordOutput put_record(Firehose&, Call&, const api::PutRecordInput&);
api::PutRecordBatchOutput put_record_batch(Firehose&, Call&, const api::PutRecordBatchInput&);

// tags.cc
api::TagDeliveryStreamOutput tag_delivery_stream(Firehose&, Call&,
                                                 const api::TagDeliveryStreamInput&);
api::UntagDeliveryStreamOutput untag_delivery_stream(Firehose&, Call&,
                                                     const api::UntagDeliveryStreamInput&);
api::ListTagsForDeliveryStreamOutput list_tags_for_delivery_stream(
    Firehose&, Call&, const api::ListTagsForDeliveryStreamInput&);

// encryption.cc
api::StartDeliveryStreamEncryptionOutput start_encryption(
    Firehose&, Call&, const api::StartDeliveryStreamEncryptionInput&);
api::StopDeliveryStreamEncryptionOutput stop_encryption(
    Firehose&, Call&, const api::StopDeliveryStreamEncryptionInput&);

}  // namespace engine::firehose
