// PutMetricData: durable before the answer, all of it or nothing of it.
#include "engine/services/cloudwatch/errors.h"
#include "engine/services/cloudwatch/operations.h"
#include "engine/services/cloudwatch/state.h"

#include <cmath>

namespace engine::cloudwatch {
namespace {

constexpr std::size_t kMostData = 1000, kMostValues = 150;
constexpr double kLargest = 0x1p360;  // ±2^360, as AWS has it

void check_number(double value, const std::string& path) {
  if (std::isfinite(value) && std::abs(value) <= kLargest) return;
  const std::string shown = std::isnan(value) ? "NaN" : fmt::format("{}", value);
  throw invalid_value(fmt::format("The value {} for parameter {} is invalid.", shown, path));
}

void check_text(std::string_view text, const std::string& path) {
  if (is_plain(text)) return;
  throw invalid_value(fmt::format("The parameter {} must contain only printable characters.", path));
}

/// Of Values and Counts.
Totals totals_of_lists(const api::MetricDatum& datum, const std::string& path) {
  const auto& values = *datum.Values;
  if (values.empty() || values.size() > kMostValues || (datum.Counts && datum.Counts->size() != values.size())) {
    throw invalid_combination(
        fmt::format("The parameters {0}.Values and {0}.Counts must be of the same size, of 1 to 150.", path));
  }
  Totals totals;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double count = datum.Counts ? (*datum.Counts)[i] : 1;
    check_number(values[i], path + ".Values");
    check_number(count, path + ".Counts");
    if (!(count > 0)) throw invalid_value(fmt::format("The parameter {}.Counts must be greater than 0.", path));
    totals.add(Totals::of(values[i], count));
  }
  return totals;
}

Totals totals_of_datum(const api::MetricDatum& datum, const std::string& path) {
  const int given = (datum.Value ? 1 : 0) + (datum.StatisticValues ? 1 : 0) + (datum.Values ? 1 : 0);
  if (given == 0) throw missing_parameter(fmt::format("At least one of the parameters must be specified: {0}.Value, {0}.Values or {0}.StatisticValues.", path));
  if (given > 1) {
    throw invalid_combination(
        fmt::format("The parameters {0}.Value, {0}.Values and {0}.StatisticValues are mutually exclusive and you have "
                    "specified more than one.", path));
  }
  if (datum.Values) return totals_of_lists(datum, path);
  if (datum.Value) {
    check_number(*datum.Value, path + ".Value");
    return Totals::of(*datum.Value);
  }
  const auto& set = *datum.StatisticValues;
  for (const double value : {set.Sum, set.SampleCount, set.Minimum, set.Maximum}) check_number(value, path + ".StatisticValues");
  if (!(set.SampleCount > 0) || set.Minimum > set.Maximum) {
    throw invalid_value(fmt::format("The parameter {}.StatisticValues is invalid.", path));
  }
  return {set.Sum, set.SampleCount, set.Minimum, set.Maximum};
}

/// Verified: two weeks back, two hours ahead.
Timestamp time_of_datum(const api::MetricDatum& datum, Timestamp now, const std::string& path) {
  const Timestamp time = datum.Timestamp.value_or(now);
  if (time > now + std::chrono::hours(2) || time < now - std::chrono::hours(14 * 24)) {
    throw invalid_value(fmt::format("The parameter {}.Timestamp must specify a time within the last two weeks and no more "
                                    "than two hours in the future.", path));
  }
  return time;
}

struct Entry {
  std::string key;
  Minute minute;
  Totals totals;
};

Entry entry_of(const std::string& name_space, const api::MetricDatum& datum, Timestamp now, const std::string& path) {
  Metric metric{name_space, datum.MetricName, dimensions_of(datum.Dimensions), datum.Unit.value_or("None")};
  check_text(metric.name, path + ".MetricName");
  for (const auto& [name, value] : metric.dimensions) {
    check_text(name, path + ".Dimensions");
    check_text(value, path + ".Dimensions");
  }
  return {metric.key(), minute_of(time_of_datum(datum, now, path)), totals_of_datum(datum, path)};
}

}  // namespace

api::PutMetricDataOutput put_metric_data(CloudWatch& cloudwatch, Call&, const api::PutMetricDataInput& input) {
  auto& impl = cloudwatch.impl();
  check_text(input.Namespace, "Namespace");
  if (input.Namespace.starts_with("AWS/")) {
    throw invalid_value("The value AWS/ for parameter Namespace is invalid: it is reserved.");
  }
  // Deviation: what entities the metrics belong to is not kept.
  std::vector<api::MetricDatum> data = input.MetricData.value_or(std::vector<api::MetricDatum>());
  for (const auto& entity : input.EntityMetricData.value_or(std::vector<api::EntityMetricData>())) {
    for (const auto& datum : entity.MetricData.value_or(std::vector<api::MetricDatum>())) data.push_back(datum);
  }
  if (data.empty()) throw missing_parameter("The parameter MetricData is required.");
  if (data.size() > kMostData) throw invalid_value("The collection MetricData must not have a size greater than 1000.");

  const Timestamp now = impl.context.clock.now();
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < data.size(); ++i) {
    entries.push_back(entry_of(input.Namespace, data[i], now, fmt::format("MetricData.member.{}", i + 1)));
  }
  bool room = true;
  for (const Entry& entry : entries) room &= impl.store.add(entry.key, entry.minute, entry.totals);
  impl.store.flush();
  if (!room) throw limit_exceeded(fmt::format("This engine keeps {} metrics at most.", MetricStore::kMostMetrics));
  return {};
}

}  // namespace engine::cloudwatch
