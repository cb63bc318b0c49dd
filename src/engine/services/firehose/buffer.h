// What waits to be delivered: good records, refused ones, and how far the source is done with them.
#pragma once

#include "engine/services/firehose/failure.h"
#include "engine/services/firehose/settings.h"
#include "engine/services/firehose/source.h"

#include <optional>
#include <string>
#include <vector>

namespace engine::firehose {

/// A record on its way to an object.
struct Item {
  std::string data;
  Timestamp arrival;
  std::string sequence_number;
};

/// Gathers until it is due: full by bytes, or its first record came an interval ago. It is cleared
/// only when what it holds has been committed. Used by one thread.
class Buffer {
 public:
  Buffer(Hints hints, bool keep_raw) : hints_(hints), keep_raw_(keep_raw) {}

  /// Each of these takes one record of the source, in the order read, and what became of it.
  void add_delivered(const SourceRecord& source, std::string data, Timestamp now);
  void add_failed(const SourceRecord& source, Failure failure, Timestamp now);
  void add_dropped(const SourceRecord& source, Timestamp now);

  bool empty() const { return !opened_; }
  bool due(Timestamp now) const { return opened_ && now >= due_at(); }
  /// When it is due if nothing more comes. Not for an empty buffer.
  Timestamp due_at() const;
  std::optional<Timestamp> oldest() const { return oldest_; }

  const std::vector<Item>& items() const { return items_; }
  const std::vector<Failure>& failures() const { return failures_; }
  const std::vector<Item>& raw() const { return raw_; }  ///< when asked to keep them
  std::uint64_t dropped() const { return dropped_; }
  /// The cursors that hold once all of this is in the lake.
  const Positions& positions() const { return positions_; }

  void clear();

 private:
  void count(const SourceRecord& source, std::uint64_t bytes, Timestamp now);

  Hints hints_;
  bool keep_raw_;
  std::optional<Timestamp> opened_, oldest_;
  std::uint64_t bytes_ = 0, dropped_ = 0;
  std::vector<Item> items_, raw_;
  std::vector<Failure> failures_;
  Positions positions_;
};

}  // namespace engine::firehose
