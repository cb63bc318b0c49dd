// Work in equal pieces on every processor, with a result that doesn't tell how many there were.
#pragma once

#include <cstddef>
#include <functional>

namespace pipelines {

/// The processors this process may use (taskset and a container's set of them counted), at least 1.
std::size_t processors();

/// Calls `work(i)` for each i below `count`, the calling thread among those that work; pieces begin
/// in order. Returns when all have ended. What one throws ends the rest and is thrown: of several
/// the one of the least i. A piece must not depend on another.
void in_parallel(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace pipelines
