// An alarm's configuration, read and checked.
#include "engine/services/cloudwatch/settings.h"

#include "engine/services/cloudwatch/errors.h"

#include <algorithm>
#include <set>

namespace engine::cloudwatch {
namespace {

using Input = api::PutMetricAlarmInput;

constexpr std::size_t kMostQueries = 20;  // ten metrics, ten expressions

template <class T>
const T& required(const std::optional<T>& value, std::string_view member) {
  if (!value) throw null_member(member);
  return *value;
}

void check_period(std::int64_t period) {
  if (period == 10 || period == 20 || period == 30 || (period > 0 && period % 60 == 0)) return;
  throw invalid("Period must be 10, 20, 30 or a multiple of 60");
}

/// A day, or a week when the periods are of an hour at least.
void check_span(std::int64_t period, std::int64_t periods) {
  constexpr std::int64_t kHour = 3600, kDay = 24 * kHour;
  if (periods > (period >= kHour ? 7 * kDay : kDay) / period) {
    throw invalid("Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400), or "
                  "seven days where Period is an hour at least");
  }
}

void check_missing(const std::optional<std::string>& treatment) {
  if (!treatment) return;
  for (const char* known : {"breaching", "notBreaching", "ignore", "missing"}) {
    if (*treatment == known) return;
  }
  throw invalid(fmt::format("Value '{}' at 'treatMissingData' failed to satisfy constraint: Member must satisfy enum "
                            "value set: [breaching, notBreaching, ignore, missing]", *treatment));
}

/// One metric by its name: the members that only this form has.
void check_metric(const Input& input) {
  required(input.MetricName, "metricName");
  required(input.Namespace, "namespace");
  check_period(required(input.Period, "period"));
  if (input.Statistic && input.ExtendedStatistic) {
    throw invalid_combination("Statistic and ExtendedStatistic cannot be used together.");
  }
  // Deviation: no percentiles, since the store keeps a minute's sum, count and extremes only.
  if (input.ExtendedStatistic || input.EvaluateLowSampleCountPercentile) {
    throw invalid_value("Extended statistics are not kept by this engine: use Statistic with SampleCount, Average, "
                        "Sum, Minimum or Maximum.");
  }
  required(input.Statistic, "statistic");
  check_span(*input.Period, *input.EvaluationPeriods);
}

void check_query(const api::MetricDataQuery& query) {
  if (query.MetricStat.has_value() == query.Expression.has_value()) {
    throw invalid_combination(
        fmt::format("Exactly one of MetricStat and Expression must be set for the query '{}'.", query.Id));
  }
  if (query.AccountId) throw invalid_value("Metrics of other accounts are not known to this engine.");
  if (query.MetricStat) check_period(query.MetricStat->Period);
  if (query.Period) check_period(*query.Period);
}

void check_queries(const Input& input) {
  if (input.MetricName || input.Namespace || input.Dimensions || input.Period || input.Unit || input.Statistic ||
      input.ExtendedStatistic) {
    throw invalid_combination("Metrics cannot be used together with MetricName, Namespace, Dimensions, Period, Unit, "
                              "Statistic or ExtendedStatistic.");
  }
  if (input.Metrics->size() > kMostQueries) throw invalid("Metrics has more than 20 elements");
  std::set<std::string> ids;
  std::size_t returned = 0;
  for (const api::MetricDataQuery& query : *input.Metrics) {
    check_query(query);
    if (!ids.insert(query.Id).second) throw invalid(fmt::format("The id '{}' is used twice in Metrics", query.Id));
    returned += query.ReturnData.value_or(true) ? 1 : 0;
  }
  if (returned != 1) throw invalid("Exactly one element of the metrics list should return data.");
}

void check(const Input& input) {
  if (std::any_of(input.AlarmName.begin(), input.AlarmName.end(), [](unsigned char c) { return c < 0x20; })) {
    throw invalid("The alarm's name has control characters");
  }
  // Deviation: neither PromQL nor anomaly detection.
  if (input.EvaluationCriteria || input.EvaluationInterval) {
    throw invalid_value("PromQL alarms are not known to this engine.");
  }
  if (input.ThresholdMetricId || (input.ComparisonOperator && input.ComparisonOperator->ends_with("UpperThreshold"))) {
    throw invalid_value("Anomaly detection is not known to this engine.");
  }
  const std::int64_t periods = required(input.EvaluationPeriods, "evaluationPeriods");
  required(input.ComparisonOperator, "comparisonOperator");
  required(input.Threshold, "threshold");
  check_missing(input.TreatMissingData);
  if (input.DatapointsToAlarm && *input.DatapointsToAlarm > periods) {
    throw invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods");
  }
  if (input.Metrics) check_queries(input);
  else check_metric(input);
}

}  // namespace

api::MetricAlarm alarm_from(const Input& input) {
  check(input);
  api::MetricAlarm alarm;
  alarm.AlarmName = input.AlarmName;
  alarm.AlarmDescription = input.AlarmDescription;
  alarm.ActionsEnabled = input.ActionsEnabled.value_or(true);
  alarm.OKActions = input.OKActions.value_or(std::vector<std::string>());
  alarm.AlarmActions = input.AlarmActions.value_or(std::vector<std::string>());
  alarm.InsufficientDataActions = input.InsufficientDataActions.value_or(std::vector<std::string>());
  alarm.MetricName = input.MetricName;
  alarm.Namespace = input.Namespace;
  alarm.Statistic = input.Statistic;
  alarm.Dimensions = input.Dimensions.value_or(std::vector<api::Dimension>());
  alarm.Period = input.Period;
  alarm.Unit = input.Unit;
  alarm.EvaluationPeriods = input.EvaluationPeriods;
  alarm.DatapointsToAlarm = input.DatapointsToAlarm;
  alarm.Threshold = input.Threshold;
  alarm.ComparisonOperator = input.ComparisonOperator;
  alarm.TreatMissingData = input.TreatMissingData;
  alarm.Metrics = input.Metrics;
  if (alarm.Metrics) {
    for (api::MetricDataQuery& query : *alarm.Metrics) {
      if (!query.ReturnData) query.ReturnData = true;
    }
  }
  return alarm;
}

}  // namespace engine::cloudwatch
