// ListShards: a stream's shards by age and time, in pages.
#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/operations.h"
#include "engine/services/kinesis/paging.h"
#include "engine/services/kinesis/state.h"

#include <algorithm>
#include <charconv>

namespace engine::kinesis {
namespace {

constexpr std::string_view kToken = "ListShards";

/// What a listing asks for; a page token carries it on.
struct Query {
  std::string stream;
  std::string after;  ///< shards behind this one
  std::string filter = "FROM_TRIM_HORIZON";
  Timestamp time{};  ///< of AT_TIMESTAMP and FROM_TIMESTAMP
};

bool closed_before(const Shard& shard, Timestamp time) {
  return shard.closed && *shard.closed < time;
}

bool wanted(const Stream& stream, const Shard& shard, const Query& query, Timestamp now) {
  if (shard.id() <= query.after) return false;
  const Timestamp horizon = std::max(now - std::chrono::hours(stream.about.RetentionPeriodHours),
                                     stream.about.StreamCreationTimestamp);
  if (query.filter == "AT_LATEST") return !shard.closed;
  if (query.filter == "AT_TRIM_HORIZON") {
    return shard.created <= horizon && !closed_before(shard, horizon);
  }
  if (query.filter == "AT_TIMESTAMP") {
    return shard.created <= query.time && !closed_before(shard, query.time);
  }
  if (query.filter == "FROM_TIMESTAMP") return !closed_before(shard, query.time);
  return true;  // FROM_TRIM_HORIZON, AFTER_SHARD_ID
}

std::string milliseconds(Timestamp time) { return std::to_string(time.time_since_epoch().count()); }

Timestamp to_timestamp(const std::string& text) {
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return Timestamp{Milliseconds{count}};
}

Query open_token(const Kinesis::Impl& kinesis, const std::string& token) {
  const auto fields = kinesis.seal.open(kToken, token);
  if (!fields || fields->size() != 5) throw invalid_argument("NextToken is invalid.");
  const auto& f = *fields;
  if (kinesis.context.clock.now() - to_timestamp(f[4]) > kinesis.options.iterator_lifetime) {
    throw page_token_expired();
  }
  return {f[0], f[1], f[2], to_timestamp(f[3])};
}

void apply(const api::ShardFilter& filter, Query& query) {
  query.filter = filter.Type;
  if (filter.Type == "AFTER_SHARD_ID") {
    if (!filter.ShardId) throw invalid_argument("ShardId is required for AFTER_SHARD_ID.");
    query.after = *filter.ShardId;
  }
  if (filter.Type.ends_with("_TIMESTAMP")) {
    if (!filter.Timestamp) {
      throw invalid_argument(fmt::format("Timestamp is required for {}.", filter.Type));
    }
    query.time = *filter.Timestamp;
  }
}

Query to_query(Kinesis& kinesis, const api::ListShardsInput& input) {
  if (input.NextToken) {
    if (input.StreamName || input.StreamARN) {
      throw invalid_argument("NextToken and StreamName cannot be provided together.");
    }
    return open_token(kinesis.impl(), *input.NextToken);
  }
  Query query;
  query.stream = stream_of(kinesis, input)->name();
  if (input.ShardFilter) apply(*input.ShardFilter, query);
  if (input.ExclusiveStartShardId) query.after = *input.ExclusiveStartShardId;
  return query;
}

}  // namespace

api::ListShardsOutput list_shards(Kinesis& kinesis, Call&, const api::ListShardsInput& input) {
  constexpr std::int64_t kDefaultLimit = 1000;
  const Kinesis::Impl& impl = kinesis.impl();
  Query query = to_query(kinesis, input);
  const StreamPtr stream = impl.stream(query.stream);
  const Timestamp now = impl.context.clock.now();

  api::ListShardsOutput output;
  auto& shards = output.Shards.emplace();
  for (const Shard& shard : stream->shards) {
    if (wanted(*stream, shard, query, now)) shards.push_back(shard.describe());
  }
  if (cut_page(shards, input.MaxResults.value_or(kDefaultLimit))) {
    output.NextToken = impl.seal.seal(kToken, {query.stream, shards.back().ShardId, query.filter,
                                               milliseconds(query.time), milliseconds(now)});
  }
  return output;
}

}  // namespace engine::kinesis
