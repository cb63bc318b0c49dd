// An append-only log of records in segment files: what a shard is made of.  Format:
// docs/formats/log.md.
#pragma once

#include "lib/base/clock.h"
#include "lib/io/file_system.h"

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine::storage {

/// A record's place in its log: 0, 1, 2, … without gaps, never used again.
using Offset = std::uint64_t;

/// A record as it is read back.
struct LogRecord {
  Offset offset = 0;
  base::Timestamp arrival;  ///< never earlier than the record before it
  std::string key;
  std::string data;
};

/// A record as it is appended. The views need to live only during the call.
struct NewRecord {
  std::string_view key;
  std::string_view data;
};

/// A stretch of a segment that could not be read: its checksums are wrong, and good frames follow.
/// A segment that is missing is one of 0 bytes.
struct Damage {
  std::string file;
  std::uint64_t position = 0;  ///< in the file
  std::uint64_t bytes = 0;
};

class Rounds;

struct LogOptions {
  std::uint64_t segment_bytes = 64ull << 20;  ///< a segment past this size is closed
  /// Logs that are appended to together share their rounds of writing and syncing; they are on one
  /// disk. Empty: the log has its own.
  std::shared_ptr<Rounds> rounds = nullptr;
};

constexpr std::uint64_t kRecentBytes = 256ull << 20;

/// Rounds for several logs. Of what is appended through them, so many of the newest bytes stay in
/// the machine's memory, where who reads near the end finds them; what is older is read from the
/// disk.
std::shared_ptr<Rounds> shared_rounds(std::uint64_t recent_bytes = kRecentBytes);

/// A journal for rounds of many logs: see docs/formats/journal.md.
struct JournalOptions {
  std::string folder;  ///< of the journals, nothing else is in it
  std::string root;    ///< below it are the folders of all logs
  std::uint64_t bytes = 64ull << 20;  ///< of each of its two files
  /// A round of so many logs is synced by the journal. All is written twice then: measured, fewer
  /// files are synced themselves in less time.
  std::size_t least_logs = 32;
  /// Called by who appends, when checkpoint() has something to do.
  std::function<void()> wake = [] {};
};

/// Rounds with a journal. Before any of the logs is opened: what the journal holds of them is
/// written to their segments. Throws StorageError.
std::shared_ptr<Rounds> shared_rounds(const JournalOptions& options,
                                      io::FileSystem& files = io::real_file_system(),
                                      std::uint64_t recent_bytes = kRecentBytes);
/// Syncs the segments of what the journal holds, so that it has room again. To be called when it
/// wakes and every few seconds; throws std::system_error, and is to be called again.
void checkpoint(Rounds& rounds);
/// What was unreadable in the journal at opening.
const std::vector<Damage>& journal_damage(Rounds& rounds);

/// One log in one folder. Thread-safe. "Appended" is written to the file; "durable" is synced.
/// Appends of several threads share one sync: the first to arrive syncs for all who have written by
/// then.
class Log {
 public:
  /// What append_all() appends to one log, and what came of it.
  struct Part {
    Log* log;
    std::span<const NewRecord> records;
    base::Timestamp now;
    Offset first = 0;
    std::exception_ptr error = {};  ///< a StorageError: none of the part's records is in the log
  };

  /// Opens or creates the log. Cuts a torn tail; reports a damaged middle by damage() and serves
  /// the rest. Throws StorageError when the folder can't be used.
  Log(std::string directory, LogOptions options = {},
      io::FileSystem& files = io::real_file_system());
  ~Log();

  /// Appends all records, or none, and returns the first one's offset once they are durable. They
  /// get `now` as arrival, or the last arrival when the clock went back. Throws StorageError, and
  /// the log is as it was before; while even that can't be had, which each append tries first,
  /// every one is refused.
  Offset append(std::span<const NewRecord> records, base::Timestamp now);

  /// Appends to several logs, each once, as append() does, and with one wait for all that share
  /// their rounds. A part that fails leaves the others be.
  static void append_all(std::span<Part> parts);

  /// Durable records from `from` on, in order: at most `max_records` of them, and at most
  /// `max_bytes` of data but for the first. A `from` before the first kept record starts at that
  /// one.
  std::vector<LogRecord> read(Offset from, std::size_t max_records, std::size_t max_bytes) const;

  Offset begin() const;  ///< the oldest kept record's offset (equal to end() when there is none)
  Offset end() const;    ///< the next record's offset; records below it are durable
  /// The first record that arrived at `time` or later; end() when there is none.
  Offset at_time(base::Timestamp time) const;
  /// Arrival of the last durable record.
  std::optional<base::Timestamp> last_arrival() const;

  /// Unlinks whole segments of which every record arrived before `time`. The newest one stays.
  void drop_before(base::Timestamp time);

  /// What was found unreadable at opening.
  const std::vector<Damage>& damage() const;

  /// Reads the closed segments that opening believed by their index, and gives what is unreadable;
  /// the next opening reports that too. Reads go on meanwhile; ends early when `stop` is true.
  std::vector<Damage> verify(const std::function<bool()>& stop = [] { return false; });

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::storage
