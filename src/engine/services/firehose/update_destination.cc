// UpdateDestination.
#include "engine/services/firehose/destination.h"
#include "engine/services/firehose/operations.h"
#include "engine/services/firehose/state.h"

namespace engine::firehose {
namespace {

bool partitions(const api::ExtendedS3DestinationDescription& destination) {
  const auto& partitioning = destination.DynamicPartitioningConfiguration;
  return partitioning && partitioning->Enabled.value_or(false);
}

/// What AWS lets nobody take back.
void refuse_loss(const api::ExtendedS3DestinationDescription& before,
                 const api::ExtendedS3DestinationDescription& after) {
  if (before.S3BackupMode == "Enabled" && after.S3BackupMode != "Enabled") {
    throw invalid_argument("S3 backup cannot be disabled once it is enabled.");
  }
  if (partitions(before) != partitions(after)) {
    throw invalid_argument(
        "Dynamic Partitioning can be enabled or disabled only when a delivery stream is created.");
  }
}

}  // namespace

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
    const api::ExtendedS3DestinationDescription before = destination(stream);
    if (input.ExtendedS3DestinationUpdate) {
      update(destination(stream), *input.ExtendedS3DestinationUpdate);
    } else if (input.S3DestinationUpdate) {
      update(destination(stream), *input.S3DestinationUpdate);
    } else {
      throw invalid_argument("Only S3 and ExtendedS3 destinations are supported here.");
    }
    refuse_loss(before, destination(stream));
    stream.VersionId = std::to_string(std::stoull(stream.VersionId) + 1);
    stream.LastUpdateTimestamp = impl.tools.context.clock.now();
  });
  return {};
}

}  // namespace engine::firehose
