// The buffer.
#include "engine/services/firehose/buffer.h"

#include <algorithm>
#include <utility>

namespace engine::firehose {
namespace {

// Of all partitions: what a delivery may hold in memory at most. Deviation: AWS delivers a
// partition that is full and leaves the others; here they share the cursors, and so the
// transaction.
constexpr std::uint64_t kMostBytes = 256 << 20;
constexpr std::size_t kBlock = 1 << 20;

}  // namespace

std::string_view Text::add(std::string_view first, std::string_view second) {
  const std::size_t size = first.size() + second.size();
  if (size > room_) {
    room_ = std::max(size, kBlock);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
    next_ = blocks_.back().get();
  }
  char* const begin = next_;
  next_ = std::copy(first.begin(), first.end(), next_);
  next_ = std::copy(second.begin(), second.end(), next_);
  room_ -= size;
  return {begin, size};
}

void Buffer::add_delivered(const SourceRecord& source, std::string_view data,
                           std::string_view delimiter, Timestamp now, const PartitionKeys& keys) {
  const Item item{text_.add(data, delimiter), source.record.arrival,
                  text_.add(source.record.sequence_number)};
  count(source, item.data.size(), now);
  Partition& partition = partitions_[keys];
  partition.bytes += item.data.size();
  largest_ = std::max(largest_, partition.bytes);
  partition.items.push_back(item);
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
  Position& position = positions_[source.shard->id];
  position.next = source.record.offset + 1;
  if (position.stream_id != source.shard->stream_id) position.stream_id = source.shard->stream_id;
  if (!backup_) return;
  const std::string& came = source.original ? *source.original : source.record.data;
  raw_bytes_ += came.size();
  raw_.push_back({text_.add(came), source.record.arrival, {}});
}

bool Buffer::full() const {
  return largest_ >= hints_.bytes || refused_ >= hints_.bytes || bytes_ >= kMostBytes ||
         (backup_ && raw_bytes_ >= backup_->bytes);
}

Timestamp Buffer::due_at() const {
  if (full()) return *opened_;
  return *opened_ + (backup_ ? std::min(hints_.interval, backup_->interval) : hints_.interval);
}

Buffer Buffer::take() { return std::exchange(*this, Buffer(hints_, backup_)); }

}  // namespace engine::firehose
