// Retention: records past a stream's hours go, segment by segment, and closed shards with their
// last. And what is kept is looked at once after each start.
#include "engine/services/kinesis/state.h"
#include "lib/base/log.h"

#include <algorithm>
#include <filesystem>

namespace engine::kinesis {
namespace {

constexpr std::chrono::hours kOncePerStart{24 * 365 * 100};

Timestamp horizon(const Stream& stream, Timestamp now) {
  return now - std::chrono::hours(stream.about.RetentionPeriodHours);
}

bool forgotten(const Shard& shard, Timestamp horizon) {
  return shard.closed && *shard.closed < horizon;
}

}  // namespace

Milliseconds Kinesis::Impl::drop_old() {
  const Timestamp now = context.clock.now();
  for (const StreamPtr& stream : all()) {
    const Timestamp limit = horizon(*stream, now);
    for (const Shard& shard : stream->shards) shard.records->log.drop_before(limit);
    if (std::none_of(stream->shards.begin(), stream->shards.end(),
                     [&](const Shard& shard) { return forgotten(shard, limit); })) {
      continue;
    }
    const std::lock_guard lock(changing);
    const StreamPtr present = find(stream->name());
    if (!present || present->about.StreamId != stream->about.StreamId) continue;
    Stream draft = *present;
    storage::Batch batch;
    std::vector<std::string> folders;
    std::erase_if(draft.shards, [&](const Shard& shard) {
      if (!forgotten(shard, limit)) return false;
      batch.remove(kShardTable, draft.name() + '\0' + shard.id());
      folders.push_back(folder(draft.name()) + "/" + shard.id());
      return true;
    });
    replace(std::move(draft), std::move(batch));
    std::error_code ignored;  // what stays is removed at the next start
    for (const std::string& path : folders) std::filesystem::remove_all(path, ignored);
  }
  return options.retention_check;
}

Milliseconds Kinesis::Impl::verify(const std::stop_token& stop) {
  for (const StreamPtr& stream : all()) {
    for (const Shard& shard : stream->shards) {
      if (stop.stop_requested()) return kOncePerStart;
      shard.records->log.verify([&] { return stop.stop_requested(); });
    }
  }
  return kOncePerStart;
}

}  // namespace engine::kinesis
