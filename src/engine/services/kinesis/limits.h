// The account's limits, and what of them is used up.
#pragma once

#include "engine/services/kinesis/state.h"

namespace engine::kinesis {

inline constexpr std::string_view kOnDemand = "ON_DEMAND", kProvisioned = "PROVISIONED";

api::DescribeLimitsOutput limits_of(const Kinesis::Impl& kinesis);

/// Throws LimitExceededException when `more` open shards, or one more stream, would be too many.
void check_shard_limit(const Kinesis::Impl& kinesis, std::int64_t more);
void check_on_demand_limit(const Kinesis::Impl& kinesis);

}  // namespace engine::kinesis
