// What waits to be delivered: good records, refused ones, and how far the source is done with them.
#pragma once

#include "engine/services/firehose/failure.h"
#include "engine/services/firehose/settings.h"
#include "engine/services/firehose/source.h"

#include <optional>
#include <string>
#include <vector>

namespace engine::firehose {

/// Bytes of many records, one block after another: a record costs no allocation of its own. What
/// was added stays where it is until the text goes.
class Text {
 public:
  /// The two of them, one behind the other.
  std::string_view add(std::string_view first, std::string_view second = {});

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t room_ = 0;  ///< left in the last block
  char* next_ = nullptr;
};

/// A record on its way to an object. The bytes are the buffer's.
struct Item {
  std::string_view data;
  Timestamp arrival;
  std::string_view sequence_number;
};

/// What of the buffer goes into one object. Without dynamic partitioning there is only one.
struct Partition {
  std::vector<Item> items;
  std::uint64_t bytes = 0;
};
using Partitions = std::map<PartitionKeys, Partition>;

/// Gathers until it is due: a partition is full by bytes, or all together hold 256 MiB, or
/// the first record came an interval ago. The records as they came are kept beside when there are
/// hints for a backup of them; whichever of the two is due first takes the other with it, for the
/// cursors are one. It is never due in the midst of a record that was taken apart. It is forgotten
/// only when what it holds has been committed. Used by one thread.
class Buffer {
 public:
  explicit Buffer(Hints hints, std::optional<Hints> backup = {}) : hints_(hints), backup_(backup) {}
  Buffer(Buffer&&) = default;
  Buffer& operator=(Buffer&&) = default;

  /// Each of these takes one record of the source, in the order read, and what became of it.
  void add_delivered(const SourceRecord& source, std::string_view data, std::string_view delimiter,
                     Timestamp now, const PartitionKeys& keys = {});
  void add_failed(const SourceRecord& source, Failure failure, Timestamp now);
  void add_dropped(const SourceRecord& source, Timestamp now);

  bool empty() const { return !opened_; }
  bool whole() const { return whole_; }  ///< no part of a record is still to come
  bool full() const;                     ///< by bytes
  bool due(Timestamp now) const { return opened_ && whole_ && now >= due_at(); }
  /// When it is due if nothing more comes. Not for an empty buffer.
  Timestamp due_at() const;
  std::optional<Timestamp> oldest() const { return oldest_; }

  const Partitions& partitions() const { return partitions_; }
  const std::vector<Failure>& failures() const { return failures_; }
  const std::vector<Item>& raw() const { return raw_; }  ///< when there is a backup
  std::uint64_t dropped() const { return dropped_; }
  /// The cursors that hold once all of this is in the lake.
  const Positions& positions() const { return positions_; }

  /// All of it; an empty one with the same hints stays.
  Buffer take();

 private:
  void count(const SourceRecord& source, std::uint64_t bytes, Timestamp now);

  Hints hints_;
  std::optional<Hints> backup_;
  bool whole_ = true;
  std::optional<Timestamp> opened_, oldest_;
  Text text_;
  Partitions partitions_;
  std::uint64_t bytes_ = 0, largest_ = 0, refused_ = 0, raw_bytes_ = 0, dropped_ = 0;
  std::vector<Item> raw_;
  std::vector<Failure> failures_;
  Positions positions_;
};

}  // namespace engine::firehose
