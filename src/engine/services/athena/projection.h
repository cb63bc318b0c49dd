// Partition projection: the values of partition keys, computed from a table's parameters.
#pragma once

#include "engine/models/glue.h"
#include "lib/base/clock.h"

#include <optional>
#include <string>
#include <vector>

namespace engine::athena {

/// All values of a partition key, by projection.<key>.type and its further parameters (enum, integer,
/// date); nothing for "injected", whose values only a query knows. Throws QueryError when the
/// parameters are missing, not understood or name more than a million values.
std::optional<std::vector<std::string>> projected_values(const glue::api::Table& table,
                                                         const std::string& key,
                                                         base::Timestamp now);

}  // namespace engine::athena
