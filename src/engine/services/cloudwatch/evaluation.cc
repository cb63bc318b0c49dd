// Alarms looked at, once a minute of the engine's clock.
#include "engine/services/cloudwatch/queries.h"
#include "engine/services/cloudwatch/state.h"
#include "engine/services/cloudwatch/verdict.h"
#include "lib/base/log.h"
#include "lib/base/time_text.h"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>

namespace engine::cloudwatch {
namespace {

Rule rule_of(const api::MetricAlarm& alarm) {
  const std::int64_t periods = alarm.EvaluationPeriods.value_or(1);
  return {.comparison = *alarm.ComparisonOperator,
          .threshold = alarm.Threshold.value_or(0),
          .periods = static_cast<std::size_t>(periods),
          .to_alarm = static_cast<std::size_t>(alarm.DatapointsToAlarm.value_or(periods)),
          .missing = alarm.TreatMissingData.value_or("missing")};
}

/// What the alarm watches, as queries of which one returns data.
std::vector<api::MetricDataQuery> queries_of(const api::MetricAlarm& alarm) {
  if (alarm.Metrics) return *alarm.Metrics;
  api::MetricStat stat{.Metric = {alarm.Namespace, alarm.MetricName, alarm.Dimensions},
                       .Period = *alarm.Period,
                       .Stat = *alarm.Statistic,
                       .Unit = alarm.Unit};
  api::MetricDataQuery query;
  query.Id = "m1";
  query.MetricStat = std::move(stat);
  query.ReturnData = true;
  return {query};
}

std::string time_text(Timestamp time) {
  std::string text = base::to_iso8601_millis(time);
  text.replace(text.size() - 1, 1, "+0000");
  return text;
}

/// A whole number without the exponent that Boost gives a double ("2E0").
boost::json::value number(double value) {
  const bool whole = value == std::floor(value) && std::abs(value) < 1e15;
  return whole ? boost::json::value(static_cast<std::int64_t>(value)) : boost::json::value(value);
}

std::string reason_data(const api::MetricAlarm& alarm, const Rule& rule, std::int64_t period,
                        const std::vector<Point>& points, Timestamp now) {
  namespace json = boost::json;
  json::array recent, evaluated;
  for (const Point& point : points) {
    recent.insert(recent.begin(), number(point.value));
    evaluated.push_back(json::object{{"timestamp", time_text(point.time)}, {"value", number(point.value)}});
  }
  json::object data{{"version", "1.0"}, {"queryDate", time_text(now)}, {"period", period}, {"threshold", number(rule.threshold)}};
  if (!points.empty()) data["startDate"] = time_text(points.back().time);
  if (alarm.Statistic) data["statistic"] = *alarm.Statistic;
  data["recentDatapoints"] = std::move(recent);
  data["evaluatedDatapoints"] = std::move(evaluated);
  return json::serialize(data);
}

/// The alarm's state as of `now`; nothing when it stays.
std::optional<NewState> look_at(const api::MetricAlarm& alarm, const MetricStore& store, Timestamp now) {
  const Rule rule = rule_of(alarm);
  const auto list = queries_of(alarm);
  const auto returned = std::find_if(list.begin(), list.end(), [](const auto& query) { return query.ReturnData.value_or(true); });
  if (returned == list.end()) return std::nullopt;
  const Queries queries(list);
  const std::int64_t period = queries.period(returned->Id);
  const Grid grid = Grid::ending(minute_of(now), period, rule.range());

  Series values = queries.values(returned->Id, store, grid);
  std::reverse(values.begin(), values.end());
  std::vector<Timestamp> times;
  for (std::size_t i = 0; i < grid.size; ++i) times.push_back(grid.time(grid.size - 1 - i));
  Verdict verdict = judge(rule, values, times);
  if (verdict.state.empty() || verdict.state == alarm.StateValue) return std::nullopt;
  constexpr std::size_t kLongestReason = 1023;
  if (verdict.reason.size() > kLongestReason) verdict.reason = verdict.reason.substr(0, kLongestReason - 3) + "...";
  return NewState{verdict.state, verdict.reason, reason_data(alarm, rule, period, verdict.judged, now)};
}

}  // namespace

void CloudWatch::Impl::evaluate(Timestamp now) {
  for (const api::MetricAlarm& listed : alarms()) {
    std::lock_guard lock(mutex);
    const auto alarm = find_alarm(*listed.AlarmName);  // it may have changed, or be gone
    if (!alarm) continue;
    Changes changes;
    try {
      if (const auto state = look_at(*alarm, store, now)) set_state(*alarm, *state, changes);
    } catch (const AwsError& error) {
      base::log_warning("cloudwatch", "alarm {}: {}", *alarm->AlarmName, error.what());
      continue;
    }
    commit(std::move(changes));
  }
}

base::Milliseconds CloudWatch::Impl::tick() {
  const Timestamp now = context.clock.now();
  if (sample) sample();
  evaluate(now);
  if (now - last_drop > std::chrono::hours(1)) {
    store.drop_expired(minute_of(now));
    last_drop = now;
  }
  return time_of(minute_of(now) + 1) - now;
}

}  // namespace engine::cloudwatch
