// What has been measured: ListMetrics, GetMetricStatistics, GetMetricData.
#include "engine/services/cloudwatch/errors.h"
#include "engine/services/cloudwatch/operations.h"
#include "engine/services/cloudwatch/queries.h"
#include "engine/services/cloudwatch/state.h"
#include "engine/services/paging.h"

#include <algorithm>

namespace engine::cloudwatch {
namespace {

constexpr std::size_t kMostStatistics = 1440;  ///< points of a GetMetricStatistics
constexpr std::size_t kMostPoints = 100'800;   ///< of a page of GetMetricData
constexpr std::size_t kMostComputed = 1'000'000;
constexpr std::size_t kMostQueries = 500;

std::vector<api::Dimension> list_of(const Dimensions& dimensions) {
  std::vector<api::Dimension> list;
  for (const auto& [name, value] : dimensions) list.push_back({name, value});
  return list;
}

bool has_all(const Dimensions& dimensions, const std::vector<api::DimensionFilter>& filters) {
  return std::all_of(filters.begin(), filters.end(), [&](const api::DimensionFilter& filter) {
    const auto at = dimensions.find(filter.Name);
    return at != dimensions.end() && (!filter.Value || at->second == *filter.Value);
  });
}

void check_times(Timestamp start, Timestamp end) {
  if (start < end) return;
  throw invalid_combination("The parameter StartTime must be less than the parameter EndTime.");
}

void check_period(std::int64_t period) {
  // Deviation: no values below a minute.
  if (period < 60 || period % 60 != 0) throw invalid_value("The parameter Period must be a multiple of 60.");
}

api::Datapoint datapoint(Timestamp time, const Totals& totals, const std::vector<std::string>& statistics,
                         const std::string& unit) {
  const auto wanted = [&](const char* name) -> std::optional<double> {
    const bool asked = std::find(statistics.begin(), statistics.end(), name) != statistics.end();
    return asked ? totals.statistic(name) : std::nullopt;
  };
  api::Datapoint point;
  point.Timestamp = time;
  point.SampleCount = wanted("SampleCount");
  point.Average = wanted("Average");
  point.Sum = wanted("Sum");
  point.Minimum = wanted("Minimum");
  point.Maximum = wanted("Maximum");
  point.Unit = unit;
  return point;
}

/// The unit the values were given in; "None" when in several.
std::string unit_of(const MetricStore& store, const std::string& prefix) {
  const auto known = store.metrics(prefix);
  return known.size() == 1 ? Metric::of_key(known.front().key).unit : "None";
}

/// A query's values, in the order asked for.
struct Computed {
  const api::MetricDataQuery* query;
  std::vector<std::pair<Timestamp, double>> points;
};

std::string label_of(const api::MetricDataQuery& query) {
  if (query.Label) return *query.Label;
  return query.MetricStat ? query.MetricStat->Metric.MetricName.value_or(query.Id) : query.Id;
}

std::vector<Computed> compute(const MetricStore& store, const api::GetMetricDataInput& input) {
  const Queries queries(input.MetricDataQueries);
  std::vector<Computed> computed;
  std::size_t size = 0;
  for (const api::MetricDataQuery& query : input.MetricDataQueries) {
    const std::int64_t period = queries.period(query.Id);
    check_period(period);
    const Grid grid = Grid::covering(minute_of(input.StartTime), minute_of(input.EndTime + std::chrono::minutes(1) - base::Milliseconds(1)), period);
    if ((size += grid.size) > kMostComputed) {
      throw invalid_value("The queries ask for more than a million values: take longer periods or less time.");
    }
    const Series values = queries.values(query.Id, store, grid);
    if (!query.ReturnData.value_or(true)) continue;
    Computed one{&query, {}};
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i]) one.points.emplace_back(grid.time(i), *values[i]);
    }
    if (input.ScanBy.value_or("TimestampDescending") == "TimestampDescending") std::reverse(one.points.begin(), one.points.end());
    computed.push_back(std::move(one));
  }
  return computed;
}

std::size_t offset_of(const std::optional<std::string>& token) {
  if (!token) return 0;
  std::size_t offset = 0;
  const auto [end, error] = std::from_chars(token->data(), token->data() + token->size(), offset);
  if (error != std::errc{} || end != token->data() + token->size()) throw invalid_token();
  return offset;
}

api::MetricDataResult result_of(const Computed& computed, std::size_t from, std::size_t to) {
  api::MetricDataResult result;
  result.Id = computed.query->Id;
  result.Label = label_of(*computed.query);
  result.StatusCode = to < computed.points.size() ? "PartialData" : "Complete";
  result.Timestamps.emplace();
  result.Values.emplace();
  for (std::size_t i = from; i < to; ++i) {
    result.Timestamps->push_back(computed.points[i].first);
    result.Values->push_back(computed.points[i].second);
  }
  return result;
}

}  // namespace

