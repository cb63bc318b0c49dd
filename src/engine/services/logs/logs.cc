// Log groups, streams and events in the catalog; lines of services are queued and written together.
#include "engine/services/logs/logs.h"

#include "engine/protocol/json.h"
#include "engine/services/logs/errors.h"
#include "engine/services/logs/state.h"

#include <fmt/format.h>

namespace engine::logs {
namespace {

std::int64_t millis(Timestamp time) { return time.time_since_epoch().count(); }

std::string time_key(std::int64_t time) { return fmt::format("{:015}", std::max<std::int64_t>(time, 0)); }

}  // namespace

std::string stream_key(std::string_view group, std::string_view stream) {
  std::string key(group);
  key += '\0';
  return key.append(stream);
}

std::string group_of_arn(std::string_view arn) {
  constexpr std::string_view kMark = ":log-group:";
  const auto at = arn.find(kMark);
  if (at == std::string_view::npos) return std::string(arn);
  arn.remove_prefix(at + kMark.size());
  if (arn.ends_with(":*")) arn.remove_suffix(2);
  return std::string(arn);
}

std::string group_of(const std::optional<std::string>& name, const std::optional<std::string>& identifier) {
  if (name && identifier) throw invalid("Only one of logGroupName and logGroupIdentifier may be given.");
  if (!name && !identifier) throw invalid("logGroupName or logGroupIdentifier must be given.");
  return name ? *name : group_of_arn(*identifier);
}

Logs::Impl::Impl(Context& c)
    : context(c),
      sequence(static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count())) {
  flusher = std::make_unique<base::Loop>("logs flush", base::system_clock(), [this](std::stop_token) {
    flush();
    return base::Milliseconds(250);
  });
  retention = std::make_unique<base::Loop>("logs retention", context.clock, [this](std::stop_token) {
    drop_expired();
    return base::Milliseconds(std::chrono::hours(1));
  });
}

Logs::Impl::~Impl() {
  flusher->stop();
  retention->stop();
  try {
    flush();
  } catch (const std::exception&) {
    // The disk refuses; the lines of services are not acknowledged to anyone.
  }
}

void Logs::Impl::flush() {
  // Around all of it: who comes while others flush may read when they are done, not before.
  std::lock_guard lock(mutex);
  std::deque<Queued> work;
  {
    std::lock_guard queue_lock(queue_mutex);
    work.swap(queue);
  }
  if (work.empty()) return;
  storage::Batch batch;
  for (const Queued& lines : work) add_events(lines.group, lines.stream, lines.events, batch);
  context.catalog.commit(std::move(batch));
}

void Logs::Impl::add_events(const std::string& group, const std::string& stream, std::span<const Event> events,
                            storage::Batch& batch) {
  if (events.empty()) return;
  if (!find_group(group)) make_group(group, {.logGroupName = group});
  if (!find_stream(group, stream)) make_stream(group, stream);
  const std::string key = stream_key(group, stream);
  auto row = from_json<api::LogStream>(*context.catalog.get(kStreams, key));
  const std::int64_t now = millis(context.clock.now());
  for (const Event& event : events) {
    const std::int64_t at = millis(event.timestamp);
    batch.put(kEvents, fmt::format("{}{}{}{:020}", key, '\0', time_key(at), sequence++),
              fmt::format("{}:{}", now, event.message));
    row.firstEventTimestamp = std::min(row.firstEventTimestamp.value_or(at), at);
    row.lastEventTimestamp = std::max(row.lastEventTimestamp.value_or(at), at);
    row.storedBytes = row.storedBytes.value_or(0) + static_cast<std::int64_t>(event.message.size()) + 26;
  }
  row.lastIngestionTime = now;
  batch.put(kStreams, key, to_json(row));
}

std::optional<api::LogGroup> Logs::Impl::find_group(std::string_view name) const {
  const auto row = context.catalog.get(kGroups, name);
  if (!row) return std::nullopt;
  return from_json<api::LogGroup>(*row);
}

api::LogGroup Logs::Impl::group(std::string_view name) const {
  auto found = find_group(name);
  if (!found) throw no_such_group();
  return *found;
}

std::optional<api::LogStream> Logs::Impl::find_stream(std::string_view group, std::string_view stream) const {
  const auto row = context.catalog.get(kStreams, stream_key(group, stream));
  if (!row) return std::nullopt;
  return from_json<api::LogStream>(*row);
}

