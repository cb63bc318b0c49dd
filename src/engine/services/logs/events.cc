// Log events: put, get in pages both ways, filter over streams.
#include "engine/services/logs/errors.h"
#include "engine/services/logs/operations.h"
#include "engine/services/logs/pattern.h"
#include "engine/services/logs/state.h"

#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace engine::logs {
namespace {

constexpr std::int64_t kForever = 999'999'999'999'999;
constexpr std::size_t kMostEvents = 10'000;

Timestamp at(std::int64_t millis) { return Timestamp{base::Milliseconds(millis)}; }

std::string group_of(const std::optional<std::string>& name, const std::optional<std::string>& identifier) {
  if (name) return *name;
  if (!identifier) throw invalid("logGroupName or logGroupIdentifier must be given");
  const auto mark = identifier->find(":log-group:");
  return mark == std::string::npos ? *identifier : identifier->substr(mark + 11);
}

/// A page token: 'f' or 'b' and the row at which the page ended.
struct Token {
  bool forward = true;
  std::string row;
};
std::string token_text(char direction, const std::string& row) {
  return fmt::format("{}/{}", direction, base::to_hex(row));
}
Token parse_token(const std::string& text) {
  const auto row = text.size() > 2 ? base::from_hex(std::string_view(text).substr(2)) : std::optional<std::string>("");
  if (text.size() < 2 || text[1] != '/' || (text[0] != 'f' && text[0] != 'b') || !row) {
    throw invalid("The specified nextToken is invalid.");
  }
  return {text[0] == 'f', *row};
}

}  // namespace

api::PutLogEventsOutput put_log_events(Logs& logs, Call&, const api::PutLogEventsInput& input) {
  auto& impl = logs.impl();
  std::vector<Event> events;
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  for (const auto& event : input.logEvents) {
    if (event.timestamp < last) throw invalid("Log events in a single PutLogEvents request must be in chronological order.");
    last = event.timestamp;
    events.push_back({at(event.timestamp), event.message});
  }
  std::lock_guard lock(impl.mutex);
  impl.group(input.logGroupName);
  if (!impl.find_stream(input.logGroupName, input.logStreamName)) throw no_such_stream();
  storage::Batch batch;
  impl.add_events(input.logGroupName, input.logStreamName, events, batch);
  impl.context.catalog.commit(std::move(batch));
  return {.nextSequenceToken = std::to_string(impl.sequence)};
}

api::GetLogEventsOutput get_log_events(Logs& logs, Call&, const api::GetLogEventsInput& input) {
  auto& impl = logs.impl();
  impl.flush();
  const std::string group = group_of(input.logGroupName, input.logGroupIdentifier);
  impl.group(group);
  if (!impl.find_stream(group, input.logStreamName)) throw no_such_stream();

  const auto limit = static_cast<std::size_t>(input.limit.value_or(kMostEvents));
  const Token token = input.nextToken ? parse_token(*input.nextToken)
                                      : Token{input.startFromHead.value_or(false), {}};
  std::vector<StoredEvent> page;
  impl.scan_events(group, input.logStreamName, input.startTime.value_or(0), input.endTime.value_or(kForever),
                   token.forward ? token.row : "", [&](StoredEvent event) {
                     if (!token.forward && !token.row.empty() && event.row_key >= token.row) return false;
                     page.push_back(std::move(event));
                     // From the tail the last `limit` are wanted, from the head the first.
                     if (!token.forward && page.size() > limit) page.erase(page.begin());
                     return !token.forward || page.size() < limit;
                   });
  api::GetLogEventsOutput output;
  output.events.emplace();
  for (StoredEvent& event : page) output.events->push_back({event.timestamp, std::move(event.message), event.ingestion});
  // At either end the token stays what it was: this is how callers know that they are done.
  output.nextForwardToken = token_text('f', page.empty() ? token.row : page.back().row_key);
  output.nextBackwardToken = token_text('b', page.empty() ? token.row : page.front().row_key);
  return output;
}

api::FilterLogEventsOutput filter_log_events(Logs& logs, Call&, const api::FilterLogEventsInput& input) {
  auto& impl = logs.impl();
  impl.flush();
  const std::string group = group_of(input.logGroupName, input.logGroupIdentifier);
  impl.group(group);
  const Pattern pattern(input.filterPattern.value_or(""));

  std::vector<std::string> streams = input.logStreamNames.value_or(std::vector<std::string>{});
  if (streams.empty()) {
    for (const auto& row : impl.context.catalog.scan(kStreams, stream_key(group, input.logStreamNamePrefix.value_or("")))) {
      streams.push_back(row.key.substr(group.size() + 1));
    }
  }
  std::vector<StoredEvent> found;
  for (const std::string& stream : streams) {
    impl.scan_events(group, stream, input.startTime.value_or(0),
                     input.endTime ? *input.endTime + 1 : kForever, {}, [&](StoredEvent event) {
                       if (pattern.matches(event.message)) found.push_back(std::move(event));
                       return true;
                     });
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.timestamp < b.timestamp; });

  const std::size_t first = input.nextToken ? std::stoul("0" + *input.nextToken) : 0;
  const std::size_t last =
      std::min(found.size(), first + static_cast<std::size_t>(input.limit.value_or(kMostEvents)));
  api::FilterLogEventsOutput output;
  output.events.emplace();
  output.searchedLogStreams.emplace();
  for (std::size_t i = first; i < last; ++i) {
    StoredEvent& event = found[i];
    output.events->push_back({event.stream, event.timestamp, std::move(event.message), event.ingestion,
                              base::to_hex(event.row_key.substr(event.row_key.size() - 20))});
  }
  if (last < found.size()) output.nextToken = std::to_string(last);
  return output;
}

}  // namespace engine::logs
