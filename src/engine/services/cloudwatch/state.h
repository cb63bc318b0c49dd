// What CloudWatch's operations share: the alarms, their tags and their history in the catalog.
#pragma once

#include "engine/models/cloudwatch.h"
#include "engine/services/cloudwatch/cloudwatch.h"
#include "engine/services/cloudwatch/store.h"
#include "lib/base/loop.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace engine::cloudwatch {

// Tables of the catalog.
constexpr const char* kAlarms = "cloudwatch/alarms";    ///< name → MetricAlarm
constexpr const char* kTags = "cloudwatch/tags";        ///< name \0 key → value
constexpr const char* kHistory = "cloudwatch/history";  ///< name \0 time number → AlarmHistoryItem

using Tags = std::map<std::string, std::string>;

/// An alarm's new state and why.
struct NewState {
  std::string value;                ///< OK | ALARM | INSUFFICIENT_DATA
  std::string reason;               ///< a sentence
  std::optional<std::string> data;  ///< the reason as JSON
};

/// Several alarms' rows on their way to the catalog, and what EventBridge is to be told afterwards.
struct Changes {
  storage::Batch batch;
  struct Event {
    std::string alarm_arn, detail;
  };
  std::vector<Event> events;
};

/// Reads are free; a change of an alarm reads and commits it under `mutex`.
struct CloudWatch::Impl {
  explicit Impl(Context& context) : context(context), store(context.catalog) {}

  std::optional<api::MetricAlarm> find_alarm(std::string_view name) const;
  api::MetricAlarm alarm(std::string_view name) const;  ///< or throws ResourceNotFound
  std::vector<api::MetricAlarm> alarms(std::string_view prefix = {}) const;

  void put_alarm(const api::MetricAlarm& alarm, Changes& changes);

  /// Gives the alarm its new state. A change of the state's value is told by the history and an event.
  void set_state(api::MetricAlarm alarm, const NewState& state, Changes& changes);

  /// Adds an item to the history of an alarm, and lets go of its oldest.
  void remember(const std::string& alarm, std::string_view type, std::string summary, std::string data,
                Changes& changes);

  /// Durable, then published. Called under `mutex`.
  void commit(Changes changes);

  /// Judges every alarm by the whole periods before `now`.
  void evaluate(Timestamp now);
  /// One round of the loop: samples, evaluates, lets go of what is old. Gives the time to the next minute.
  base::Milliseconds tick();

  Context& context;
  MetricStore store;
  std::mutex mutex;
  std::uint64_t history_number = 0;  ///< tells items of the same millisecond apart
  Publish publish;
  Sampler sample;
  Timestamp last_drop;
  std::unique_ptr<base::Loop> evaluator, flusher;  // last: they end first
};

/// Of an alarm's ARN, or nothing.
std::optional<std::string> alarm_of_arn(std::string_view arn);

std::string tag_key(std::string_view alarm, std::string_view key);

}  // namespace engine::cloudwatch
