// Model quality of a regression, in Model Monitor's form: predictions beside the truth.
#pragma once

#include "pipelines/monitor/dataset.h"

#include <boost/json/fwd.hpp>

#include <string>

namespace pipelines::monitor {

/// Which columns hold what: names, or numbers of columns ("0", "_c0").
struct QualityColumns {
  std::string inference;
  std::string ground_truth;
};

/// {version, dataset {item_count}, regression_metrics {mae, mse, rmse, r2, each {value,
/// standard_deviation}}}. The deviations are those of five draws of 80 % of the rows, by a fixed
/// seed; below 200 rows they are the text "NaN", as Model Monitor's. Rows that lack either value
/// are left out. Throws std::runtime_error when a column isn't there, isn't of numbers or is empty.
boost::json::object regression_quality(const Dataset& data, const QualityColumns& columns);

/// {version, regression_constraints {mae {threshold, comparison_operator}, …}} at the measured
/// values.
boost::json::object suggest_quality_constraints(const boost::json::object& quality);

/// {violations: [{constraint_check_type, description, metric_name}]}: each metric that is worse
/// than its threshold. Throws std::runtime_error when `constraints` have no regression_constraints.
boost::json::object check_quality(const boost::json::object& quality,
                                  const boost::json::value& constraints);

}  // namespace pipelines::monitor
