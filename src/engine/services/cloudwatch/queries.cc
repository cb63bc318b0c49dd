// What a list of metric queries gives.
#include "engine/services/cloudwatch/queries.h"

#include "engine/services/cloudwatch/errors.h"

namespace engine::cloudwatch {
namespace {

/// Deviation: values are kept by the minute; a shorter period is answered with that of a minute.
Minute minutes_of(std::int64_t seconds) { return std::max<Minute>(1, seconds / 60); }

AwsError wrong_expression(const std::string& id, const std::string& what) {
  return invalid(fmt::format("Error in expression '{}': {}", id, what));
}

}  // namespace

Grid Grid::covering(Minute from, Minute to, std::int64_t period_seconds) {
  const Minute period = minutes_of(period_seconds);
  return {from, period, static_cast<std::size_t>(to > from ? (to - from + period - 1) / period : 0)};
}

Grid Grid::ending(Minute to, std::int64_t period_seconds, std::size_t size) {
  const Minute period = minutes_of(period_seconds);
  return {to - static_cast<Minute>(size) * period, period, size};
}

std::vector<std::optional<Totals>> totals_of(const Minutes& minutes, const Grid& grid) {
  std::vector<std::optional<Totals>> totals(grid.size);
  for (const auto& [minute, values] : minutes) {
    if (minute < grid.from || minute >= grid.to()) continue;
    auto& slot = totals[static_cast<std::size_t>((minute - grid.from) / grid.period)];
    if (!slot) slot.emplace();
    slot->add(values);
  }
  return totals;
}

Series read_metric(const MetricStore& store, const api::MetricStat& stat, const Grid& grid) {
  if (!Totals::is_statistic(stat.Stat)) {
    throw invalid_value(fmt::format("The statistic '{}' is not kept by this engine: use SampleCount, Average, Sum, "
                                    "Minimum or Maximum.", stat.Stat));
  }
  const std::string prefix = Metric::prefix(stat.Metric.Namespace.value_or(""), stat.Metric.MetricName.value_or(""),
                                            dimensions_of(stat.Metric.Dimensions), stat.Unit);
  Series series;
  for (const auto& totals : totals_of(store.read(prefix, grid.from, grid.to()), grid)) {
    series.push_back(totals ? totals->statistic(stat.Stat) : std::nullopt);
  }
  return series;
}

Queries::Queries(const std::vector<api::MetricDataQuery>& queries) {
  for (const api::MetricDataQuery& query : queries) {
    if (query.MetricStat.has_value() == query.Expression.has_value()) {
      throw invalid_combination(
          fmt::format("Exactly one of MetricStat and Expression must be set for the query '{}'.", query.Id));
    }
    if (!by_id_.emplace(query.Id, &query).second) throw invalid(fmt::format("The id '{}' is used twice.", query.Id));
    if (query.MetricStat) metrics_.emplace_back(query.Id, query.MetricStat->Metric.MetricName.value_or(""));
  }
}

const api::MetricDataQuery& Queries::query(const std::string& id) const {
  const auto at = by_id_.find(id);
  if (at == by_id_.end()) throw ExpressionError(fmt::format("no query has the id '{}'", id));
  return *at->second;
}

std::optional<std::int64_t> Queries::own_period(const api::MetricDataQuery& query) const {
  return query.MetricStat ? query.MetricStat->Period : query.Period;
}

std::int64_t Queries::period(const std::string& id) const {
  if (const auto own = own_period(query(id))) return *own;
  // Deviation: all metrics that expressions are made of have one period; AWS asks that of alarms only.
  std::optional<std::int64_t> common;
  for (const auto& [name, found] : by_id_) {
    const auto own = own_period(*found);
    if (!own) continue;
    if (common && *common != *own) throw wrong_expression(id, "the periods of its metrics differ");
    common = own;
  }
  return common.value_or(60);
}

Series Queries::values(const std::string& id, Run& run) const {
  if (const auto at = run.done.find(id); at != run.done.end()) return at->second;
  const api::MetricDataQuery& wanted = query(id);
  Series series;
  if (wanted.MetricStat) {
    if (minutes_of(wanted.MetricStat->Period) != run.grid.period) {
      throw ExpressionError(fmt::format("the period of '{}' is another", id));
    }
    series = read_metric(run.store, *wanted.MetricStat, run.grid);
  } else {
    if (!run.open.insert(id).second) throw ExpressionError(fmt::format("'{}' is made of itself", id));
    series = evaluate(*wanted.Expression, {.size = run.grid.size,
                                           .period = static_cast<double>(run.grid.period) * 60,
                                           .series = [&](const std::string& name) { return values(name, run); },
                                           .metrics = metrics_});
  }
  return run.done[id] = std::move(series);
}

Series Queries::values(const std::string& id, const MetricStore& store, const Grid& grid) const {
  Run run{store, grid};
  try {
    return values(id, run);
  } catch (const ExpressionError& error) {
    throw wrong_expression(id, error.what());
  }
}

void Queries::check(const MetricStore& store) const {
  for (const auto& [id, query] : by_id_) values(id, store, Grid::ending(0, period(id), 1));
}

}  // namespace engine::cloudwatch
