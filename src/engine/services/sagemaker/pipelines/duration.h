// How long a cached step stays good: CacheConfig's ExpireAfter.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace engine::sagemaker::pipelines {

/// An ISO 8601 duration, "P30D" or "P1DT12H", in any case and also without its "P", as AWS's
/// documentation writes it: "30d", "T16m". A year is 365 days, a month 30. Nothing when it isn't
/// one.
std::optional<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace engine::sagemaker::pipelines
