// What the watching job tells CloudWatch, so that an alarm can watch it.
#pragma once

#include <boost/json/fwd.hpp>

#include <string>
#include <utility>
#include <vector>

namespace pipelines {

/// Name and value of each metric of a drift.json:
///   Breached           1 or 0: what the alarm looks at
///   DriftedFeatures    how many features breach a limit
///   LargestPsi, PredictionPsi
///   MeanAbsoluteError, MeanAbsoluteErrorAtTraining   in IBU
///   BeersLookedAt
std::vector<std::pair<std::string, double>> metrics_of(const boost::json::value& drift);

/// Sends them by PutMetricData under the dimension ModelPackageGroup, as the job's own role
/// (aws::Config::from_environment). Throws aws::ServiceError and what the connection throws.
void send_metrics(const boost::json::value& drift, const std::string& metric_namespace,
                  const std::string& group);

}  // namespace pipelines
