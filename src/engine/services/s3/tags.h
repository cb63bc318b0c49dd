// Tags of buckets and objects: their rules and their forms.
#pragma once

#include "engine/models/s3.h"
#include "engine/services/s3/s3.h"

namespace engine::s3 {

inline constexpr int kMostObjectTags = 10;
inline constexpr int kMostBucketTags = 50;

/// Throws BadRequest (too many; `what` is "Object" or "Bucket") or InvalidTag.
void check_tags(const Tags& tags, std::string_view what, int limit);

/// x-amz-tagging's "key=value&key2=…", checked.
Tags parse_tagging(std::string_view header);

Tags to_tags(const std::vector<api::Tag>& tags);
std::vector<api::Tag> from_tags(const Tags& tags);

}  // namespace engine::s3
