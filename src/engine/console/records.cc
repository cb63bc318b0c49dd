// Records of a shard as JSON, by their offsets.
#include "engine/console/records.h"

#include "engine/protocol/error.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace engine::console {

namespace json = boost::json;

namespace {

constexpr std::size_t kMostBytes = 4 << 20;

template <class Number>
Number number(std::string_view text) {
  Number value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) {
    throw AwsError("InvalidArgumentException", fmt::format("'{}' is no place in a shard.", text));
  }
  return value;
}

kinesis::ShardInfo find_shard(const kinesis::Kinesis& kinesis, std::string_view stream, std::string_view id) {
  for (const kinesis::ShardInfo& shard : kinesis.shards(stream)) {
    if (shard.id == id) return shard;
  }
  throw AwsError("ResourceNotFoundException", fmt::format("The stream {} has no shard {}.", stream, id));
}

}  // namespace

std::string show_records(const kinesis::Kinesis& kinesis, std::string_view stream, std::string_view shard,
                         std::string_view from, std::size_t limit) {
  limit = std::clamp<std::size_t>(limit, 1, kMostRecords);
  const kinesis::ShardInfo info = find_shard(kinesis, stream, shard);
  storage::Offset start = info.begin;
  if (from == "newest") {
    start = info.end > info.begin + limit ? info.end - limit : info.begin;
  } else if (from.starts_with('@')) {
    start = kinesis.at_time(stream, shard, Timestamp(base::Milliseconds(number<std::int64_t>(from.substr(1)))));
  } else {
    start = std::max(info.begin, number<storage::Offset>(from));
  }
  json::array records;
  for (const kinesis::Record& record : kinesis.peek(stream, shard, start, limit, kMostBytes)) {
    records.push_back(json::object{{"offset", record.offset},
                                   {"sequenceNumber", record.sequence_number},
                                   {"partitionKey", record.partition_key},
                                   {"arrival", record.arrival.time_since_epoch().count()},
                                   {"data", base::to_base64(record.data)}});
  }
  return json::serialize(
      json::object{{"begin", info.begin}, {"end", info.end}, {"from", start}, {"records", std::move(records)}});
}

}  // namespace engine::console
