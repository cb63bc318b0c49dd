// The account's limits.
#include "engine/services/kinesis/limits.h"

#include "engine/services/kinesis/errors.h"

namespace engine::kinesis {
namespace {
constexpr std::int64_t kShardLimit = 500, kOnDemandStreamLimit = 50;
}

api::DescribeLimitsOutput limits_of(const Kinesis::Impl& kinesis) {
  api::DescribeLimitsOutput limits;
  limits.ShardLimit = kShardLimit;
  limits.OnDemandStreamCountLimit = kOnDemandStreamLimit;
  for (const StreamPtr& stream : kinesis.all()) {
    if (stream->is_on_demand()) {
      ++limits.OnDemandStreamCount;
    } else {
      limits.OpenShardCount += stream->about.OpenShardCount;
    }
  }
  return limits;
}

void check_shard_limit(const Kinesis::Impl& kinesis, std::int64_t more) {
  const std::int64_t open = limits_of(kinesis).OpenShardCount;
  if (more <= kShardLimit && open + more <= kShardLimit) return;
  throw limit_exceeded(fmt::format(
      "This request would exceed the shard limit for the account {} in {}. Current shard count for "
      "the account: {}. Limit: {}. Number of additional shards that would have resulted from this "
      "request: {}.",
      kinesis.context.account, kinesis.context.region, open, kShardLimit, more));
}

void check_on_demand_limit(const Kinesis::Impl& kinesis) {
  if (limits_of(kinesis).OnDemandStreamCount < kOnDemandStreamLimit) return;
  throw limit_exceeded(fmt::format(
      "This request would exceed the limit of {} streams in ON_DEMAND mode for the account {}.",
      kOnDemandStreamLimit, kinesis.context.account));
}

}  // namespace engine::kinesis
