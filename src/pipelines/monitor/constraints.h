// constraints.json and constraint_violations.json of Model Monitor: what a dataset should be like,
// and where another one isn't.
#pragma once

#include "pipelines/monitor/dataset.h"

#include <boost/json/fwd.hpp>

#include <string_view>

namespace pipelines::monitor {

/// A column's part of the suggestion: name, inferred_type, completeness, and num_constraints
/// {is_non_negative} or, of a text of at most 20 different values, string_constraints {domains}.
boost::json::object column_constraints(const Column& column);
boost::json::object number_constraints(std::string_view name, Type type, double completeness,
                                       bool non_negative);

/// What Model Monitor writes below every suggestion of its own.
boost::json::object monitoring_config();

/// {version, features, monitoring_config} that `data` itself fulfils.
boost::json::object suggest_constraints(const Dataset& data);

/// {violations: [{feature_name, constraint_check_type, description}]}: `data`, whose
/// `current_statistics` were made by statistics(), against a baseline. Checked are
///   missing_column_check, extra_column_check  by name
///   data_type_check           the share of values of the inferred type, below
///                             datatype_check_threshold
///   completeness_check        the share of values that are there, below completeness
///   categorical_values_check  the share of values among the domains, below
///   domain_content_threshold baseline_drift_check      the distance from the baseline's
///   distribution (statistics.h) above
///                             comparison_threshold, by comparison_method Simple or Robust; only
///                             with `baseline_statistics`, which may be null
/// and, of numbers, num_constraints.is_non_negative, reported as a data_type_check: the schema has
/// no other name for it. Nothing is checked when evaluate_constraints is Disabled;
/// monitoringConfigOverrides of a feature count before monitoring_config. Throws std::runtime_error
/// when `constraints` have no features.
boost::json::object check_constraints(const Dataset& data,
                                      const boost::json::object& current_statistics,
                                      const boost::json::value& baseline_statistics,
                                      const boost::json::value& constraints);

}  // namespace pipelines::monitor
