// The alarms in the catalog, and their changes of state.
#include "engine/services/cloudwatch/cloudwatch.h"

#include "engine/protocol/json.h"
#include "engine/services/cloudwatch/errors.h"
#include "engine/services/cloudwatch/event.h"
#include "engine/services/cloudwatch/state.h"
#include "lib/base/log.h"

namespace engine::cloudwatch {
namespace {

constexpr base::Milliseconds kFlushInterval = std::chrono::seconds(10);

}  // namespace

std::optional<api::MetricAlarm> CloudWatch::Impl::find_alarm(std::string_view name) const {
  const auto row = context.catalog.get(kAlarms, name);
  if (!row) return std::nullopt;
  return from_json<api::MetricAlarm>(*row);
}

api::MetricAlarm CloudWatch::Impl::alarm(std::string_view name) const {
  auto found = find_alarm(name);
  if (!found) throw no_such_alarm(name);
  return *found;
}

std::vector<api::MetricAlarm> CloudWatch::Impl::alarms(std::string_view prefix) const {
  std::vector<api::MetricAlarm> found;
  for (const auto& row : context.catalog.scan(kAlarms, prefix)) found.push_back(from_json<api::MetricAlarm>(row.value));
  return found;
}

void CloudWatch::Impl::put_alarm(const api::MetricAlarm& alarm, Changes& changes) {
  changes.batch.put(kAlarms, *alarm.AlarmName, to_json(alarm));
}

void CloudWatch::Impl::set_state(api::MetricAlarm alarm, const NewState& state, Changes& changes) {
  const api::MetricAlarm old = alarm;
  const bool changed = old.StateValue != state.value;
  alarm.StateValue = state.value;
  alarm.StateReason = state.reason;
  alarm.StateReasonData = state.data;
  alarm.StateUpdatedTimestamp = context.clock.now();
  if (changed) {
    alarm.StateTransitionedTimestamp = alarm.StateUpdatedTimestamp;
    remember(*alarm.AlarmName, "StateUpdate", fmt::format("Alarm updated from {} to {}", *old.StateValue, state.value),
             state_update(old, alarm), changes);
    changes.events.push_back({*alarm.AlarmArn, state_change_detail(old, alarm)});
  }
  put_alarm(alarm, changes);
}

void CloudWatch::Impl::commit(Changes changes) {
  if (changes.batch.empty()) return;
  context.catalog.commit(std::move(changes.batch));
  if (!publish) return;
  for (const auto& event : changes.events) publish("CloudWatch Alarm State Change", event.detail, {event.alarm_arn});
}

CloudWatch::CloudWatch(Context& context) : impl_(std::make_unique<Impl>(context)) {
  impl_->flusher = std::make_unique<base::Loop>("metrics flush", base::system_clock(), [this](std::stop_token) {
    impl_->store.flush();
    return kFlushInterval;
  });
}

CloudWatch::~CloudWatch() {
  stop();
  impl_->flusher->stop();
  try {
    impl_->store.flush();
  } catch (const std::exception& error) {
    base::log_error("cloudwatch", "the last measurements are lost: {}", error.what());
  }
}

void CloudWatch::record(const Measurement& measurement) noexcept {
  try {
    const Metric metric{std::string(measurement.name_space), std::string(measurement.metric),
                        dimensions_of(measurement.dimension, measurement.resource),
                        std::string(measurement.unit)};
    impl_->store.add(metric.key(), minute_of(impl_->context.clock.now()), Totals::of(measurement.value));
  } catch (const std::exception& error) {
    base::log_warning("cloudwatch", "{} of {} is not recorded: {}", measurement.metric, measurement.resource, error.what());
  }
}

std::optional<std::string> CloudWatch::alarm_state(std::string_view name) const {
  const auto alarm = impl_->find_alarm(name);
  return alarm ? alarm->StateValue : std::nullopt;
}

void CloudWatch::start(Publish publish, Sampler sample) {
  impl_->publish = std::move(publish);
  impl_->sample = std::move(sample);
  impl_->evaluator = std::make_unique<base::Loop>("alarms", impl_->context.clock,
                                                  [this](std::stop_token) { return impl_->tick(); });
}

void CloudWatch::stop() {
  if (impl_->evaluator) impl_->evaluator->stop();
}

}  // namespace engine::cloudwatch
