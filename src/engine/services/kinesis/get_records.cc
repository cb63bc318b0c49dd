// GetShardIterator and GetRecords: a sealed position in a shard, and the records from there.
#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/operations.h"
#include "engine/services/kinesis/state.h"

#include <algorithm>
#include <charconv>

namespace engine::kinesis {
namespace {

constexpr std::string_view kIterator = "ShardIterator";
constexpr std::size_t kMaxRecords = 10'000, kMaxBytes = 10 << 20;

/// What a shard iterator stands for.
struct Position {
  std::string stream_id, stream, shard;
  Offset offset = 0;
  Timestamp issued;
};

std::string seal(const Kinesis::Impl& kinesis, const Position& position) {
  return kinesis.seal.seal(kIterator, {position.stream_id, position.stream, position.shard,
                                       std::to_string(position.offset),
                                       std::to_string(position.issued.time_since_epoch().count())});
}

std::uint64_t to_number(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Position open(const Kinesis::Impl& kinesis, std::string_view iterator) {
  const auto fields = kinesis.seal.open(kIterator, iterator);
  if (!fields || fields->size() != 5) throw invalid_argument("Invalid ShardIterator.");
  return {(*fields)[0], (*fields)[1], (*fields)[2], to_number((*fields)[3]),
          Timestamp{Milliseconds{static_cast<std::int64_t>(to_number((*fields)[4]))}}};
}

/// Where the record of that number stands. Numbers of another shard are refused.
Offset offset_of(const Kinesis::Impl& kinesis, const Stream& stream, const Shard& shard,
                 const std::optional<std::string>& text, std::string_view type) {
  if (!text) {
    throw invalid_argument(
        fmt::format("Must either specify the StartingSequenceNumber or use another "
                    "ShardIteratorType than {}.",
                    type));
  }
  const auto number = parse_sequence_number(*text);
  if (!number || number->shard_number != shard.number || number->shard_created != shard.created) {
    throw invalid_argument(fmt::format(
        "StartingSequenceNumber {} used in GetShardIterator on shard {} in stream {} under account "
        "{} is invalid because it did not come from this stream.",
        *text, shard.id(), stream.name(), kinesis.context.account));
  }
  return number->offset;
}

Offset offset_at(const Kinesis::Impl& kinesis, const Shard& shard,
                 const std::optional<Timestamp>& time) {
  if (!time) {
    throw invalid_argument(
        "Must specify timestampInMillis parameter for iterator of type "
        "AT_TIMESTAMP. Current request has no timestamp parameter.");
  }
  const Timestamp now = kinesis.context.clock.now();
  if (*time > now) {
    throw invalid_argument(fmt::format(
        "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. "
        "timestampInMillis: {}, currentTimestampInMillis: {}",
        time->time_since_epoch().count(), now.time_since_epoch().count()));
  }
  return shard.records->log.at_time(*time);
}

Offset first_offset(const Kinesis::Impl& kinesis, const Stream& stream, const Shard& shard,
                    const api::GetShardIteratorInput& input) {
  const std::string& type = input.ShardIteratorType;
  if (type == "LATEST") return shard.records->log.end();
  if (type == "AT_TIMESTAMP") return offset_at(kinesis, shard, input.Timestamp);
  if (type == "TRIM_HORIZON") return shard.records->log.begin();
  const Offset offset = offset_of(kinesis, stream, shard, input.StartingSequenceNumber, type);
  return type == "AFTER_SEQUENCE_NUMBER" ? offset + 1 : offset;
}

/// The shards that follow a closed one.
std::vector<api::ChildShard> children(const Stream& stream, const Shard& parent) {
  std::vector<api::ChildShard> list;
  for (const Shard& shard : stream.shards) {
    if (shard.parent != parent.number && shard.adjacent_parent != parent.number) continue;
    api::ChildShard child;
    child.ShardId = shard.id();
    for (const auto& number : {shard.parent, shard.adjacent_parent}) {
      if (number) child.ParentShards.push_back(shard_id(*number));
    }
    child.HashKeyRange = shard.describe().HashKeyRange;
    list.push_back(std::move(child));
  }
  return list;
}

Position live_position(const Kinesis::Impl& kinesis, const std::string& iterator) {
  Position position = open(kinesis, iterator);
  const Timestamp now = kinesis.context.clock.now();
  if (now - position.issued > kinesis.options.iterator_lifetime) {
    throw iterator_expired(position.issued, now);
  }
  return position;
}

/// Throws when the shard has given its share of this second.
void begin_read(const Kinesis::Impl& kinesis, const Stream& stream, const Shard& shard) {
  if (!kinesis.options.limits || stream.is_on_demand()) return;
  const Timestamp now = kinesis.context.clock.now();
  if (shard.records->given.with(
          [&](Throughput& given) { return given.begin_read(now, kinesis.options.reads); })) {
    return;
  }
  kinesis.context.meter(
      {"AWS/Kinesis", "ReadProvisionedThroughputExceeded", "StreamName", stream.name(), 1});
  throw throughput_exceeded(shard.id(), stream.name(), kinesis.context.account);
}

std::uint64_t bytes_of(const std::vector<api::Record>& records) {
  std::uint64_t bytes = 0;
  for (const api::Record& record : records) {
    bytes += record.Data.size() + record.PartitionKey.size();
  }
  return bytes;
}

}  // namespace

api::GetShardIteratorOutput get_shard_iterator(Kinesis& kinesis, Call&,
                                               const api::GetShardIteratorInput& input) {
  const Kinesis::Impl& impl = kinesis.impl();
  const StreamPtr stream = stream_of(kinesis, input);
  const Shard& shard = impl.shard(*stream, input.ShardId);
  return {seal(impl, {stream->about.StreamId.value_or(""), stream->name(), shard.id(),
                      first_offset(impl, *stream, shard, input), impl.context.clock.now()})};
}

api::GetRecordsOutput get_records(Kinesis& kinesis, Call&, const api::GetRecordsInput& input) {
  const Kinesis::Impl& impl = kinesis.impl();
  Position position = live_position(impl, input.ShardIterator);
  const StreamPtr stream = impl.stream(position.stream);
  if (stream->about.StreamId != position.stream_id) {
    throw no_such_stream(position.stream, impl.context.account);
  }
  const Shard& shard = impl.shard(*stream, position.shard);
  begin_read(impl, *stream, shard);
  const std::size_t limit =
      std::min(kMaxRecords, static_cast<std::size_t>(input.Limit.value_or(kMaxRecords)));

  api::GetRecordsOutput output;
  const Timestamp now = impl.context.clock.now();
  position.offset = std::max(position.offset, shard.records->log.begin());
  for (Record& record :
       kinesis.read(stream->name(), shard.id(), position.offset, limit, kMaxBytes)) {
    position.offset = record.offset + 1;
    output.Records.push_back({std::move(record.sequence_number), record.arrival,
                              std::move(record.data), std::move(record.partition_key),
                              stream->about.EncryptionType});
  }
  shard.records->given.with([&](Throughput& given) { given.end_read(bytes_of(output.Records)); });
  const bool at_tip = output.Records.empty() || position.offset >= shard.records->log.end();
  output.MillisBehindLatest =
      at_tip ? 0 : (now - *output.Records.back().ApproximateArrivalTimestamp).count();
  if (shard.end && position.offset >= *shard.end) {
    output.ChildShards = children(*stream, shard);
  } else {
    position.issued = now;
    output.NextShardIterator = seal(impl, position);
  }
  return output;
}

}  // namespace engine::kinesis
