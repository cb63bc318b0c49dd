// The journal while logs run. The rules stand in docs/formats/journal.md.
#include "engine/storage/log/journal.h"

#include "engine/storage/error.h"
#include "engine/storage/log/replay.h"
#include "lib/base/log.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <random>
#include <tuple>

namespace engine::storage {
namespace {

/// A journal is made where so many times its bytes are free.
constexpr std::uint64_t kRoom = 16;

std::uint64_t random_mark() {
  std::random_device random;
  for (;;) {
    if (const std::uint64_t mark = std::uint64_t{random()} << 32 | random(); mark != 0) return mark;
  }
}

}  // namespace

struct Journal::File {
  io::File file;  ///< its path changes with its number
  std::uint64_t mark = 0;
  std::uint64_t end = format::kJournalBlock;  ///< where the next round goes
  std::uint64_t rounds = 0;
  std::unordered_map<const Segment*, Held> held = {};
  /// A sync of a segment failed: what this journal holds is to be written to the segments again.
  std::atomic<bool> doubt = false;
};

Journal::Journal(io::FileSystem& files, std::string folder, std::string root, std::uint64_t bytes,
                 std::function<void()> wake)
    : files_(files),
      folder_(std::move(folder)),
      root_(std::move(root)),
      bytes_(bytes),
      wake_(std::move(wake)) {
  try {
    io::make_folders_durably(files_, folder_);
    damage_ = replay_journals(files_, folder_, root_);
  } catch (const std::system_error& error) {
    throw StorageError(folder_, error);
  }
}

Journal::~Journal() {
  try {
    if (broken_) mend();
    for (auto* journal : {&full_, &active_, &spare_}) {
      if (*journal) settle(**journal);
    }
    bool any = false;
    for (auto* journal : {&full_, &active_, &spare_}) {
      if (*journal) files_.unlink((*journal)->file.path), any = true;
    }
    if (any) files_.sync_folder(folder_);
  } catch (const std::exception& error) {
    base::log_warning("storage", "the journal in {} stays for the next start: {}", folder_,
                      error.what());
  }
}

std::optional<std::string> Journal::name_of(const std::string& directory) const {
  if (!directory.starts_with(root_ + "/")) return std::nullopt;
  return directory.substr(root_.size() + 1);
}

JournalRound& Journal::begin() {
  round_.bytes.clear();
  round_.held.clear();
  failures_at_begin_ = failures_;
  return round_;
}

bool Journal::commit(JournalRound& round) {
  const std::lock_guard lock(mutex_);
  if (!active_) {
    active_ = std::move(spare_);
    if (!active_) {
      if (!wanted_.exchange(true)) wake_();
      return false;
    }
  }
  std::string_view bytes = round.bytes.finish(active_->mark, active_->rounds);
  if (active_->end + bytes.size() > bytes_) {
    if (full_ || !spare_ || bytes.size() > bytes_ - format::kJournalBlock) return false;
    take_full();
    wake_();
    bytes = round.bytes.finish(active_->mark, active_->rounds);
  }
  try {
    files_.write(active_->file, bytes, active_->end);
    files_.sync(active_->file);
  } catch (...) {
    broken_ = true;
    throw;
  }
  ++active_->rounds;
  active_->end += bytes.size();
  for (Held& held : round.held) active_->held.try_emplace(held.segment.get(), std::move(held));
  // These frames, too, may have been in a page that the system has given up.
  if (failed_since_begin()) active_->doubt = true;
  return true;
}

void Journal::sync(io::FileSystem& files, const Segment& segment) {
  const std::lock_guard lock(syncing_);
  try {
    sync_locked(files, segment);
  } catch (...) {
    ++failures_at_begin_;  // this one is of no matter to the round's other logs
    throw;
  }
  // What another thread's sync was told, this one isn't.
  if (failed_since_begin()) io::throw_system_error("sync", segment.path(), EIO);
}

void Journal::sync_again(io::FileSystem& files, const Segment& segment) {
  const std::lock_guard lock(syncing_);
  sync_locked(files, segment);
}

/// By who holds `syncing_`.
void Journal::sync_locked(io::FileSystem& files, const Segment& segment) {
  try {
    files.sync(segment.file);
  } catch (...) {
    note_failure();
    throw;
  }
}

/// By who holds `syncing_`.
void Journal::note_failure() {
  ++failures_;
  const std::lock_guard lock(mutex_);
  for (auto* journal : {&active_, &full_}) {
    if (*journal) (*journal)->doubt = true;
  }
}

void Journal::mend() {
  const std::lock_guard alone(checkpointing_);
  for (auto* journal : {&active_, &spare_, &full_}) {
    if (!*journal) continue;
    settle(**journal);
    make_again(**journal);
  }
  const std::lock_guard lock(mutex_);
  if (full_) spare_ = std::move(full_);
  broken_ = false;
  base::log_info("storage", "the journal in {} takes rounds again", folder_);
}

void Journal::checkpoint() {
  const std::lock_guard alone(checkpointing_);
  if (broken_) return;  // the next round mends it
  if (wanted_.exchange(false)) make_files();
  {
    const std::lock_guard lock(mutex_);
    if (!full_ && spare_ && active_ && active_->rounds > 0) take_full();
    if (!full_) return;
  }
  settle(*full_);
  make_again(*full_);
  const std::lock_guard lock(mutex_);
  spare_ = std::move(full_);
}

/// The spare takes the place of the active. By who holds `mutex_`.
void Journal::take_full() {
  full_ = std::move(active_);
  active_ = std::move(spare_);
}

std::string Journal::making(std::uint64_t number) const {
  return fmt::format("{}/{}{}", folder_, format::journal_name(number), format::kMaking);
}

bool Journal::has_room() const {
  std::error_code failed;
  const auto space = std::filesystem::space(folder_, failed);
  return !failed && space.available >= kRoom * bytes_;
}

/// By who holds `checkpointing_`.
void Journal::make_files() {
  const auto is_short = [&] {
    const std::lock_guard lock(mutex_);
    return !spare_ && !(active_ && full_);
  };
  while (is_short() && has_room()) {
    auto journal = std::make_unique<File>();
    // Of that name there can be one that wasn't finished.
    journal->file = files_.open(making(next_number_++), O_RDWR | O_CREAT | O_TRUNC);
    files_.reserve(journal->file, 0, bytes_);
    make_again(*journal);
    const std::lock_guard lock(mutex_);
    (active_ ? spare_ : active_) = std::move(journal);
  }
}

/// Makes an empty journal of the file, of which nothing is needed any more. May be called again
/// when it failed.
void Journal::make_again(File& journal) {
  const auto rename = [&](const std::string& path) {
    if (journal.file.path == path) return;
    files_.rename(journal.file.path, path);
    journal.file.path = path;
  };
  const std::uint64_t number = next_number_++;
  // Never a journal whose header is only half there.
  rename(making(number));
  files_.sync_folder(folder_);
  const std::uint64_t mark = random_mark();
  files_.write(journal.file, format::encode(format::JournalHeader{.number = number, .mark = mark}),
               0);
  files_.sync(journal.file);
  rename(folder_ + "/" + format::journal_name(number));
  files_.sync_folder(folder_);
  journal.mark = mark;
  journal.end = format::kJournalBlock;
  journal.rounds = 0;
  journal.held.clear();
  journal.doubt = false;
}

/// Makes durable in the segments what the journal holds, which no other thread adds to.
void Journal::settle(File& journal) {
  do {
    if (journal.doubt.exchange(false)) {
      try {
        rewrite(journal);
      } catch (...) {
        journal.doubt = true;
        throw;
      }
    }
    for (const auto& [segment, held] : journal.held) sync_again(*held.files, *segment);
  } while (journal.doubt);
}

/// Writes the frames of its rounds to their segments again. Readers find there what they found.
void Journal::rewrite(const File& journal) const {
  std::map<std::tuple<std::string, Offset, std::uint32_t>, const Held*> known;
  for (const auto& [segment, held] : journal.held) {
    const std::string name = name_of(io::parent_folder(segment->path())).value_or("");
    known[{name, segment->first, segment->mark}] = &held;
  }
  std::string bytes(journal.end, '\0');
  bytes.resize(io::read_at(journal.file, bytes.data(), bytes.size(), 0));
  std::vector<Damage> damage;
  format::read_rounds(
      bytes, journal.mark, journal.file.path,
      [&](const format::JournalPart& part) {
        const auto found = known.find({std::string(part.name), part.first, part.mark});
        if (found == known.end()) return;
        const Held& held = *found->second;
        held.files->write(held.segment->file, part.frames, part.position);
      },
      damage);
  for (const Damage& one : damage) {
    base::log_error("storage", "{} was damaged while in use: {} bytes at {} are unreadable",
                    one.file, one.bytes, one.position);
  }
}

}  // namespace engine::storage
