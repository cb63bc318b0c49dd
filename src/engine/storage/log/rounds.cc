// Rounds of writing and syncing, which all who append at the same time share.
#include "engine/storage/log/rounds.h"

#include "engine/storage/error.h"
#include "lib/base/log.h"

#include <algorithm>
#include <functional>

namespace engine::storage {
namespace {

/// From so many on, one sync for all costs less than theirs: each of those waits for the file's own
/// inode and for the disk's cache, one after the other. That of the disk also waits for what others
/// wrote, which fewer logs are spared.
constexpr std::size_t kManyLogs = 3;

void refuse(Writer::Group group, const std::exception_ptr& error) {
  for (Append* append : group) append->error = error;
}

/// Calls `work` with the part of a round that is one log's; what it throws is of that log alone.
template <class F>
void attempt(Writer::Group group, F&& work) {
  if (group.front()->error) return;
  try {
    work(*group.front()->log, group);
  } catch (...) {
    refuse(group, std::current_exception());
  }
}

/// The appends of a round by their logs. Those of one log stay in the order they came in.
std::vector<Writer::Group> by_log(std::vector<Append*>& all) {
  std::stable_sort(all.begin(), all.end(),
                   [](const Append* a, const Append* b) { return std::less<>()(a->log, b->log); });
  std::vector<Writer::Group> groups;
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end = std::find_if(begin, all.end(),
                                  [&](const Append* one) { return one->log != (*begin)->log; });
    groups.emplace_back(begin, end);
    begin = end;
  }
  return groups;
}

}  // namespace

void Rounds::join(std::span<Append> appends) {
  Calls::Member self{appends};
  calls_.join(self, [this](Calls::Group calls) { lead(calls); });
}

void Rounds::lead(Calls::Group calls) {
  std::vector<Append*> all;
  for (const Calls::Member* call : calls) {
    for (Append& append : call->item) all.push_back(&append);
  }
  const Groups groups = by_log(all);
  try {
    if (journal_ && journal_->broken()) journal_->mend();
  } catch (const std::system_error& cause) {
    const auto error = std::make_exception_ptr(StorageError("the journal", cause));
    for (const Writer::Group group : groups) refuse(group, error);
    return;
  }
  write_and_sync(groups);
}

void Rounds::write_and_sync(const Groups& groups) {
  JournalRound* round = nullptr;
  if (journal_) {
    round = &journal_->begin();
    const auto can = [](Writer::Group group) { return group.front()->log->has_journal(); };
    if (groups.size() < journal_logs_ || !std::all_of(groups.begin(), groups.end(), can)) {
      round = nullptr;
    }
  }
  const bool alone = !round && groups.size() < kManyLogs;
  for (const Writer::Group group : groups) {
    attempt(group, [&](Writer& log, Writer::Group own) { log.write(own, alone, round); });
  }
  bool synced = false;
  if (round && !round->bytes.empty()) {
    try {
      synced = journal_->commit(*round);
    } catch (const std::system_error& error) {
      return take_back(groups, error);
    }
  }
  const auto written = std::find_if(groups.begin(), groups.end(),
                                    [](Writer::Group group) { return !group.front()->error; });
  if (!synced && !alone && written != groups.end()) {
    synced = written->front()->log->sync_disk() && !(journal_ && journal_->failed_since_begin());
  }
  for (const Writer::Group group : groups) {
    attempt(group, [synced](Writer& log, Writer::Group own) { log.sync(own, synced); });
  }
}

/// After the journal failed.
void Rounds::take_back(const Groups& groups, const std::system_error& cause) {
  const auto error = std::make_exception_ptr(StorageError("the journal", cause));
  for (const Writer::Group group : groups) {
    if (group.front()->error) continue;
    group.front()->log->take_back();
    refuse(group, error);
  }
  try {
    journal_->mend();
  } catch (const std::system_error& failure) {
    base::log_error("storage", "no records are taken until the journal works: {}", failure.what());
  }
}

void Rounds::sync(io::FileSystem& files, const Segment& segment) {
  journal_ ? journal_->sync(files, segment) : files.sync(segment.file);
}

void Rounds::sync_again(io::FileSystem& files, const Segment& segment) {
  journal_ ? journal_->sync_again(files, segment) : files.sync(segment.file);
}

}  // namespace engine::storage
