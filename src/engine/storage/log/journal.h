// The journal that rounds of many logs are synced by: one file for all of them. Format:
// docs/formats/journal.md.
#pragma once

#include "engine/storage/log/journal_format.h"
#include "engine/storage/log/segment.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace engine::storage {

/// A segment whose newest bytes only a journal may hold. It stays open.
struct Held {
  io::FileSystem* files;
  std::shared_ptr<const Segment> segment;
};

/// A round being put together by its leader: the frames, and where they belong.
struct JournalRound {
  format::RoundBytes bytes;
  std::vector<Held> held;
};

/// Two files in turns: while one takes rounds, what the other holds is synced to the segments.
///
/// One thread at a time, the leader, calls what a round needs: begin(), commit(), sync(), mend().
/// checkpoint() is called by another one.
class Journal {
 public:
  /// Replays what is in the folder. `root` is the folder of all logs. `wake` is called by the
  /// leader when checkpoint() has something to do.
  Journal(io::FileSystem& files, std::string folder, std::string root, std::uint64_t bytes,
          std::function<void()> wake);
  /// Syncs all segments and removes the journals. When that fails, they stay for the next start.
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// What was unreadable in the journals at opening.
  const std::vector<Damage>& damage() const { return damage_; }
  /// How a log of that folder is called here. Nothing when it isn't below the root.
  std::optional<std::string> name_of(const std::string& directory) const;

  /// Of every round, before anything is written to a segment. The same one each time, empty.
  JournalRound& begin();
  /// Makes the round durable. False when there is no room for it now: nothing was written, and each
  /// file is to be synced. Throws std::system_error: nobody knows whether it is durable, and the
  /// journal is broken.
  bool commit(JournalRound& round);

  /// Syncs the segment's file itself. Throws also when a sync that was none of the leader's has
  /// failed since begin(): the system tells a failure only once.
  void sync(io::FileSystem& files, const Segment& segment);
  /// Whether that has happened.
  bool failed_since_begin() const { return failures_ != failures_at_begin_; }
  /// Syncs the file of a segment of which all bytes were durable before.
  void sync_again(io::FileSystem& files, const Segment& segment);

  /// Whether a refused round may stand in the journal: no log may take records until mend() went
  /// well.
  bool broken() const { return broken_; }
  /// Syncs all segments and makes both files anew. Throws.
  void mend();

  /// Makes the files when a round asked for them; syncs the segments of what a full journal holds,
  /// or of all that was committed when none is full, and frees it. Throws std::system_error: to be
  /// called again.
  void checkpoint();

 private:
  struct File;

  void make_again(File& journal);
  void make_files();
  void take_full();
  void settle(File& journal);
  void rewrite(const File& journal) const;
  void sync_locked(io::FileSystem& files, const Segment& segment);
  void note_failure();
  bool has_room() const;
  std::string making(std::uint64_t number) const;

  io::FileSystem& files_;
  const std::string folder_, root_;
  const std::uint64_t bytes_;
  const std::function<void()> wake_;
  std::vector<Damage> damage_;

  // Of the leader:
  JournalRound round_;
  std::uint64_t failures_at_begin_ = 0;  ///< what `failures_` was

  std::atomic<bool> broken_ = false;
  std::atomic<bool> wanted_ = false;  ///< a round found no file
  std::mutex checkpointing_;          ///< held by who settles or makes files; before the two others
  /// Held over the sync of a segment and what is noted down of its failure; before `mutex_`.
  std::mutex syncing_;
  std::atomic<std::uint64_t> failures_ = 0;  ///< syncs of segments that failed

  mutable std::mutex mutex_;  ///< guards which file is which, and the active one
  std::uint64_t next_number_ = 0;
  std::unique_ptr<File> active_;  ///< takes rounds
  std::unique_ptr<File> spare_;   ///< empty, and will
  std::unique_ptr<File> full_;    ///< is being settled
};

}  // namespace engine::storage
