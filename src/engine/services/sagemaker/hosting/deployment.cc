// How an endpoint's traffic moves from one fleet to another.
#include "engine/services/sagemaker/hosting/deployment.h"

#include "engine/services/sagemaker/errors.h"

#include <algorithm>

namespace engine::sagemaker {
namespace {

using std::chrono::seconds;

// Verified: the API model: a canary is at most half of the fleet, a linear step 10 to 50 % of it.
constexpr double kMostCanary = 0.5, kLeastStep = 0.1, kMostStep = 0.5;

double part_of(const api::CapacitySize& size, std::int64_t instances) {
  const double whole = size.Type == "INSTANCE_COUNT" ? static_cast<double>(instances) : 100;
  return static_cast<double>(size.Value) / whole;
}

/// With few instances one of them may be more than the model allows, and is the least there is.
double checked_part(const std::optional<api::CapacitySize>& size, std::int64_t instances,
                    std::string_view name, double least, double most) {
  if (!size) throw validation(fmt::format("The traffic routing needs a {}.", name));
  const double part = part_of(*size, instances);
  const bool one = size->Type == "INSTANCE_COUNT" && size->Value == 1;
  if (!one && (part < least || part > most)) {
    throw validation(fmt::format("{} must be {}% to {}% of the variant's instances.", name,
                                 static_cast<int>(100 * least), static_cast<int>(100 * most)));
  }
  return std::min(part, 1.0);
}

std::vector<TrafficStep> steps_of(const api::TrafficRoutingConfig& routing,
                                  std::int64_t instances) {
  const seconds bake(routing.WaitIntervalInSeconds);
  if (routing.Type == "CANARY") {
    const double canary = checked_part(routing.CanarySize, instances, "CanarySize", 0, kMostCanary);
    return {{canary, bake}, {1, bake}};
  }
  if (routing.Type == "LINEAR") {
    const double part =
        checked_part(routing.LinearStepSize, instances, "LinearStepSize", kLeastStep, kMostStep);
    std::vector<TrafficStep> steps;
    for (int i = 1; part * i < 1 - 1e-9; ++i) steps.push_back({part * i, bake});
    steps.push_back({1, bake});
    return steps;
  }
  return {{1, bake}};
}

}  // namespace

TrafficPlan traffic_plan(const std::optional<api::DeploymentConfig>& config,
                         std::int64_t instances) {
  TrafficPlan plan;
  if (!config) return plan;
  if (config->RollingUpdatePolicy) {
    throw validation(
        "RollingUpdatePolicy is not supported here, where a variant is one process; use a "
        "BlueGreenUpdatePolicy.");
  }
  if (config->AutoRollbackConfiguration && config->AutoRollbackConfiguration->Alarms) {
    for (const auto& alarm : *config->AutoRollbackConfiguration->Alarms) {
      if (alarm.AlarmName) plan.alarms.push_back(*alarm.AlarmName);
    }
  }
  const auto& policy = config->BlueGreenUpdatePolicy;
  if (!policy) return plan;
  plan.steps = steps_of(policy->TrafficRoutingConfiguration, std::max<std::int64_t>(1, instances));
  plan.termination_wait = seconds(policy->TerminationWaitInSeconds.value_or(0));
  if (!policy->MaximumExecutionTimeoutInSeconds) return plan;
  plan.most = seconds(*policy->MaximumExecutionTimeoutInSeconds);
  base::Milliseconds waits = plan.termination_wait;
  for (const TrafficStep& step : plan.steps) waits += step.bake;
  if (*plan.most <= waits) {
    throw validation(
        fmt::format("MaximumExecutionTimeoutInSeconds must be larger than the {} s that the "
                    "deployment waits.",
                    std::chrono::duration_cast<seconds>(waits).count()));
  }
  return plan;
}

}  // namespace engine::sagemaker
