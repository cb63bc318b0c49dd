// Rules that IAM's operations share.
#include "engine/services/iam/rules.h"

namespace engine::iam {
namespace {
constexpr std::size_t kMostTags = 50;
}

void check_document(std::string_view document, PolicyKind kind) { parse_policy(document, kind); }

void add_tags(std::optional<std::vector<api::Tag>>& tags, const std::vector<api::Tag>& more) {
  if (!tags) tags.emplace();
  for (const auto& tag : more) {
    const auto same = std::find_if(tags->begin(), tags->end(),
                                   [&](const api::Tag& one) { return one.Key == tag.Key; });
    if (same == tags->end()) {
      tags->push_back(tag);
    } else {
      same->Value = tag.Value;
    }
  }
  if (tags->size() > kMostTags) throw too_many("The number of tags has reached the maximum limit.");
}

void remove_tags(std::optional<std::vector<api::Tag>>& tags, const std::vector<std::string>& keys) {
  if (!tags) return;
  std::erase_if(*tags, [&](const api::Tag& tag) {
    return std::find(keys.begin(), keys.end(), tag.Key) != keys.end();
  });
}

}  // namespace engine::iam
