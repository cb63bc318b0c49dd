// Lists in pages: a token is the index of the next item, or the name of the last one.
#pragma once

#include "engine/protocol/error.h"
#include "lib/base/encoding.h"

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

/// The same for lists whose items are made and deleted while somebody reads them: sorted by
/// `name(item)`, which is unique, a token holds the name of its page's last item, so what comes or
/// goes between two pages moves no other item.
template <class T, class F>
Page<T> page_by_name(std::vector<T> all, const std::optional<std::string>& token,
                     std::optional<std::int64_t> limit, std::size_t default_limit,
                     const AwsError& invalid_token, F&& name, bool descending = false) {
  constexpr char kMark = '>';  // tells a token of ours from other base64
  const auto before = [&](const std::string& a, const std::string& b) {
    return descending ? b < a : a < b;
  };
  std::sort(all.begin(), all.end(), [&](const T& a, const T& b) { return before(name(a), name(b)); });
  if (token && !token->empty()) {
    auto last = base::from_base64(*token);
    if (!last || !last->starts_with(kMark)) throw invalid_token;
    last->erase(0, 1);
    std::erase_if(all, [&](const T& item) { return !before(*last, name(item)); });
  }
  const std::size_t size = limit && *limit > 0 ? static_cast<std::size_t>(*limit) : default_limit;
  Page<T> page;
  if (all.size() > size) {
    all.resize(size);
    page.next = base::to_base64(kMark + std::string(name(all.back())));
  }
  page.items = std::move(all);
  return page;
}

}  // namespace engine
