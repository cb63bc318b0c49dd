// Alarms: put, deleted, silenced, set by hand.
#include "engine/services/cloudwatch/errors.h"
#include "engine/services/cloudwatch/operations.h"
#include "engine/services/cloudwatch/queries.h"
#include "engine/services/cloudwatch/settings.h"
#include "engine/services/cloudwatch/state.h"

#include <boost/json.hpp>

#include <set>

namespace engine::cloudwatch {
namespace {

constexpr std::size_t kMostTags = 50;
constexpr std::uint64_t kMostAlarms = 5000;

/// What an alarm that is put anew keeps of its predecessor.
void keep_state(const api::MetricAlarm& old, api::MetricAlarm& alarm) {
  alarm.StateValue = old.StateValue;
  alarm.StateReason = old.StateReason;
  alarm.StateReasonData = old.StateReasonData;
  alarm.StateUpdatedTimestamp = old.StateUpdatedTimestamp;
  alarm.StateTransitionedTimestamp = old.StateTransitionedTimestamp;
}

void begin_state(Timestamp now, api::MetricAlarm& alarm) {
  alarm.StateValue = "INSUFFICIENT_DATA";
  alarm.StateReason = "Unchecked: Initial alarm creation";
  alarm.StateUpdatedTimestamp = now;
  alarm.StateTransitionedTimestamp = now;
}

std::string configuration_change(std::string_view type) {
  return boost::json::serialize(boost::json::object{{"version", "1.0"}, {"type", type}});
}

void set_actions(CloudWatch::Impl& impl, const std::vector<std::string>& names, bool enabled) {
  std::lock_guard lock(impl.mutex);
  Changes changes;
  for (const std::string& name : std::set<std::string>(names.begin(), names.end())) {
    auto alarm = impl.find_alarm(name);
    // Verified: botocore's model names no error here; AWS passes over names it doesn't know.
    if (!alarm || *alarm->ActionsEnabled == enabled) continue;
    alarm->ActionsEnabled = enabled;
    alarm->AlarmConfigurationUpdatedTimestamp = impl.context.clock.now();
    impl.put_alarm(*alarm, changes);
    impl.remember(name, "ConfigurationUpdate", fmt::format("Alarm \"{}\" updated", name),
                  configuration_change("Update"), changes);
  }
  impl.commit(std::move(changes));
}

void check_reason_data(const std::optional<std::string>& data) {
  if (!data || data->empty()) return;
  boost::json::error_code error;
  boost::json::parse(*data, error);
  if (error) throw invalid_format("TokenMgrError: StateReasonData was not syntactically valid JSON");
}

}  // namespace

api::PutMetricAlarmOutput put_metric_alarm(CloudWatch& cloudwatch, Call&, const api::PutMetricAlarmInput& input) {
  auto& impl = cloudwatch.impl();
  api::MetricAlarm alarm = alarm_from(input);
  if (alarm.Metrics) Queries(*alarm.Metrics).check(impl.store);
  const auto tags = input.Tags.value_or(std::vector<api::Tag>());
  if (tags.size() > kMostTags) throw invalid_value("An alarm can have 50 tags at most.");
  const Timestamp now = impl.context.clock.now();
  alarm.AlarmArn = impl.context.arn("cloudwatch", "alarm:" + input.AlarmName);
  alarm.AlarmConfigurationUpdatedTimestamp = now;

  std::lock_guard lock(impl.mutex);
  Changes changes;
  const auto old = impl.find_alarm(input.AlarmName);
  if (old) {
    keep_state(*old, alarm);
  } else {
    if (impl.context.catalog.count(kAlarms) >= kMostAlarms) {
      throw limit_exceeded("The quota for alarms for this customer has already been reached.");
    }
    begin_state(now, alarm);
    // An alarm that is there already keeps its tags: AWS ignores these then.
    for (const api::Tag& tag : tags) changes.batch.put(kTags, tag_key(input.AlarmName, tag.Key), tag.Value);
  }
  impl.put_alarm(alarm, changes);
  impl.remember(input.AlarmName, "ConfigurationUpdate",
                fmt::format("Alarm \"{}\" {}", input.AlarmName, old ? "updated" : "created"),
                configuration_change(old ? "Update" : "Create"), changes);
  impl.commit(std::move(changes));
  return {};
}

api::DeleteAlarmsOutput delete_alarms(CloudWatch& cloudwatch, Call&, const api::DeleteAlarmsInput& input) {
  auto& impl = cloudwatch.impl();
  std::lock_guard lock(impl.mutex);
  Changes changes;
  for (const std::string& name : std::set<std::string>(input.AlarmNames.begin(), input.AlarmNames.end())) {
    impl.alarm(name);  // one that isn't there: none is deleted
    changes.batch.remove(kAlarms, name);
    for (const auto& row : impl.context.catalog.scan(kTags, tag_key(name, ""))) changes.batch.remove(kTags, row.key);
    impl.remember(name, "ConfigurationUpdate", fmt::format("Alarm \"{}\" deleted", name),
                  configuration_change("Delete"), changes);
  }
  impl.commit(std::move(changes));
  return {};
}

api::SetAlarmStateOutput set_alarm_state(CloudWatch& cloudwatch, Call&, const api::SetAlarmStateInput& input) {
  auto& impl = cloudwatch.impl();
  check_reason_data(input.StateReasonData);
  std::lock_guard lock(impl.mutex);
  Changes changes;
  impl.set_state(impl.alarm(input.AlarmName), {input.StateValue, input.StateReason, input.StateReasonData}, changes);
  impl.commit(std::move(changes));
  return {};
}

api::EnableAlarmActionsOutput enable_alarm_actions(CloudWatch& cloudwatch, Call&,
                                                   const api::EnableAlarmActionsInput& input) {
  set_actions(cloudwatch.impl(), input.AlarmNames, true);
  return {};
}

api::DisableAlarmActionsOutput disable_alarm_actions(CloudWatch& cloudwatch, Call&,
                                                     const api::DisableAlarmActionsInput& input) {
  set_actions(cloudwatch.impl(), input.AlarmNames, false);
  return {};
}

}  // namespace engine::cloudwatch
