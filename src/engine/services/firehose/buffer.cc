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
  positions_[source.shard] = {source.stream_id, source.record.offset + 1};
  if (keep_raw_) {
    raw_.push_back({source.record.data, source.record.arrival, source.record.sequence_number});
  }
}

Timestamp Buffer::due_at() const {
  return bytes_ >= hints_.bytes ? *opened_ : *opened_ + hints_.interval;
}

void Buffer::clear() { *this = Buffer(hints_, keep_raw_); }

}  // namespace engine::firehose
