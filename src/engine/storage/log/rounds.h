// Rounds of writing and syncing, which all who append at the same time share.
#pragma once

#include "engine/storage/log/format.h"
#include "engine/storage/log/recent.h"
#include "engine/storage/shared_work.h"

#include <cstdint>
#include <exception>
#include <span>

namespace engine::storage {

class Writer;

/// An append to one log, before and after its place is known.
struct Append {
  Writer* log;
  format::EncodedBatch batch;
  std::int64_t now;
  Offset first = 0;
  std::exception_ptr error = {};  ///< it was not appended
};

/// What a round asks of a log. Called by the round's leader: one thread at a time, which sees what
/// the leaders before it wrote.
class Writer {
 public:
  using Group = std::span<Append* const>;

  virtual ~Writer() = default;
  /// Gives the appends their places and writes them. What it throws is told to all of the group;
  /// the log is as it was before then. `alone`: sync_disk() won't be called.
  virtual void write(Group group, bool alone) = 0;
  /// Makes durable what every log on the same disk wrote. False when it can't.
  virtual bool sync_disk() = 0;
  /// Makes durable what write() wrote, unless it is `synced` already, and lets readers see it.
  /// Throws like write().
  virtual void sync(Group group, bool synced) = 0;
};

/// Appends to any number of logs: all of a round are written first, then each log is synced, so
/// that the disk has everything before the first sync is waited for; of a round of many logs the
/// disk as a whole. What goes wrong with one log
/// is of no matter to the others. Thread-safe.
class Rounds {
 public:
  explicit Rounds(std::uint64_t recent_bytes) : recent_(recent_bytes) {}

  /// Returns when all appends are durable or have their error.
  void join(std::span<Append> appends);

  /// Of the leader alone.
  Recent& recent() { return recent_; }

 private:
  using Calls = SharedWork<std::span<Append>>;
  static void lead(Calls::Group calls);

  Calls calls_;
  Recent recent_;
};

}  // namespace engine::storage