void Logs::Impl::scan_events(std::string_view group, std::string_view stream, std::int64_t from, std::int64_t to,
                             const std::string& after, const std::function<bool(StoredEvent)>& use) const {
  const std::string prefix = stream_key(group, stream) + '\0';
  std::string position = std::max(after, prefix + time_key(from));
  const std::string end = prefix + time_key(to);
  for (;;) {
    const auto rows = context.catalog.scan(kEvents, prefix, position, 1000);
    for (const auto& row : rows) {
      if (row.key >= end) return;
      const auto colon = row.value.find(':');
      StoredEvent event{row.key, std::string(stream), std::stoll(row.key.substr(prefix.size(), 15)),
                        std::stoll(row.value.substr(0, colon)), row.value.substr(colon + 1)};
      if (!use(std::move(event))) return;
    }
    if (rows.size() < 1000) return;
    position = rows.back().key;
  }
}

void Logs::Impl::make_group(const std::string& name, const api::CreateLogGroupInput& input) {
  api::LogGroup row;
  row.logGroupName = name;
  row.creationTime = millis(context.clock.now());
  row.metricFilterCount = 0;
  row.storedBytes = 0;
  row.kmsKeyId = input.kmsKeyId;
  row.logGroupClass = input.logGroupClass.value_or("STANDARD");
  row.arn = context.arn("logs", "log-group:" + name + ":*");
  row.logGroupArn = context.arn("logs", "log-group:" + name);
  storage::Batch batch;
  batch.put(kGroups, name, to_json(row));
  for (const auto& [key, value] : input.tags.value_or(std::map<std::string, std::string>{})) {
    batch.put(kTags, stream_key(name, key), value);
  }
  context.catalog.commit(std::move(batch));
}

void Logs::Impl::make_stream(const std::string& group, const std::string& stream) {
  api::LogStream row;
  row.logStreamName = stream;
  row.creationTime = millis(context.clock.now());
  row.storedBytes = 0;
  row.arn = context.arn("logs", fmt::format("log-group:{}:log-stream:{}", group, stream));
  storage::Batch batch;
  batch.put(kStreams, stream_key(group, stream), to_json(row));
  context.catalog.commit(std::move(batch));
}

void Logs::Impl::delete_stream(const std::string& group, const std::string& stream) {
  const std::string key = stream_key(group, stream);
  storage::Batch batch;
  batch.remove(kStreams, key);
  for (const auto& row : context.catalog.scan(kEvents, key + '\0')) batch.remove(kEvents, row.key);
  context.catalog.commit(std::move(batch));
}

void Logs::Impl::delete_group(const std::string& name) {
  for (const auto& row : context.catalog.scan(kStreams, stream_key(name, ""))) {
    delete_stream(name, row.key.substr(name.size() + 1));
  }
  storage::Batch batch;
  batch.remove(kGroups, name);
  for (const auto& row : context.catalog.scan(kTags, stream_key(name, ""))) batch.remove(kTags, row.key);
  context.catalog.commit(std::move(batch));
}

void Logs::Impl::drop_expired() {
  std::lock_guard lock(mutex);
  for (const auto& row : context.catalog.scan(kGroups)) {
    const auto group = from_json<api::LogGroup>(row.value);
    if (!group.retentionInDays) continue;
    const std::int64_t limit = millis(context.clock.now() - std::chrono::hours(24) * *group.retentionInDays);
    for (const auto& stream : context.catalog.scan(kStreams, stream_key(row.key, ""))) {
      storage::Batch batch;
      scan_events(row.key, stream.key.substr(row.key.size() + 1), 0, limit, {}, [&](const StoredEvent& event) {
        batch.remove(kEvents, event.row_key);
        return true;
      });
      if (!batch.empty()) context.catalog.commit(std::move(batch));
    }
  }
}

Logs::Logs(Context& context) : impl_(std::make_unique<Impl>(context)) {}
Logs::~Logs() = default;

void Logs::append(std::string_view group, std::string_view stream, std::span<const Event> events) {
  if (events.empty()) return;
  std::lock_guard lock(impl_->queue_mutex);
  impl_->queue.push_back({std::string(group), std::string(stream), {events.begin(), events.end()}});
}

}  // namespace engine::logs
