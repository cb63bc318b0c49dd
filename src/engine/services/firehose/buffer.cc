// The buffer.
#include "engine/services/firehose/buffer.h"

#include <algorithm>

namespace engine::firehose {

void Buffer::add_delivered(const SourceRecord& source, std::string data, Timestamp now) {
  count(source, data.size(), now);
  items_.push_back({std::move(data), source.record.arrival, source.record.sequence_number});
}

void Buffer::add_failed(const SourceRecord& source, Failure failure, Timestamp now) {
  count(source, failure.raw.size(), now);
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

Timestamp Buffer::due_at() const {
  const bool full = bytes_ >= hints_.bytes || (backup_ && raw_bytes_ >= backup_->bytes);
  if (full) return *opened_;
  return *opened_ + (backup_ ? std::min(hints_.interval, backup_->interval) : hints_.interval);
}

void Buffer::clear() { *this = Buffer(hints_, backup_); }

}  // namespace engine::firehose
