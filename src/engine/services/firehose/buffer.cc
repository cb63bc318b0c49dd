// The buffer.
#include "engine/services/firehose/buffer.h"

#include <algorithm>

namespace engine::firehose {
namespace {

// Of all partitions: what a delivery may hold in memory at most. Deviation: AWS delivers a
// partition that is full and leaves the others; here they share the cursors, and so the
// transaction.
constexpr std::uint64_t kMostBytes = 256 << 20;

}  // namespace

void Buffer::add_delivered(const SourceRecord& source, std::string data, Timestamp now,
                           const PartitionKeys& keys) {
  count(source, data.size(), now);
  Partition& partition = partitions_[keys];
  partition.bytes += data.size();
  largest_ = std::max(largest_, partition.bytes);
  partition.items.push_back(
      {std::move(data), source.record.arrival, source.record.sequence_number});
}

void Buffer::add_failed(const SourceRecord& source, Failure failure, Timestamp now) {
  count(source, failure.raw.size(), now);
  refused_ += failure.raw.size();
  failures_.push_back(std::move(failure));
}

void Buffer::add_dropped(const SourceRecord& source, Timestamp now) {
  count(source, 0, now);
  ++dropped_;
}

void Buffer::count(const SourceRecord& source, std::uint64_t bytes, Timestamp now) {
  if (!opened_) opened_ = now;
  oldest_ = std::min(oldest_.value_or(source.record.arrival), source.record.arrival);
  bytes_ += bytes;
  whole_ = source.last;
  if (!source.last) return;
  positions_[source.shard] = {source.stream_id, source.record.offset + 1};
  if (!backup_) return;
  const std::string& came = source.original ? *source.original : source.record.data;
  raw_bytes_ += came.size();
  raw_.push_back({came, source.record.arrival, source.record.sequence_number});
}

bool Buffer::full() const {
  return largest_ >= hints_.bytes || refused_ >= hints_.bytes || bytes_ >= kMostBytes ||
         (backup_ && raw_bytes_ >= backup_->bytes);
}

Timestamp Buffer::due_at() const {
  if (full()) return *opened_;
  return *opened_ + (backup_ ? std::min(hints_.interval, backup_->interval) : hints_.interval);
}

void Buffer::clear() { *this = Buffer(hints_, backup_); }

}  // namespace engine::firehose