api::ListMetricsOutput list_metrics(CloudWatch& cloudwatch, Call&, const api::ListMetricsInput& input) {
  auto& impl = cloudwatch.impl();
  const Minute now = minute_of(impl.context.clock.now());
  // Verified: those with values in the last two weeks, or three hours when asked so.
  const Minute since = now - (input.RecentlyActive == "PT3H" ? 3 * 60 : 14 * 24 * 60);
  std::map<std::string, Metric> found;  // those of several units once
  for (const auto& known : impl.store.metrics()) {
    Metric metric = Metric::of_key(known.key);
    if (known.last < since || (input.Namespace && metric.name_space != *input.Namespace) ||
        (input.MetricName && metric.name != *input.MetricName) ||
        !has_all(metric.dimensions, input.Dimensions.value_or(std::vector<api::DimensionFilter>()))) {
      continue;
    }
    metric.unit.clear();
    std::string key = metric.key();
    found.emplace(std::move(key), std::move(metric));
  }
  std::vector<std::pair<std::string, Metric>> list(found.begin(), found.end());
  auto page = page_by_name(std::move(list), input.NextToken, std::nullopt, 500, invalid_value("Invalid nextToken"),
                           [](const auto& entry) { return entry.first; });
  api::ListMetricsOutput output{.Metrics = std::vector<api::Metric>(), .NextToken = std::move(page.next)};
  for (const auto& [key, metric] : page.items) {
    output.Metrics->push_back({metric.name_space, metric.name, list_of(metric.dimensions)});
  }
  return output;
}

api::GetMetricStatisticsOutput get_metric_statistics(CloudWatch& cloudwatch, Call&,
                                                     const api::GetMetricStatisticsInput& input) {
  auto& impl = cloudwatch.impl();
  if (input.ExtendedStatistics) throw invalid_value("Extended statistics are not kept by this engine.");
  if (!input.Statistics) throw missing_parameter("At least one of the parameters Statistics and ExtendedStatistics must be specified.");
  check_times(input.StartTime, input.EndTime);
  check_period(input.Period);
  const Grid grid = Grid::covering(minute_of(input.StartTime), minute_of(input.EndTime + std::chrono::minutes(1) - base::Milliseconds(1)), input.Period);
  if (grid.size > kMostStatistics) {
    throw invalid_combination(
        fmt::format("You have requested up to {} datapoints, which exceeds the limit of 1,440. You may reduce the "
                    "datapoints requested by increasing Period, or decreasing the time range.", grid.size));
  }
  const std::string prefix = Metric::prefix(input.Namespace, input.MetricName, dimensions_of(input.Dimensions), input.Unit);
  const auto totals = totals_of(impl.store.read(prefix, grid.from, grid.to()), grid);
  const std::string unit = unit_of(impl.store, prefix);
  api::GetMetricStatisticsOutput output{.Label = input.MetricName, .Datapoints = std::vector<api::Datapoint>()};
  for (std::size_t i = 0; i < totals.size(); ++i) {
    if (totals[i]) output.Datapoints->push_back(datapoint(grid.time(i), *totals[i], *input.Statistics, unit));
  }
  return output;
}

api::GetMetricDataOutput get_metric_data(CloudWatch& cloudwatch, Call&, const api::GetMetricDataInput& input) {
  check_times(input.StartTime, input.EndTime);
  if (input.MetricDataQueries.size() > kMostQueries) {
    throw invalid("The collection MetricDataQueries must not have a size greater than 500.");
  }
  const std::vector<Computed> computed = compute(cloudwatch.impl().store, input);
  const std::size_t first = offset_of(input.NextToken);
  const auto asked = static_cast<std::size_t>(std::max<std::int64_t>(1, input.MaxDatapoints.value_or(kMostPoints)));
  const std::size_t last = first + std::min(asked, kMostPoints);

  // A page is a stretch of all the values, one query's behind the other's.
  api::GetMetricDataOutput output{.MetricDataResults = std::vector<api::MetricDataResult>(), .NextToken = {},
                                  .Messages = std::vector<api::MessageData>()};
  std::size_t begin = 0;
  for (const Computed& one : computed) {
    const std::size_t end = begin + one.points.size();
    const std::size_t from = std::clamp(first, begin, end), to = std::clamp(last, begin, end);
    if (from < to || (one.points.empty() && first == 0)) {
      output.MetricDataResults->push_back(result_of(one, from - begin, to - begin));
    }
    begin = end;
  }
  if (last < begin) output.NextToken = std::to_string(last);
  return output;
}

}  // namespace engine::cloudwatch
