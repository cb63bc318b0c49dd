// Pages: the front of a list, and whether anything follows.
#pragma once

#include <cstdint>
#include <vector>

namespace engine::kinesis {

/// Leaves the first `limit` items; true when there were more.
template <class T>
bool cut_page(std::vector<T>& items, std::int64_t limit) {
  const auto size = static_cast<std::size_t>(limit);
  if (items.size() <= size) return false;
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(size), items.end());
  return true;
}

}  // namespace engine::kinesis
