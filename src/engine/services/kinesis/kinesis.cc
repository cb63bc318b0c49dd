// Kinesis as other services see it: reading.
#include "engine/services/kinesis/kinesis.h"

#include "engine/services/kinesis/state.h"

namespace engine::kinesis {

Kinesis::Kinesis(Context& context, KinesisOptions options)
    : impl_(std::make_unique<Impl>(context, options)) {}

Kinesis::~Kinesis() = default;

bool Kinesis::has_stream(std::string_view stream) const { return impl_->find(stream) != nullptr; }

std::vector<ShardInfo> Kinesis::shards(std::string_view name) const {
  const StreamPtr stream = impl_->stream(name);
  std::vector<ShardInfo> list;
  for (const Shard& shard : stream->shards) {
    const storage::Log& log = shard.records->log;
    list.push_back({shard.id(), log.begin(), log.end(), shard.end.has_value(),
                    stream->about.StreamId.value_or("")});
    for (const auto& parent : {shard.parent, shard.adjacent_parent}) {
      if (parent) list.back().parents.push_back(shard_id(*parent));
    }
  }
  return list;
}

std::vector<Record> Kinesis::peek(std::string_view name, std::string_view shard_id, Offset from,
                                  std::size_t max_records, std::size_t max_bytes) const {
  const StreamPtr stream = impl_->stream(name);
  const Shard& shard = impl_->shard(*stream, shard_id);
  std::vector<Record> records;
  for (storage::LogRecord& record : shard.records->log.read(from, max_records, max_bytes)) {
    records.push_back({record.offset, shard.sequence_number(record.offset), std::move(record.key),
                       std::move(record.data), record.arrival});
  }
  return records;
}

std::vector<Record> Kinesis::read(std::string_view name, std::string_view shard_id, Offset from,
                                  std::size_t max_records, std::size_t max_bytes) const {
  const StreamPtr stream = impl_->stream(name);
  const Shard& shard = impl_->shard(*stream, shard_id);
  std::vector<Record> records = peek(name, shard_id, from, max_records, max_bytes);
  // Whoever has read up to the end is not behind, however old the last record is.
  const bool behind = !records.empty() && records.back().offset + 1 < shard.records->log.end();
  const Milliseconds age = behind ? impl_->context.clock.now() - records.back().arrival : Milliseconds{0};
  impl_->context.meter({"AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "StreamName", stream->name(),
                        static_cast<double>(age.count()), "Milliseconds"});
  return records;
}

Offset Kinesis::at_time(std::string_view name, std::string_view shard_id, Timestamp time) const {
  const StreamPtr stream = impl_->stream(name);
  return impl_->shard(*stream, shard_id).records->log.at_time(time);
}

}  // namespace engine::kinesis
