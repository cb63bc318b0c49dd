// Baseline statistics of training data, in the form SageMaker Model Monitor compares with.
#pragma once

#include "pipelines/table.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pipelines {

/// statistics.json of some rows of a table whose features are called `names`; the label comes
/// first, as "ibu". A column without any value has only its counts (monitor/statistics.h).
std::string baseline_statistics(const Table& table, std::span<const std::uint32_t> rows,
                                const std::vector<std::string>& names);

/// constraints.json that Model Monitor would suggest of the same rows: of each column its type, the
/// share of rows that have it, and whether it is never negative.
std::string baseline_constraints(const Table& table, std::span<const std::uint32_t> rows,
                                 const std::vector<std::string>& names);

}  // namespace pipelines
