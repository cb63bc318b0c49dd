// What alarms there are.
#include "engine/services/cloudwatch/errors.h"
#include "engine/services/cloudwatch/metric.h"
#include "engine/services/cloudwatch/operations.h"
#include "engine/services/cloudwatch/state.h"
#include "engine/services/paging.h"

#include <algorithm>

namespace engine::cloudwatch {
namespace {

bool names(const std::vector<std::string>& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool has_action(const api::MetricAlarm& alarm, std::string_view prefix) {
  for (const auto* actions : {&alarm.OKActions, &alarm.AlarmActions, &alarm.InsufficientDataActions}) {
    for (const std::string& action : actions->value_or(std::vector<std::string>())) {
      if (action.starts_with(prefix)) return true;
    }
  }
  return false;
}

bool wanted(const api::MetricAlarm& alarm, const api::DescribeAlarmsInput& input) {
  return (!input.AlarmNames || input.AlarmNames->empty() || names(*input.AlarmNames, *alarm.AlarmName)) &&
         (!input.StateValue || alarm.StateValue == input.StateValue) &&
         (!input.ActionPrefix || has_action(alarm, *input.ActionPrefix));
}

bool watches(const api::MetricAlarm& alarm, const api::DescribeAlarmsForMetricInput& input) {
  const auto is = [&](const auto& name_space, const auto& name, const auto& dimensions, const auto& period,
                      const auto& statistic, const auto& unit) {
    return name_space == input.Namespace && name == input.MetricName && dimensions_of(dimensions) == dimensions_of(input.Dimensions) &&
           (!input.Period || period == *input.Period) && (!input.Statistic || statistic == *input.Statistic) &&
           (!input.Unit || unit == input.Unit);
  };
  if (alarm.MetricName) {
    return is(alarm.Namespace, alarm.MetricName, alarm.Dimensions, alarm.Period, alarm.Statistic, alarm.Unit);
  }
  for (const auto& query : alarm.Metrics.value_or(std::vector<api::MetricDataQuery>())) {
    if (!query.MetricStat) continue;
    const auto& stat = *query.MetricStat;
    if (is(stat.Metric.Namespace, stat.Metric.MetricName, stat.Metric.Dimensions, stat.Period, stat.Stat, stat.Unit)) {
      return true;
    }
  }
  return false;
}

}  // namespace

api::DescribeAlarmsOutput describe_alarms(CloudWatch& cloudwatch, Call&, const api::DescribeAlarmsInput& input) {
  if (input.AlarmNames && !input.AlarmNames->empty() && input.AlarmNamePrefix) {
    throw invalid_combination("AlarmNames and AlarmNamePrefix cannot be used together.");
  }
  api::DescribeAlarmsOutput output{.CompositeAlarms = std::vector<api::CompositeAlarm>(),
                                   .MetricAlarms = std::vector<api::MetricAlarm>()};
  // Deviation: no composite alarms; asking for them, or for relatives of one, finds none.
  const bool metric_alarms = !input.AlarmTypes || input.AlarmTypes->empty() || names(*input.AlarmTypes, "MetricAlarm");
  if (!metric_alarms || input.ChildrenOfAlarmName || input.ParentsOfAlarmName) return output;

  auto alarms = cloudwatch.impl().alarms(input.AlarmNamePrefix.value_or(""));
  std::erase_if(alarms, [&](const api::MetricAlarm& alarm) { return !wanted(alarm, input); });
  auto page = page_by_name(std::move(alarms), input.NextToken, input.MaxRecords, 50, invalid_token(),
                           [](const api::MetricAlarm& alarm) { return *alarm.AlarmName; });
  output.MetricAlarms = std::move(page.items);
  output.NextToken = std::move(page.next);
  return output;
}

api::DescribeAlarmsForMetricOutput describe_alarms_for_metric(CloudWatch& cloudwatch, Call&,
                                                              const api::DescribeAlarmsForMetricInput& input) {
  auto alarms = cloudwatch.impl().alarms();
  std::erase_if(alarms, [&](const api::MetricAlarm& alarm) { return !watches(alarm, input); });
  return {.MetricAlarms = std::move(alarms)};
}

}  // namespace engine::cloudwatch
