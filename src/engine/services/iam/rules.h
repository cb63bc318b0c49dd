// Rules that IAM's operations share: documents, tags and pages.
#pragma once

#include "engine/models/iam.h"
#include "engine/services/iam/access/policy.h"
#include "engine/services/iam/errors.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::iam {

/// Throws MalformedPolicyDocument when the text is no policy of that kind.
void check_document(std::string_view document, PolicyKind kind = PolicyKind::kIdentity);

/// A policy document as IAM's answers carry it (RFC 3986).
inline std::string document_answer(std::string_view document) {
  return base::percent_encode(document);
}

/// Adds tags, each in the place of one with its key. Throws LimitExceeded beyond 50.
void add_tags(std::optional<std::vector<api::Tag>>& tags, const std::vector<api::Tag>& more);
void remove_tags(std::optional<std::vector<api::Tag>>& tags, const std::vector<std::string>& keys);

/// Leaves of `items` the page behind `input.Marker` and fills the output's IsTruncated and Marker.
/// `name` gives each item a name, by which they are sorted and which a marker holds.
template <class Item, class Output, class F>
std::vector<Item> page(std::vector<Item> items, const auto& input, Output& output, F&& name) {
  std::sort(items.begin(), items.end(),
            [&](const Item& a, const Item& b) { return name(a) < name(b); });
  if (input.Marker) {
    const auto after = base::from_base64(*input.Marker);
    if (!after) throw invalid_marker();
    std::erase_if(items, [&](const Item& item) { return name(item) <= *after; });
  }
  const auto most = static_cast<std::size_t>(std::clamp<std::int64_t>(input.MaxItems.value_or(100), 1, 1000));
  output.IsTruncated = items.size() > most;
  if (items.size() > most) {
    items.resize(most);
    output.Marker = base::to_base64(name(items.back()));
  }
  return items;
}

}  // namespace engine::iam
