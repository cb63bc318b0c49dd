// A change of an alarm's state, as EventBridge and the alarm's history tell it.
#include "engine/services/cloudwatch/event.h"

#include "lib/base/time_text.h"

#include <boost/json.hpp>

namespace engine::cloudwatch {
namespace {

namespace json = boost::json;

/// 2019-10-02T17:04:40.985+0000
std::string time_text(Timestamp time) {
  std::string text = base::to_iso8601_millis(time);
  text.replace(text.size() - 1, 1, "+0000");
  return text;
}

json::object state_of(const api::MetricAlarm& alarm) {
  json::object state{{"value", *alarm.StateValue},
                     {"reason", alarm.StateReason.value_or("")},
                     {"timestamp", time_text(alarm.StateUpdatedTimestamp.value_or(Timestamp()))}};
  if (alarm.StateReasonData) state["reasonData"] = *alarm.StateReasonData;
  return state;
}

json::object metric_of(const std::optional<std::string>& name_space, const std::optional<std::string>& name,
                       const std::optional<std::vector<api::Dimension>>& dimensions) {
  json::object by_name;
  for (const auto& dimension : dimensions.value_or(std::vector<api::Dimension>())) by_name[dimension.Name] = dimension.Value;
  return {{"namespace", name_space.value_or("")}, {"name", name.value_or("")}, {"dimensions", std::move(by_name)}};
}

json::object query_of(const api::MetricDataQuery& query) {
  json::object out{{"id", query.Id}, {"returnData", query.ReturnData.value_or(true)}};
  if (query.Expression) out["expression"] = *query.Expression;
  if (query.Label) out["label"] = *query.Label;
  if (query.MetricStat) {
    const auto& metric = query.MetricStat->Metric;
    json::object stat{{"metric", metric_of(metric.Namespace, metric.MetricName, metric.Dimensions)},
                      {"period", query.MetricStat->Period},
                      {"stat", query.MetricStat->Stat}};
    if (query.MetricStat->Unit) stat["unit"] = *query.MetricStat->Unit;
    out["metricStat"] = std::move(stat);
  }
  return out;
}

/// One metric by name is told as a query of its own.
json::array metrics_of(const api::MetricAlarm& alarm) {
  json::array metrics;
  if (!alarm.Metrics) {
    json::object stat{{"metric", metric_of(alarm.Namespace, alarm.MetricName, alarm.Dimensions)},
                      {"period", alarm.Period.value_or(0)},
                      {"stat", alarm.Statistic.value_or("")}};
    if (alarm.Unit) stat["unit"] = *alarm.Unit;
    metrics.push_back(json::object{{"id", "m1"}, {"metricStat", std::move(stat)}, {"returnData", true}});
    return metrics;
  }
  for (const auto& query : *alarm.Metrics) metrics.push_back(query_of(query));
  return metrics;
}

json::object brief_state(const api::MetricAlarm& alarm) {
  json::object state{{"stateValue", *alarm.StateValue}, {"stateReason", alarm.StateReason.value_or("")}};
  if (alarm.StateReasonData) {
    json::error_code error;
    json::value data = json::parse(*alarm.StateReasonData, error);
    if (!error) state["stateReasonData"] = std::move(data);
  }
  return state;
}

}  // namespace

std::string state_change_detail(const api::MetricAlarm& before, const api::MetricAlarm& after) {
  json::object configuration{{"metrics", metrics_of(after)}};
  if (after.AlarmDescription) configuration["description"] = *after.AlarmDescription;
  return json::serialize(json::object{{"alarmName", *after.AlarmName},
                                      {"state", state_of(after)},
                                      {"previousState", state_of(before)},
                                      {"configuration", std::move(configuration)}});
}

std::string state_update(const api::MetricAlarm& before, const api::MetricAlarm& after) {
  return json::serialize(
      json::object{{"version", "1.0"}, {"oldState", brief_state(before)}, {"newState", brief_state(after)}});
}

}  // namespace engine::cloudwatch
