// Log events: put, get in pages both ways, filter over streams.
#include "engine/services/logs/errors.h"
#include "engine/services/logs/operations.h"
#include "engine/services/logs/pattern.h"
#include "engine/services/logs/state.h"
#include "engine/services/paging.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace engine::logs {
namespace {

constexpr std::int64_t kForever = 999'999'999'999'999;
constexpr std::size_t kMostEvents = 10'000;
constexpr std::size_t kLargestBatch = 1'048'576, kEventOverhead = 26;  ///< bytes of a PutLogEvents
constexpr std::int64_t kLongestBatch = 24 * 3'600'000;                 ///< milliseconds it may span
constexpr std::chrono::hours kOldest{14 * 24}, kNewest{2};             ///< before and after now

Timestamp at(std::int64_t millis) { return Timestamp{base::Milliseconds(millis)}; }

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
    throw invalid_token();
  }
  return {text[0] == 'f', *row};
}

/// The events of one request, within the rules for it.
std::vector<Event> checked(const std::vector<api::InputLogEvent>& given) {
  std::vector<Event> events;
  std::int64_t last = std::numeric_limits<std::int64_t>::min();
  std::size_t size = 0;
  for (const auto& event : given) {
    if (event.timestamp < last) {
      throw invalid("Log events in a single PutLogEvents request must be in chronological order.");
    }
    last = event.timestamp;
    size += event.message.size() + kEventOverhead;
    events.push_back({at(event.timestamp), event.message});
  }
  if (size > kLargestBatch) {
    throw invalid(fmt::format("Upload too large: {} bytes exceeds limit of {}", size, kLargestBatch));
  }
  if (!given.empty() && last - given.front().timestamp > kLongestBatch) {
    throw invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.");
  }
  return events;
}

/// The events of a batch that are kept, and what the answer says of the others.
struct Accepted {
  std::span<const Event> events;
  std::optional<api::RejectedLogEventsInfo> rejected;
};

/// Takes those of the ordered batch that are neither too old nor too new for the group.
Accepted accepted(std::span<const Event> events, const api::LogGroup& group, Timestamp now) {
  const auto before = [&](Timestamp limit) {
    return std::lower_bound(events.begin(), events.end(), limit,
                            [](const Event& event, Timestamp time) { return event.timestamp < time; }) -
           events.begin();
  };
  const auto old = before(now - kOldest);
  const auto expired = group.retentionInDays ? before(now - std::chrono::hours(24) * *group.retentionInDays) : 0;
  const auto in_time = before(now + kNewest + base::Milliseconds(1));
  const auto first = std::max(old, expired);
  Accepted result{events.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(in_time - first)), {}};
  if (result.events.size() == events.size()) return result;
  api::RejectedLogEventsInfo& info = result.rejected.emplace();
  if (old > 0) info.tooOldLogEventEndIndex = old;
  if (expired > 0) info.expiredLogEventEndIndex = expired;
  if (in_time < std::ssize(events)) info.tooNewLogEventStartIndex = in_time;
  return result;
}

/// The streams that FilterLogEvents is to look into.
std::vector<std::string> streams_of(const Logs::Impl& logs, const std::string& group,
                                    const api::FilterLogEventsInput& input) {
  std::vector<std::string> streams = input.logStreamNames.value_or(std::vector<std::string>{});
  if (!streams.empty() && input.logStreamNamePrefix) {
    throw invalid("Only one of logStreamNames and logStreamNamePrefix may be given.");
  }
  for (const std::string& stream : streams) {
    if (!logs.find_stream(group, stream)) throw no_such_stream();
  }
  if (!streams.empty()) return streams;
  const auto rows = logs.context.catalog.scan(kStreams, stream_key(group, input.logStreamNamePrefix.value_or("")));
  for (const auto& row : rows) streams.push_back(row.key.substr(group.size() + 1));
  return streams;
}

}  // namespace

// Deviation: events are taken however old they are, since a client's clock is behind one that runs faster.
api::PutLogEventsOutput put_log_events(Logs& logs, Call&, const api::PutLogEventsInput& input) {
  auto& impl = logs.impl();
  const std::vector<Event> events = checked(input.logEvents);
  std::lock_guard lock(impl.mutex);
  const api::LogGroup group = impl.group(input.logGroupName);
  if (!impl.find_stream(input.logGroupName, input.logStreamName)) throw no_such_stream();
  Accepted kept = accepted(events, group, impl.context.clock.now());
  if (!kept.events.empty()) {
    storage::Batch batch;
    impl.add_events(input.logGroupName, input.logStreamName, kept.events, batch);
    impl.context.catalog.commit(std::move(batch));
  }
  return {.nextSequenceToken = std::to_string(impl.sequence), .rejectedLogEventsInfo = std::move(kept.rejected)};
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

  std::vector<StoredEvent> found;
  for (const std::string& stream : streams_of(impl, group, input)) {
    impl.scan_events(group, stream, input.startTime.value_or(0),
                     input.endTime ? *input.endTime + 1 : kForever, {}, [&](StoredEvent event) {
                       if (pattern.matches(event.message)) found.push_back(std::move(event));
                       return true;
                     });
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.timestamp < b.timestamp; });

  auto page = page_of(std::move(found), input.nextToken, input.limit, kMostEvents, invalid_token());
  api::FilterLogEventsOutput output{.nextToken = std::move(page.next)};
  output.events.emplace();
  output.searchedLogStreams.emplace();
  for (StoredEvent& event : page.items) {
    output.events->push_back({event.stream, event.timestamp, std::move(event.message), event.ingestion,
                              base::to_hex(event.row_key.substr(event.row_key.size() - 20))});
  }
  return output;
}

}  // namespace engine::logs
