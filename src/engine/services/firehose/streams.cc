// CreateDeliveryStream, DeleteDeliveryStream, DescribeDeliveryStream, ListDeliveryStreams.
#include "engine/services/firehose/destination.h"
#include "engine/services/firehose/operations.h"
#include "engine/services/firehose/state.h"
#include "engine/services/firehose/tags.h"

namespace engine::firehose {
namespace {

constexpr std::string_view kDestinationId = "destinationId-000000000001";

void refuse_foreign_destinations(const api::CreateDeliveryStreamInput& input) {
  // Deviation: S3 is the one destination here.
  if (input.RedshiftDestinationConfiguration || input.ElasticsearchDestinationConfiguration ||
      input.AmazonopensearchserviceDestinationConfiguration ||
      input.SplunkDestinationConfiguration || input.HttpEndpointDestinationConfiguration ||
      input.AmazonOpenSearchServerlessDestinationConfiguration ||
      input.SnowflakeDestinationConfiguration || input.IcebergDestinationConfiguration) {
    throw invalid_argument("Only S3 and ExtendedS3 destinations are supported here.");
  }
  if (input.MSKSourceConfiguration || input.DatabaseSourceConfiguration) {
    throw invalid_argument("Only DirectPut and KinesisStreamAsSource are supported here.");
  }
}

api::DestinationDescription destination_of(const api::CreateDeliveryStreamInput& input) {
  refuse_foreign_destinations(input);
  if (input.ExtendedS3DestinationConfiguration.has_value() ==
      input.S3DestinationConfiguration.has_value()) {
    throw invalid_argument("Exactly one destination configuration must be specified.");
  }
  api::DestinationDescription destination;
  destination.DestinationId = kDestinationId;
  destination.ExtendedS3DestinationDescription =
      input.ExtendedS3DestinationConfiguration ? describe(*input.ExtendedS3DestinationConfiguration)
                                               : describe(*input.S3DestinationConfiguration);
  return destination;
}

std::optional<api::SourceDescription> source_of(const Firehose::Impl& firehose,
                                                const api::CreateDeliveryStreamInput& input,
                                                std::string_view type) {
  const auto& from = input.KinesisStreamSourceConfiguration;
  if ((type == kKinesisSource) != from.has_value()) {
    throw invalid_argument(
        "KinesisStreamSourceConfiguration must be given for, and only for, "
        "DeliveryStreamType KinesisStreamAsSource.");
  }
  if (!from) return std::nullopt;
  if (!firehose.kinesis.has_stream(from->KinesisStreamARN)) {
    throw invalid_argument(
        fmt::format("The Kinesis stream {} does not exist.", from->KinesisStreamARN));
  }
  api::SourceDescription source;
  source.KinesisStreamSourceDescription = api::KinesisStreamSourceDescription{
      from->KinesisStreamARN, from->RoleARN, firehose.tools.context.clock.now()};
  return source;
}

api::DeliveryStreamEncryptionConfiguration encryption_of(
    const api::CreateDeliveryStreamInput& input) {
  api::DeliveryStreamEncryptionConfiguration encryption;
  const auto& from = input.DeliveryStreamEncryptionConfigurationInput;
  encryption.Status = from ? "ENABLED" : "DISABLED";
  if (from) {
    encryption.KeyType = from->KeyType;
    encryption.KeyARN = from->KeyARN;
  }
  return encryption;
}

}  // namespace

// Deviation: a delivery stream is ACTIVE at once and gone at once.
api::CreateDeliveryStreamOutput create_delivery_stream(
    Firehose& firehose, Call&, const api::CreateDeliveryStreamInput& input) {
  Firehose::Impl& impl = firehose.impl();
  Context& context = impl.tools.context;
  api::DeliveryStreamDescription stream;
  stream.DeliveryStreamName = input.DeliveryStreamName;
  stream.DeliveryStreamARN = context.arn("firehose", "deliverystream/" + input.DeliveryStreamName);
  stream.DeliveryStreamStatus = "ACTIVE";
  stream.DeliveryStreamType = input.DeliveryStreamType.value_or(std::string(kDirectPut));
  stream.VersionId = "1";
  stream.CreateTimestamp = context.clock.now();
  stream.Destinations = {destination_of(input)};
  stream.Source = source_of(impl, input, stream.DeliveryStreamType);
  stream.DeliveryStreamEncryptionConfiguration = encryption_of(input);

  storage::Batch tags;
  if (input.Tags) put_tags(impl, input.DeliveryStreamName, *input.Tags, tags);
  const std::string arn = stream.DeliveryStreamARN;
  impl.create(std::move(stream), std::move(tags));
  return {arn};
}

api::DeleteDeliveryStreamOutput delete_delivery_stream(
    Firehose& firehose, Call&, const api::DeleteDeliveryStreamInput& input) {
  firehose.impl().remove(input.DeliveryStreamName);
  return {};
}

api::DescribeDeliveryStreamOutput describe_delivery_stream(
    Firehose& firehose, Call&, const api::DescribeDeliveryStreamInput& input) {
  api::DescribeDeliveryStreamOutput output;
  output.DeliveryStreamDescription = firehose.impl().stream(input.DeliveryStreamName)->description;
  for (api::DestinationDescription& one : output.DeliveryStreamDescription.Destinations) {
    one.S3DestinationDescription = to_s3(*one.ExtendedS3DestinationDescription);
  }
  return output;
}

api::ListDeliveryStreamsOutput list_delivery_streams(Firehose& firehose, Call&,
                                                     const api::ListDeliveryStreamsInput& input) {
  constexpr std::int64_t kDefaultLimit = 10;
  const auto limit = static_cast<std::size_t>(input.Limit.value_or(kDefaultLimit));
  api::ListDeliveryStreamsOutput output;
  for (const StreamPtr& stream : firehose.impl().all()) {
    const api::DeliveryStreamDescription& about = stream->description;
    if (about.DeliveryStreamName <= input.ExclusiveStartDeliveryStreamName.value_or("")) continue;
    if (input.DeliveryStreamType && about.DeliveryStreamType != *input.DeliveryStreamType) continue;
    if (output.DeliveryStreamNames.size() == limit) {
      output.HasMoreDeliveryStreams = true;
      break;
    }
    output.DeliveryStreamNames.push_back(about.DeliveryStreamName);
  }
  return output;
}

}  // namespace engine::firehose
