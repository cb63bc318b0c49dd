// Baseline statistics of training data, in the form SageMaker Model Monitor compares with.
#pragma once

#include "pipelines/table.h"

#include <string>
#include <string_view>
#include <vector>

namespace pipelines {

/// statistics.json of a table whose features are called `names`; the label comes first, as "ibu".
/// A column without any value has only its counts.
/// Deviation: buckets are of equal width and exactly counted; Model Monitor estimates them by a
/// sketch.
std::string baseline_statistics(const Table& table, const std::vector<std::string>& names);

}  // namespace pipelines
