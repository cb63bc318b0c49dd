// When a step that failed is tried again.
#include "engine/services/sagemaker/pipelines/retry.h"

#include <algorithm>
#include <cmath>

namespace engine::sagemaker::pipelines {

std::optional<base::Milliseconds> Retries::next(const std::string& exception, base::Timestamp now) {
  const auto policy = std::find_if(
      step_.retries.begin(), step_.retries.end(),
      [&](const RetryPolicy& candidate) { return candidate.exceptions.contains(exception); });
  if (policy == step_.retries.end()) return std::nullopt;
  std::int64_t& used = used_[&*policy];
  if (policy->max_attempts && used >= *policy->max_attempts) return std::nullopt;
  constexpr double kLongest = 30 * 86'400.0;
  const double seconds =
      std::min(kLongest, policy->interval_seconds *
                             std::pow(policy->backoff_rate, static_cast<double>(used)));
  const base::Milliseconds wait(static_cast<std::int64_t>(seconds * 1000));
  if (policy->expire_after_minutes &&
      now + wait > began_ + std::chrono::minutes(*policy->expire_after_minutes)) {
    return std::nullopt;
  }
  ++used;
  return wait;
}

}  // namespace engine::sagemaker::pipelines
