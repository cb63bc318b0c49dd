// SplitShard, MergeShards, UpdateShardCount: shards that close and the shards that follow them.
#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/limits.h"
#include "engine/services/kinesis/operations.h"
#include "engine/services/kinesis/state.h"

#include <algorithm>

namespace engine::kinesis {
namespace {

/// One change of a stream's shards. Puts to the shards it closes wait until it is committed and
/// then find the new ones; when it goes uncommitted, they find the old ones open as before. The
/// caller holds Impl::changing.
class Resharding {
 public:
  Resharding(Kinesis::Impl& kinesis, const Stream& stream) : kinesis_(kinesis), draft_(stream) {}
  ~Resharding() {
    for (const Closing& closing : closed_) closing.records->closed = committed_;
  }
  Resharding(const Resharding&) = delete;
  Resharding& operator=(const Resharding&) = delete;

  const Stream& draft() const { return draft_; }

  /// `at` begins the second of the two.
  void split(std::uint64_t number, HashKey at) {
    const HashRange range = close(number).range;
    add({range.first, at - 1}, number, {});
    add({at, range.last}, number, {});
  }

  void merge(std::uint64_t number, std::uint64_t adjacent) {
    const HashRange a = close(number).range, b = close(adjacent).range;
    add({std::min(a.first, b.first), std::max(a.last, b.last)}, number, adjacent);
  }

  void commit() {
    kinesis_.replace(draft_, std::move(batch_));
    committed_ = true;
  }

 private:
  struct Closing {
    std::shared_ptr<ShardLog> records;
    std::unique_lock<std::shared_mutex> gate;
  };

  const Shard& close(std::uint64_t number) {
    Shard& shard = *std::find_if(draft_.shards.begin(), draft_.shards.end(),
                                 [&](const Shard& one) { return one.number == number; });
    closed_.push_back({shard.records, std::unique_lock(shard.records->gate)});
    shard.records->closed = true;
    shard.end = shard.records->log.end();
    shard.closed = kinesis_.context.clock.now();
    kinesis_.put_rows(draft_, shard, batch_);
    return shard;
  }

  void add(HashRange range, std::uint64_t parent, std::optional<std::uint64_t> adjacent) {
    Shard shard = kinesis_.make_shard(draft_.name(), draft_.next_shard_number(), range);
    shard.parent = parent;
    shard.adjacent_parent = adjacent;
    kinesis_.put_rows(draft_, shard, batch_);
    draft_.shards.push_back(std::move(shard));
  }

  Kinesis::Impl& kinesis_;
  Stream draft_;
  storage::Batch batch_;
  std::vector<Closing> closed_;
  bool committed_ = false;
};

const Shard& open_shard(const Kinesis::Impl& kinesis, const Stream& stream, std::string_view id) {
  const Shard& shard = kinesis.shard(stream, id);
  if (shard.end) throw shard_closed(id, stream.name());
  return shard;
}

bool adjacent(const Shard& a, const Shard& b) {
  return (a.range.last != kLastHashKey && a.range.last + 1 == b.range.first) ||
         (b.range.last != kLastHashKey && b.range.last + 1 == a.range.first);
}

/// Splits and merges until the open shards are `count` of one size, as AWS does: a shard of the
/// middle steps is closed as soon as it is made and stays empty.
void make_even(Resharding& change, std::size_t count) {
  for (const HashRange& range : even_ranges(count)) {
    const Shard& first = change.draft().route(range.first);
    if (first.range.first != range.first) change.split(first.number, range.first);
    const Shard& last = change.draft().route(range.last);
    if (last.range.last != range.last) change.split(last.number, range.last + 1);
    while (change.draft().route(range.first).range.last != range.last) {
      const Shard& left = change.draft().route(range.first);
      change.merge(left.number, change.draft().route(left.range.last + 1).number);
    }
  }
}

void check_target(const Kinesis::Impl& kinesis, const Stream& stream, std::int64_t target) {
  const std::int64_t open = stream.about.OpenShardCount;
  if (stream.about.StreamModeDetails && stream.about.StreamModeDetails->StreamMode == kOnDemand) {
    throw validation(
        fmt::format("Stream {} under account {} is in ON_DEMAND mode: its shards can't "
                    "be counted by UpdateShardCount.",
                    stream.name(), kinesis.context.account));
  }
  if (target < 1 || target > 2 * open || 2 * target < open) {
    throw invalid_argument(
        fmt::format("UpdateShardCount cannot scale to less than half or more than "
                    "double the current open shard count. Current open shard "
                    "count: {}. Target shard count: {}.",
                    open, target));
  }
  if (target > open) check_shard_limit(kinesis, target - open);
}

}  // namespace

api::SplitShardOutput split_shard(Kinesis& kinesis, Call&, const api::SplitShardInput& input) {
  Kinesis::Impl& impl = kinesis.impl();
  const std::lock_guard lock(impl.changing);
  const StreamPtr stream = stream_of(kinesis, input);
  const Shard& shard = open_shard(impl, *stream, input.ShardToSplit);
  const auto at = parse_hash_key(input.NewStartingHashKey);
  if (!at || *at <= shard.range.first || *at >= shard.range.last) {
    throw invalid_argument(fmt::format(
        "NewStartingHashKey {} used in SplitShard() on shard {} in stream {} under account {} is "
        "not "
        "both greater than the shard's StartingHashKey {} and less than the shard's EndingHashKey "
        "{}.",
        input.NewStartingHashKey, shard.id(), stream->name(), impl.context.account,
        to_decimal(shard.range.first), to_decimal(shard.range.last)));
  }
  check_shard_limit(impl, 1);
  Resharding change(impl, *stream);
  change.split(shard.number, *at);
  change.commit();
  return {};
}

api::MergeShardsOutput merge_shards(Kinesis& kinesis, Call&, const api::MergeShardsInput& input) {
  Kinesis::Impl& impl = kinesis.impl();
  const std::lock_guard lock(impl.changing);
  const StreamPtr stream = stream_of(kinesis, input);
  const Shard& shard = open_shard(impl, *stream, input.ShardToMerge);
  const Shard& other = open_shard(impl, *stream, input.AdjacentShardToMerge);
  if (!adjacent(shard, other)) {
    throw invalid_argument(
        fmt::format("Shards {} and {} in stream {} under account {} are not an "
                    "adjacent pair of shards eligible for merging",
                    shard.id(), other.id(), stream->name(), impl.context.account));
  }
  Resharding change(impl, *stream);
  change.merge(shard.number, other.number);
  change.commit();
  return {};
}

api::UpdateShardCountOutput update_shard_count(Kinesis& kinesis, Call&,
                                               const api::UpdateShardCountInput& input) {
  Kinesis::Impl& impl = kinesis.impl();
  const std::lock_guard lock(impl.changing);
  const StreamPtr stream = stream_of(kinesis, input);
  check_target(impl, *stream, input.TargetShardCount);
  if (input.TargetShardCount != stream->about.OpenShardCount) {
    Resharding change(impl, *stream);
    make_even(change, static_cast<std::size_t>(input.TargetShardCount));
    change.commit();
  }
  return {stream->name(), stream->about.OpenShardCount, input.TargetShardCount,
          stream->about.StreamARN};
}

}  // namespace engine::kinesis
