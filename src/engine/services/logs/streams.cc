// Log streams: create, delete, describe.
#include "engine/protocol/json.h"
#include "engine/services/logs/errors.h"
#include "engine/services/logs/operations.h"
#include "engine/services/logs/state.h"

#include <algorithm>

namespace engine::logs {

api::CreateLogStreamOutput create_log_stream(Logs& logs, Call&, const api::CreateLogStreamInput& input) {
  auto& impl = logs.impl();
  std::lock_guard lock(impl.mutex);
  impl.group(input.logGroupName);
  if (impl.find_stream(input.logGroupName, input.logStreamName)) throw stream_exists();
  impl.make_stream(input.logGroupName, input.logStreamName);
  return {};
}

api::DeleteLogStreamOutput delete_log_stream(Logs& logs, Call&, const api::DeleteLogStreamInput& input) {
  auto& impl = logs.impl();
  impl.flush();
  std::lock_guard lock(impl.mutex);
  impl.group(input.logGroupName);
  if (!impl.find_stream(input.logGroupName, input.logStreamName)) throw no_such_stream();
  impl.delete_stream(input.logGroupName, input.logStreamName);
  return {};
}

api::DescribeLogStreamsOutput describe_log_streams(Logs& logs, Call&, const api::DescribeLogStreamsInput& input) {
  auto& impl = logs.impl();
  impl.flush();
  const std::string group = input.logGroupName ? *input.logGroupName : input.logGroupIdentifier.value_or("");
  impl.group(group);
  const bool by_time = input.orderBy.value_or("LogStreamName") == "LastEventTime";
  if (by_time && input.logStreamNamePrefix) {
    throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  std::vector<api::LogStream> all;
  for (const auto& row : impl.context.catalog.scan(kStreams, stream_key(group, input.logStreamNamePrefix.value_or("")))) {
    all.push_back(from_json<api::LogStream>(row.value));
  }
  if (by_time) {
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return a.lastEventTimestamp.value_or(0) < b.lastEventTimestamp.value_or(0);
    });
  }
  if (input.descending.value_or(false)) std::reverse(all.begin(), all.end());

  const std::size_t first = input.nextToken ? std::stoul("0" + *input.nextToken) : 0;
  const std::size_t last = std::min(all.size(), first + static_cast<std::size_t>(input.limit.value_or(50)));
  api::DescribeLogStreamsOutput output;
  output.logStreams.emplace();
  for (std::size_t i = first; i < last; ++i) output.logStreams->push_back(std::move(all[i]));
  if (last < all.size()) output.nextToken = std::to_string(last);
  return output;
}

}  // namespace engine::logs
