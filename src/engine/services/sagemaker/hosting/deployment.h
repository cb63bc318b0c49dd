// How an endpoint's traffic moves from one fleet to another: by its DeploymentConfig.
#pragma once

#include "engine/models/sagemaker.h"
#include "lib/base/clock.h"

#include <optional>
#include <string>
#include <vector>

namespace engine::sagemaker {

/// The part of all requests that go to the new fleet from a step on, and the pause that follows.
struct TrafficStep {
  double share = 1;
  base::Milliseconds bake{0};
};

/// A DeploymentConfig, read.
struct TrafficPlan {
  std::vector<TrafficStep> steps{{}};
  /// After the last step, before the old fleet ends.
  base::Milliseconds termination_wait{0};
  std::optional<base::Milliseconds> most;  ///< all of it; past it, the traffic goes back
  std::vector<std::string> alarms;         ///< one in ALARM and the traffic goes back
};

/// What a configuration asks for; without one all traffic moves at once. A pause follows each step,
/// the last one too.
///
/// Deviation: a variant has one process, so that a size in instances is taken for its part of
/// `instances`, the number that was asked for. Throws AwsError (ValidationException) for sizes that
/// aren't allowed and for rolling updates.
TrafficPlan traffic_plan(const std::optional<api::DeploymentConfig>& config,
                         std::int64_t instances);

}  // namespace engine::sagemaker
