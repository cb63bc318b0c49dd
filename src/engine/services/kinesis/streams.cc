// CreateStream, DeleteStream, DescribeStream(Summary), ListStreams, DescribeLimits.
#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/limits.h"
#include "engine/services/kinesis/operations.h"
#include "engine/services/kinesis/paging.h"
#include "engine/services/kinesis/state.h"
#include "engine/services/kinesis/tags.h"

namespace engine::kinesis {
namespace {

constexpr std::int64_t kOnDemandShards = 4;
constexpr std::int64_t kDefaultRetentionHours = 24;

/// How many shards the stream is born with.
std::int64_t first_shards(const api::CreateStreamInput& input, std::string_view mode) {
  if (mode == kOnDemand) {
    if (input.ShardCount) {
      throw validation("ShardCount must not be specified for a stream in ON_DEMAND mode.");
    }
    return kOnDemandShards;
  }
  if (!input.ShardCount) {
    throw validation("ShardCount must be specified for a stream in PROVISIONED mode.");
  }
  return *input.ShardCount;
}

api::StreamSummary summary(const Stream& stream) {
  api::StreamSummary summary;
  summary.StreamName = stream.name();
  summary.StreamARN = stream.about.StreamARN;
  summary.StreamStatus = stream.about.StreamStatus;
  summary.StreamModeDetails = stream.about.StreamModeDetails;
  summary.StreamCreationTimestamp = stream.about.StreamCreationTimestamp;
  return summary;
}

}  // namespace

// Deviation: a stream is ACTIVE at once and gone at once; AWS passes through CREATING and DELETING.
api::CreateStreamOutput create_stream(Kinesis& kinesis, Call&,
                                      const api::CreateStreamInput& input) {
  Kinesis::Impl& impl = kinesis.impl();
  const std::string mode =
      input.StreamModeDetails ? input.StreamModeDetails->StreamMode : std::string(kProvisioned);
  const std::int64_t shards = first_shards(input, mode);
  if (shards < 1) throw validation("ShardCount must be at least 1.");
  if (mode == kOnDemand) {
    check_on_demand_limit(impl);
  } else {
    check_shard_limit(impl, shards);
  }

  Stream stream;
  stream.about.StreamName = input.StreamName;
  stream.about.StreamARN = impl.context.arn("kinesis", "stream/" + input.StreamName);
  stream.about.StreamId = impl.context.ids.alnum(20) + "-" + impl.context.ids.alnum(3);
  stream.about.StreamStatus = "ACTIVE";
  stream.about.StreamModeDetails = api::StreamModeDetails{mode};
  stream.about.RetentionPeriodHours = kDefaultRetentionHours;
  stream.about.StreamCreationTimestamp = impl.context.clock.now();
  stream.about.EnhancedMonitoring = {api::EnhancedMetrics{std::vector<std::string>{}}};
  stream.about.EncryptionType = "NONE";
  stream.about.OpenShardCount = shards;
  stream.about.MaxRecordSizeInKiB = input.MaxRecordSizeInKiB.value_or(1024);
  storage::Batch tags;
  if (input.Tags) put_tags(impl, stream.about.StreamARN, *input.Tags, tags);
  impl.create(std::move(stream), std::move(tags));
  return {};
}

api::DeleteStreamOutput delete_stream(Kinesis& kinesis, Call&,
                                      const api::DeleteStreamInput& input) {
  const StreamPtr stream = stream_of(kinesis, input);
  Kinesis::Impl& impl = kinesis.impl();
  if (!input.EnforceConsumerDeletion.value_or(false) &&
      impl.context.catalog.count(kConsumerTable, stream->name() + '\0') > 0) {
    throw stream_has_consumers(stream->name(), impl.context.account);
  }
  impl.remove(*stream);
  return {};
}

api::DescribeStreamOutput describe_stream(Kinesis& kinesis, Call&,
                                          const api::DescribeStreamInput& input) {
  constexpr std::int64_t kDefaultLimit = 100;
  const StreamPtr stream = stream_of(kinesis, input);
  const api::StreamDescriptionSummary& about = stream->about;
  api::DescribeStreamOutput output;
  api::StreamDescription& description = output.StreamDescription;
  description.StreamName = about.StreamName;
  description.StreamARN = about.StreamARN;
  description.StreamStatus = about.StreamStatus;
  description.StreamModeDetails = about.StreamModeDetails;
  description.RetentionPeriodHours = about.RetentionPeriodHours;
  description.StreamCreationTimestamp = about.StreamCreationTimestamp;
  description.EnhancedMonitoring = about.EnhancedMonitoring;
  description.EncryptionType = about.EncryptionType;
  description.KeyId = about.KeyId;
  std::vector<api::Shard> shards;
  for (const Shard& shard : stream->shards) {
    if (shard.id() > input.ExclusiveStartShardId.value_or("")) shards.push_back(shard.describe());
  }
  description.HasMoreShards = cut_page(shards, input.Limit.value_or(kDefaultLimit));
  description.Shards = std::move(shards);
  return output;
}

api::DescribeStreamSummaryOutput describe_stream_summary(
    Kinesis& kinesis, Call&, const api::DescribeStreamSummaryInput& input) {
  const StreamPtr stream = stream_of(kinesis, input);
  api::DescribeStreamSummaryOutput output{stream->about};
  output.StreamDescriptionSummary.ConsumerCount = static_cast<std::int64_t>(
      kinesis.impl().context.catalog.count(kConsumerTable, stream->name() + '\0'));
  return output;
}

api::ListStreamsOutput list_streams(Kinesis& kinesis, Call&, const api::ListStreamsInput& input) {
  constexpr std::int64_t kDefaultLimit = 100;
  const TokenSeal& seal = kinesis.impl().seal;
  std::string after = input.ExclusiveStartStreamName.value_or("");
  if (input.NextToken) {
    const auto fields = seal.open("ListStreams", *input.NextToken);
    if (!fields || fields->size() != 1) throw invalid_argument("NextToken is invalid.");
    after = fields->front();
  }
  std::vector<StreamPtr> streams = kinesis.impl().all();
  std::erase_if(streams, [&](const StreamPtr& stream) { return stream->name() <= after; });

  api::ListStreamsOutput output;
  output.HasMoreStreams = cut_page(streams, input.Limit.value_or(kDefaultLimit));
  output.StreamSummaries.emplace();
  for (const StreamPtr& stream : streams) {
    output.StreamNames.push_back(stream->name());
    output.StreamSummaries->push_back(summary(*stream));
  }
  if (output.HasMoreStreams)
    output.NextToken = seal.seal("ListStreams", {output.StreamNames.back()});
  return output;
}

api::DescribeLimitsOutput describe_limits(Kinesis& kinesis, Call&,
                                          const api::DescribeLimitsInput&) {
  return limits_of(kinesis.impl());
}

}  // namespace engine::kinesis
