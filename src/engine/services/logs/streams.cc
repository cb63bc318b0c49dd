// Log streams: create, delete, describe.
#include "engine/protocol/json.h"
#include "engine/services/logs/errors.h"
#include "engine/services/logs/operations.h"
#include "engine/services/logs/state.h"
#include "engine/services/paging.h"

#include <fmt/format.h>

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
  const std::string group = group_of(input.logGroupName, input.logGroupIdentifier);
  impl.group(group);
  const bool by_time = input.orderBy.value_or("LogStreamName") == "LastEventTime";
  if (by_time && input.logStreamNamePrefix) {
    throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  std::vector<api::LogStream> all;
  for (const auto& row : impl.context.catalog.scan(kStreams, stream_key(group, input.logStreamNamePrefix.value_or("")))) {
    all.push_back(from_json<api::LogStream>(row.value));
  }
  const auto rank = [&](const api::LogStream& stream) {
    const std::string& name = *stream.logStreamName;
    return by_time ? fmt::format("{:020}{}", stream.lastEventTimestamp.value_or(0), name) : name;
  };
  auto page = page_by_name(std::move(all), input.nextToken, input.limit, 50, invalid_token(), rank,
                           input.descending.value_or(false));
  return {.logStreams = std::move(page.items), .nextToken = std::move(page.next)};
}

}  // namespace engine::logs
