// Pages of a list by nextToken and maxResults.
#pragma once

#include "engine/services/ecr/errors.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <vector>

namespace engine::ecr {

/// Leaves of `items`, which are sorted by `name`, the page that `input` asks for, and sets the output's
/// nextToken: the name of its last item.
template <class Item, class Output, class F>
std::vector<Item> page(std::vector<Item> items, const auto& input, Output& output, F&& name) {
  if (input.nextToken) {
    const auto after = base::from_base64(*input.nextToken);
    if (!after) throw invalid_parameter("'nextToken': the token is not one of ours");
    std::erase_if(items, [&](const Item& item) { return name(item) <= *after; });
  }
  const auto most = static_cast<std::size_t>(std::clamp<std::int64_t>(input.maxResults.value_or(100), 1, 1000));
  if (items.size() > most) {
    items.resize(most);
    output.nextToken = base::to_base64(name(items.back()));
  }
  return items;
}

}  // namespace engine::ecr
