// Reading a source's shards, with a cursor for each.
#include "engine/services/firehose/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace engine::firehose {
namespace {

constexpr std::string_view kCursorTable = "firehose/cursors";  // delivery, zero byte, shard
constexpr std::string_view kDirectShard = "direct";
constexpr std::size_t kMaxRecords = 10'000;

std::string row_prefix(const std::string& delivery) { return delivery + '\0'; }

/// The first record of a shard that is not before the positions.
Offset next_offset(const kinesis::ShardInfo& shard, const Positions& positions) {
  const auto at = positions.find(shard.id);
  const bool known = at != positions.end() && at->second.stream_id == shard.stream_id;
  return known ? std::max(at->second.next, shard.begin) : shard.begin;
}

}  // namespace

std::vector<kinesis::ShardInfo> KinesisSource::shards() const {
  if (!kinesis_.has_stream(stream_)) return {};
  return kinesis_.shards(stream_);
}

std::vector<kinesis::Record> KinesisSource::read(const std::string& shard, Offset from,
                                                 std::size_t max_records,
                                                 std::size_t max_bytes) const {
  return kinesis_.read(stream_, shard, from, max_records, max_bytes);
}

std::vector<kinesis::ShardInfo> DirectSource::shards() const {
  return {{std::string(kDirectShard), log_->begin(), log_->end(), false, ""}};
}

std::vector<kinesis::Record> DirectSource::read(const std::string&, Offset from,
                                                std::size_t max_records,
                                                std::size_t max_bytes) const {
  std::vector<kinesis::Record> records;
  for (storage::LogRecord& record : log_->read(from, max_records, max_bytes)) {
    // The record id that PutRecord answered stands in the key.
    records.push_back(
        {record.offset, std::move(record.key), "", std::move(record.data), record.arrival});
  }
  return records;
}

Positions load_positions(const storage::Catalog& catalog, const std::string& delivery) {
  Positions positions;
  const std::string prefix = row_prefix(delivery);
  for (const auto& row : catalog.scan(kCursorTable, prefix)) {
    const char* end = row.value.data() + row.value.size();
    Position position;
    const auto [stop, error] = std::from_chars(row.value.data(), end, position.next);
    if (error != std::errc{}) throw std::runtime_error("a cursor of " + delivery + " is damaged");
    if (stop != end) position.stream_id.assign(stop + 1, end);
    positions[row.key.substr(prefix.size())] = std::move(position);
  }
  return positions;
}

void save_positions(const std::string& delivery, const Positions& positions,
                    storage::Batch& batch) {
  for (const auto& [shard, position] : positions) {
    batch.put(kCursorTable, row_prefix(delivery) + shard,
              fmt::format("{} {}", position.next, position.stream_id));
  }
}

void remove_positions(const storage::Catalog& catalog, const std::string& delivery,
                      storage::Batch& batch) {
  for (const auto& row : catalog.scan(kCursorTable, row_prefix(delivery))) {
    batch.remove(kCursorTable, row.key);
  }
}

Positions latest(const Source& source) {
  Positions positions;
  for (const kinesis::ShardInfo& shard : source.shards()) {
    positions[shard.id] = {shard.stream_id, shard.end};
  }
  return positions;
}

std::uint64_t records_behind(const Source& source, const Positions& positions) {
  std::uint64_t count = 0;
  for (const kinesis::ShardInfo& shard : source.shards()) {
    const Offset next = next_offset(shard, positions);
    if (shard.end > next) count += shard.end - next;
  }
  return count;
}

std::vector<SourceRecord> Reader::read(std::size_t max_bytes) {
  std::vector<SourceRecord> batch;
  std::size_t bytes = 0;
  for (const kinesis::ShardInfo& shard : source_.shards()) {
    const Offset next = next_offset(shard, positions_);
    if (next >= shard.end) continue;
    if (bytes >= max_bytes) break;
    std::vector<kinesis::Record> records;
    try {
      records = source_.read(shard.id, next, kMaxRecords, max_bytes - bytes);
    } catch (const std::exception&) {
      // What the shards before gave is not read again: it goes on, and this is met again.
      if (batch.empty()) throw;
      break;
    }
    if (records.empty()) continue;
    positions_[shard.id] = {shard.stream_id, records.back().offset + 1};
    const bool drained = records.back().offset + 1 >= shard.end;
    const auto origin = std::make_shared<const Shard>(Shard{shard.id, shard.stream_id});
    batch.reserve(batch.size() + records.size());
    for (kinesis::Record& record : records) {
      bytes += record.data.size();
      batch.push_back({origin, std::move(record)});
    }
    if (shard.closed && !drained) break;
  }
  return batch;
}

}  // namespace engine::firehose
