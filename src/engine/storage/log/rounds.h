// Rounds of writing and syncing, which all who append at the same time share.
#pragma once

#include "engine/storage/log/format.h"
#include "engine/storage/log/journal.h"
#include "engine/storage/log/recent.h"
#include "engine/storage/shared_work.h"

#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <system_error>
#include <vector>

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
  /// Whether what it writes may be synced by the journal.
  virtual bool has_journal() const = 0;
  /// Gives the appends their places and writes them; to `journal`, too, unless that is null. What
  /// it throws is told to all of the group; the log is as it was before then. `alone`: the disk or
  /// the journal won't be synced.
  virtual void write(Group group, bool alone, JournalRound* journal) = 0;
  /// Makes durable what every log on the same disk wrote. False when it can't.
  virtual bool sync_disk() = 0;
  /// Makes durable what write() wrote, unless it is `synced` already, and lets readers see it.
  /// Throws like write().
  virtual void sync(Group group, bool synced) = 0;
  /// Takes back what write() wrote.
  virtual void take_back() = 0;
};

/// Appends to any number of logs: all of a round are written first, then each log is synced, so
/// that the disk has everything before the first sync is waited for; a round of many logs by the
/// journal, or by the disk as a whole. What goes wrong with one log is of no matter to the others,
/// what goes wrong with the journal is told to all. Thread-safe.
class Rounds {
 public:
  explicit Rounds(std::uint64_t recent_bytes) : recent_(recent_bytes) {}
  Rounds(std::uint64_t recent_bytes, const JournalOptions& options, io::FileSystem& files)
      : recent_(recent_bytes),
        journal_(std::in_place, files, options.folder, options.root, options.bytes, options.wake),
        journal_logs_(options.least_logs) {}

  /// Returns when all appends are durable or have their error.
  void join(std::span<Append> appends);

  /// Of the leader alone.
  Recent& recent() { return recent_; }
  /// Syncs what the leader wrote to the segment.
  void sync(io::FileSystem& files, const Segment& segment);
  /// Syncs a segment that was cut to what was durable.
  void sync_again(io::FileSystem& files, const Segment& segment);

  Journal* journal() { return journal_ ? &*journal_ : nullptr; }

 private:
  using Calls = SharedWork<std::span<Append>>;
  using Groups = std::vector<Writer::Group>;

  void lead(Calls::Group calls);
  void write_and_sync(const Groups& groups);
  void take_back(const Groups& groups, const std::system_error& cause);

  Calls calls_;
  Recent recent_;
  std::optional<Journal> journal_;
  const std::size_t journal_logs_ = 0;  ///< a round of so many is the journal's
};

}  // namespace engine::storage
