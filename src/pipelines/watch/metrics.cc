// PutMetricData by the query protocol.
#include "pipelines/watch/metrics.h"

#include "lib/aws/client.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace pipelines {
namespace {

namespace json = boost::json;

double real(const json::value& from, const char* pointer) {
  return from.at_pointer(pointer).to_number<double>();
}

}  // namespace

std::vector<std::pair<std::string, double>> metrics_of(const json::value& drift) {
  const auto& features = drift.at("features").as_array();
  return {{"Breached", drift.at("breached").as_bool() ? 1.0 : 0.0},
          {"DriftedFeatures", static_cast<double>(drift.at("drifted").as_array().size())},
          {"LargestPsi", features.empty() ? 0.0 : real(features.front(), "/psi")},
          {"PredictionPsi", real(drift, "/prediction/psi")},
          {"MeanAbsoluteError", real(drift, "/error/now")},
          {"MeanAbsoluteErrorAtTraining", real(drift, "/error/then")},
          {"BeersLookedAt", real(drift, "/beers")}};
}

void send_metrics(const json::value& drift, const std::string& metric_namespace,
                  const std::string& group) {
  std::vector<std::pair<std::string, std::string>> parameters{{"Namespace", metric_namespace}};
  int place = 0;
  for (const auto& [name, value] : metrics_of(drift)) {
    const std::string member = fmt::format("MetricData.member.{}.", ++place);
    parameters.emplace_back(member + "MetricName", name);
    parameters.emplace_back(member + "Value", fmt::format("{}", value));
    parameters.emplace_back(member + "Dimensions.member.1.Name", "ModelPackageGroup");
    parameters.emplace_back(member + "Dimensions.member.1.Value", group);
  }
  aws::Client client(aws::Config::from_environment());
  client.query("monitoring", "PutMetricData", "2010-08-01", parameters);
}

}  // namespace pipelines
