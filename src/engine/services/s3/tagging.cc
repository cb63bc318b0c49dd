// The tags of objects and buckets.
#include "engine/services/s3/documents.h"
#include "engine/services/s3/errors.h"
#include "engine/services/s3/objects.h"
#include "engine/services/s3/operations.h"
#include "engine/services/s3/tags.h"

#include <algorithm>
#include <set>

namespace engine::s3 {
namespace {

// S3 counts characters, not bytes.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

void check_tags(const Tags& tags, std::string_view what, int limit) {
  if (tags.size() > static_cast<std::size_t>(limit)) throw too_many_tags(what, limit);
  std::set<std::string_view> seen;
  for (const auto& [key, value] : tags) {
    if (key.empty() || characters(key) > 128) {
      throw invalid_tag("The TagKey you have provided is invalid");
    }
    if (characters(value) > 256) throw invalid_tag("The TagValue you have provided is invalid");
    if (key.starts_with("aws:")) {
      throw invalid_tag("System tags cannot be added/updated by requester");
    }
    if (!seen.insert(key).second) throw invalid_tag("Cannot provide multiple Tags with the same key");
  }
}

Tags parse_tagging(std::string_view header) {
  Tags tags = http::parse_query(header);
  check_tags(tags, "Object", kMostObjectTags);
  return tags;
}

Tags to_tags(const std::vector<api::Tag>& tags) {
  Tags pairs;
  for (const auto& tag : tags) pairs.emplace_back(tag.Key, tag.Value);
  return pairs;
}

std::vector<api::Tag> from_tags(const Tags& tags) {
  std::vector<api::Tag> shapes;
  for (const auto& [key, value] : tags) shapes.push_back({.Key = key, .Value = value});
  return shapes;
}

api::PutObjectTaggingOutput put_object_tagging(S3& s3, Call& call,
                                               const api::PutObjectTaggingInput& input) {
  verify_body(call);
  check_version(input.VersionId);
  Tags tags = to_tags(input.Tagging.TagSet);
  check_tags(tags, "Object", kMostObjectTags);
  s3.impl().change(input.Bucket, input.Key,
                   [&](ObjectInfo& object) { object.tags = std::move(tags); });
  return {};
}

api::GetObjectTaggingOutput get_object_tagging(S3& s3, Call&,
                                               const api::GetObjectTaggingInput& input) {
  check_version(input.VersionId);
  api::GetObjectTaggingOutput output;
  output.TagSet = from_tags(s3.object(input.Bucket, input.Key).tags);
  return output;
}

api::DeleteObjectTaggingOutput delete_object_tagging(S3& s3, Call&,
                                                     const api::DeleteObjectTaggingInput& input) {
  check_version(input.VersionId);
  s3.impl().change(input.Bucket, input.Key, [](ObjectInfo& object) { object.tags.clear(); });
  return {};
}

api::PutBucketTaggingOutput put_bucket_tagging(S3& s3, Call& call,
                                               const api::PutBucketTaggingInput& input) {
  verify_body(call);
  check_tags(to_tags(input.Tagging.TagSet), "Bucket", kMostBucketTags);
  put_document(s3, input.Bucket, document::kTagging, to_json(input.Tagging));
  return {};
}

api::GetBucketTaggingOutput get_bucket_tagging(S3& s3, Call&,
                                               const api::GetBucketTaggingInput& input) {
  const auto text = find_document(s3, input.Bucket, document::kTagging);
  if (!text) throw no_document(input.Bucket, "NoSuchTagSet", "The TagSet does not exist");
  return {.TagSet = from_json<api::Tagging>(*text).TagSet};
}

api::DeleteBucketTaggingOutput delete_bucket_tagging(S3& s3, Call&,
                                                     const api::DeleteBucketTaggingInput& input) {
  delete_document(s3, input.Bucket, document::kTagging);
  return {};
}

}  // namespace engine::s3
