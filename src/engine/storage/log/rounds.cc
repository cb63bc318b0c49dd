// Rounds of writing and syncing, which all who append at the same time share.
#include "engine/storage/log/rounds.h"

#include <algorithm>
#include <functional>

namespace engine::storage {
namespace {

/// From so many on, one sync of the disk costs less than theirs: each of those waits for the file's
/// own inode and for the disk's cache, one after the other. It also waits for what others wrote, which
/// fewer logs are spared.
constexpr std::size_t kManyLogs = 3;

/// Calls `work` with the part of a round that is one log's; what it throws is of that log alone.
template <class F>
void attempt(Writer::Group group, F&& work) {
  if (group.front()->error) return;
  try {
    work(*group.front()->log, group);
  } catch (...) {
    for (Append* append : group) append->error = std::current_exception();
  }
}

}  // namespace

void Rounds::join(std::span<Append> appends) {
  Calls::Member self{appends};
  calls_.join(self, lead);
}

void Rounds::lead(Calls::Group calls) {
  std::vector<Append*> all;
  for (const Calls::Member* call : calls) {
    for (Append& append : call->item) all.push_back(&append);
  }
  // Stable: the appends of a log stay in the order they came in.
  std::stable_sort(all.begin(), all.end(),
                   [](const Append* a, const Append* b) { return std::less<>()(a->log, b->log); });
  std::vector<Writer::Group> groups;
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end = std::find_if(begin, all.end(),
                                  [&](const Append* one) { return one->log != (*begin)->log; });
    groups.emplace_back(begin, end);
    begin = end;
  }
  const bool alone = groups.size() < kManyLogs;
  for (const Writer::Group group : groups) {
    attempt(group, [alone](Writer& log, Writer::Group own) { log.write(own, alone); });
  }
  const auto written = std::find_if(groups.begin(), groups.end(),
                                    [](Writer::Group group) { return !group.front()->error; });
  const bool synced = !alone && written != groups.end() && written->front()->log->sync_disk();
  for (const Writer::Group group : groups) {
    attempt(group, [synced](Writer& log, Writer::Group own) { log.sync(own, synced); });
  }
}

}  // namespace engine::storage
