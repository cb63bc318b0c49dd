// Lists in pages: a token is the index of the next item.
#pragma once

#include "engine/protocol/error.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace engine {

template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;
};

/// The page of `all` that `token` asks for (none: the first), at most `limit` items. A token that
/// isn't ours throws `invalid_token`.
template <class T>
Page<T> page_of(std::vector<T> all, const std::optional<std::string>& token,
                std::optional<std::int64_t> limit, std::size_t default_limit,
                const AwsError& invalid_token) {
  std::size_t first = 0;
  if (token && !token->empty()) {
    const auto [end, error] = std::from_chars(token->data(), token->data() + token->size(), first);
    if (error != std::errc{} || end != token->data() + token->size() || first > all.size()) {
      throw invalid_token;
    }
  }
  const std::size_t size = limit && *limit > 0 ? static_cast<std::size_t>(*limit) : default_limit;
  const std::size_t last = std::min(all.size(), first + size);
  Page<T> page;
  page.items.assign(std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(first)),
                    std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(last)));
  if (last < all.size()) page.next = std::to_string(last);
  return page;
}

}  // namespace engine
