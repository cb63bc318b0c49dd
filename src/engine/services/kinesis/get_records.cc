// GetShardIterator and GetRecords: a sealed position in a shard, and the records from there.
#include "engine/services/kinesis/api.h"
#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/operations.h"
#include "engine/services/kinesis/position.h"
#include "engine/services/kinesis/request_metrics.h"
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

Position live_position(const Kinesis::Impl& kinesis, const std::string& iterator) {
  Position position = open(kinesis, iterator);
  const Timestamp now = kinesis.context.clock.now();
  if (now - position.issued > kinesis.options.iterator_lifetime) {
    throw iterator_expired(
        position.issued, now,
        std::chrono::duration_cast<base::Milliseconds>(kinesis.options.iterator_lifetime));
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

std::string stream_of_iterator(Kinesis& kinesis, std::string_view iterator) {
  const auto fields = kinesis.impl().seal.open(kIterator, iterator);
  return fields && fields->size() == 5 ? (*fields)[1] : "";
}

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
  const RequestMetrics metrics(impl.context, "GetRecords", stream->name());
  const std::size_t limit =
      std::min(kMaxRecords, static_cast<std::size_t>(input.Limit.value_or(kMaxRecords)));

  api::GetRecordsOutput output;
  const Timestamp now = impl.context.clock.now();
  position.offset = std::max(position.offset, shard.records->log.begin());
  std::vector<Record> records =
      kinesis.read(stream->name(), shard.id(), position.offset, limit, kMaxBytes);
  if (!records.empty()) position.offset = records.back().offset + 1;
  output.Records = to_records(*stream, std::move(records));
  const std::uint64_t given_bytes = bytes_of(output.Records);
  shard.records->given.with([&](Throughput& given) { given.end_read(given_bytes); });
  metrics.measure("Records", static_cast<double>(output.Records.size()));
  metrics.done(true, static_cast<double>(given_bytes));
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
