// What a list of metric queries gives: metrics by their statistic, and math over them.
#pragma once

#include "engine/models/cloudwatch.h"
#include "engine/services/cloudwatch/expression.h"
#include "engine/services/cloudwatch/store.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace engine::cloudwatch {

/// Periods side by side: the first begins at `from`, the last ends at `to`.
struct Grid {
  Minute from = 0;
  Minute period = 1;
  std::size_t size = 0;

  /// The whole periods from `from` on that `to` needs to be covered.
  static Grid covering(Minute from, Minute to, std::int64_t period_seconds);
  /// `size` whole periods of which the last ends at `to`.
  static Grid ending(Minute to, std::int64_t period_seconds, std::size_t size);

  base::Timestamp time(std::size_t index) const { return time_of(from + static_cast<Minute>(index) * period); }
  Minute to() const { return from + static_cast<Minute>(size) * period; }
};

/// Totals of each period that has values.
std::vector<std::optional<Totals>> totals_of(const Minutes& minutes, const Grid& grid);

/// One statistic of one metric.
Series read_metric(const MetricStore& store, const api::MetricStat& stat, const Grid& grid);

/// Queries that may name each other. Throws AwsError when one is wrong: an id nobody has or that is used
/// twice, a circle, a statistic or function we lack, periods that don't match.
class Queries {
 public:
  /// `queries` must outlive this.
  explicit Queries(const std::vector<api::MetricDataQuery>& queries);

  /// In seconds: a metric's own, an expression's from what it is made of.
  std::int64_t period(const std::string& id) const;

  /// The query's values over `grid`, of which the period is the query's.
  Series values(const std::string& id, const MetricStore& store, const Grid& grid) const;

  /// Computes everything over nothing: throws what is wrong with it.
  void check(const MetricStore& store) const;

 private:
  const api::MetricDataQuery& query(const std::string& id) const;
  /// One computation: what is done, and what is being computed.
  struct Run {
    const MetricStore& store;
    const Grid& grid;
    std::map<std::string, Series> done = {};
    std::set<std::string> open = {};
  };
  Series values(const std::string& id, Run& run) const;
  std::optional<std::int64_t> own_period(const api::MetricDataQuery& query) const;

  std::map<std::string, const api::MetricDataQuery*> by_id_;
  std::vector<std::pair<std::string, std::string>> metrics_;  ///< ids and metrics' names
};

}  // namespace engine::cloudwatch
