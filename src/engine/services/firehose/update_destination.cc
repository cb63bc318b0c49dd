// UpdateDestination.
#include "engine/services/firehose/destination.h"
#include "engine/services/firehose/operations.h"
#include "engine/services/firehose/state.h"

namespace engine::firehose {

api::UpdateDestinationOutput update_destination(Firehose& firehose, Call&,
                                                const api::UpdateDestinationInput& input) {
  Firehose::Impl& impl = firehose.impl();
  impl.alter(input.DeliveryStreamName, [&](api::DeliveryStreamDescription& stream) {
    if (input.CurrentDeliveryStreamVersionId != stream.VersionId) {
      throw old_version(input.CurrentDeliveryStreamVersionId, stream.VersionId);
    }
    if (input.DestinationId != stream.Destinations.at(0).DestinationId) {
      throw invalid_argument(fmt::format("Destination Id {} not found", input.DestinationId));
    }
    if (input.ExtendedS3DestinationUpdate) {
      update(destination(stream), *input.ExtendedS3DestinationUpdate);
    } else if (input.S3DestinationUpdate) {
      update(destination(stream), *input.S3DestinationUpdate);
    } else {
      throw invalid_argument("Only S3 and ExtendedS3 destinations are supported here.");
    }
    stream.VersionId = std::to_string(std::stoull(stream.VersionId) + 1);
    stream.LastUpdateTimestamp = impl.tools.context.clock.now();
  });
  return {};
}

}  // namespace engine::firehose
