// Places in a shard.
#include "engine/services/kinesis/position.h"

#include "engine/services/kinesis/errors.h"

namespace engine::kinesis {
namespace {

/// A number less than any of the shard's: its first record is still to come.
SequenceNumber before(const Shard& shard) {
  return {shard.created - Milliseconds(1), shard.number, 0};
}

/// Where the record of that number stands; nothing for the place before the first. Numbers of another
/// shard are refused.
std::optional<Offset> offset_of(const Kinesis::Impl& kinesis, const Stream& stream, const Shard& shard,
                 const std::optional<std::string>& text, std::string_view type) {
  if (!text) {
    throw invalid_argument(
        fmt::format("Must either specify the StartingSequenceNumber or use another "
                    "ShardIteratorType than {}.",
                    type));
  }
  const auto number = parse_sequence_number(*text);
  if (number && number->shard_number == shard.number &&
      number->shard_created == before(shard).shard_created) {
    return std::nullopt;
  }
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

}  // namespace

Offset first_offset(const Kinesis::Impl& kinesis, const Stream& stream, const Shard& shard,
                    const api::GetShardIteratorInput& input) {
  const std::string& type = input.ShardIteratorType;
  if (type == "LATEST") return shard.records->log.end();
  if (type == "AT_TIMESTAMP") return offset_at(kinesis, shard, input.Timestamp);
  if (type == "TRIM_HORIZON") return shard.records->log.begin();
  const auto offset = offset_of(kinesis, stream, shard, input.StartingSequenceNumber, type);
  if (!offset) return 0;
  return type == "AFTER_SEQUENCE_NUMBER" ? *offset + 1 : *offset;
}

std::string continuation(const Shard& shard, Offset next) {
  return next == 0 ? before(shard).text() : shard.sequence_number(next - 1);
}

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

std::vector<api::Record> to_records(const Stream& stream, std::vector<Record> records) {
  std::vector<api::Record> list;
  list.reserve(records.size());
  for (Record& record : records) {
    list.push_back({std::move(record.sequence_number), record.arrival, std::move(record.data),
                    std::move(record.partition_key), stream.about.EncryptionType});
  }
  return list;
}

}  // namespace engine::kinesis
