// ListObjects, ListObjectsV2 and ListObjectVersions.
#include "engine/services/s3/objects.h"
#include "engine/services/s3/operations.h"
#include "engine/services/s3/listing.h"
#include "lib/base/encoding.h"

namespace engine::s3 {
namespace {

// What V1, V2 and versions ask alike.
template <class Input>
ListQuery query_of(const Input& input, std::string after) {
  ListQuery query;
  query.prefix = input.Prefix.value_or("");
  query.delimiter = input.Delimiter.value_or("");
  query.after = std::move(after);
  query.max_keys = page_size(input.MaxKeys, "max-keys");
  return query;
}

std::vector<std::string> algorithms_of(const ObjectInfo& object) {
  std::vector<std::string> algorithms;
  for (const auto& [algorithm, value] : object.checksums) algorithms.push_back(algorithm);
  return algorithms;
}

// Object and ObjectVersion have these alike.
template <class Shape>
Shape describe(const ObjectInfo& object, const KeyEncoding& encode) {
  Shape shape;
  shape.Key = encode(object.key);
  shape.LastModified = object.last_modified;
  shape.ETag = wire_etag(object.etag);
  shape.Size = static_cast<std::int64_t>(object.size);
  shape.StorageClass = storage_class(object);
  if (!object.checksums.empty()) {
    shape.ChecksumAlgorithm = algorithms_of(object);
    shape.ChecksumType = object.composite_checksum ? "COMPOSITE" : "FULL_OBJECT";
  }
  return shape;
}

// The members the three outputs have alike.
template <class Output>
void echo(Output& output, const auto& input, const ListQuery& query, const ListPage& page,
          const KeyEncoding& encode) {
  output.Name = input.Bucket;
  output.Prefix = encode(query.prefix);
  if (!query.delimiter.empty()) output.Delimiter = encode(query.delimiter);
  output.MaxKeys = static_cast<std::int64_t>(query.max_keys);
  output.EncodingType = input.EncodingType;
  output.IsTruncated = page.truncated;
  output.CommonPrefixes = common_prefixes(page.common_prefixes, encode);
}

// "1" in front, so that a token of ours is told from other base64.
std::string token(std::string_view after) { return base::to_base64("1" + std::string(after)); }

std::string after_of_token(const std::string& token) {
  const auto text = base::from_base64(token);
  if (!text || !text->starts_with('1')) {
    throw invalid_argument("The continuation token provided is incorrect", "continuation-token", token);
  }
  return text->substr(1);
}

/// The last key or common prefix of a page: where the next one is told to begin.
std::string last_of(const ListPage& page) {
  std::string last;
  if (!page.objects.empty()) last = page.objects.back().key;
  if (!page.common_prefixes.empty()) last = std::max(last, page.common_prefixes.back());
  return last;
}

}  // namespace

api::ListObjectsV2Output list_objects_v2(S3& s3, Call&, const api::ListObjectsV2Input& input) {
  const KeyEncoding encode(input.EncodingType);
  const auto query = query_of(input, input.ContinuationToken ? after_of_token(*input.ContinuationToken)
                                                             : input.StartAfter.value_or(""));
  const auto page = s3.list_objects(input.Bucket, query);
  api::ListObjectsV2Output output;
  echo(output, input, query, page, encode);
  output.KeyCount = static_cast<std::int64_t>(page.objects.size() + page.common_prefixes.size());
  output.ContinuationToken = input.ContinuationToken;
  if (input.StartAfter) output.StartAfter = encode(*input.StartAfter);
  if (page.truncated) output.NextContinuationToken = token(page.next);
  const auto owner = canonical_id(s3.impl().context);
  output.Contents.emplace();
  for (const auto& object : page.objects) {
    auto shape = describe<api::Object>(object, encode);
    if (input.FetchOwner.value_or(false)) shape.Owner = {.DisplayName = {}, .ID = owner};
    output.Contents->push_back(std::move(shape));
  }
  return output;
}

api::ListObjectsOutput list_objects(S3& s3, Call&, const api::ListObjectsInput& input) {
  const KeyEncoding encode(input.EncodingType);
  const std::string marker = input.Marker.value_or("");
  auto query = query_of(input, "");
  query.after = after_marker(marker, query.prefix, query.delimiter);
  const auto page = s3.list_objects(input.Bucket, query);
  api::ListObjectsOutput output;
  echo(output, input, query, page, encode);
  output.Marker = encode(marker);
  // Without a delimiter the client takes the last key.
  if (page.truncated && !query.delimiter.empty()) output.NextMarker = encode(last_of(page));
  const auto owner = canonical_id(s3.impl().context);
  output.Contents.emplace();
  for (const auto& object : page.objects) {
    auto shape = describe<api::Object>(object, encode);
    shape.Owner = {.DisplayName = {}, .ID = owner};
    output.Contents->push_back(std::move(shape));
  }
  return output;
}

// Deviation: an object has one version, named "null", also in a bucket with versioning enabled.
api::ListObjectVersionsOutput list_object_versions(S3& s3, Call&,
                                                   const api::ListObjectVersionsInput& input) {
  const KeyEncoding encode(input.EncodingType);
  const std::string marker = input.KeyMarker.value_or("");
  auto query = query_of(input, "");
  query.after = after_marker(marker, query.prefix, query.delimiter);
  const auto page = s3.list_objects(input.Bucket, query);
  api::ListObjectVersionsOutput output;
  echo(output, input, query, page, encode);
  output.KeyMarker = encode(marker);
  output.VersionIdMarker = input.VersionIdMarker.value_or("");
  if (page.truncated) {
    const auto last = last_of(page);
    output.NextKeyMarker = encode(last);
    if (!page.objects.empty() && last == page.objects.back().key) output.NextVersionIdMarker = "null";
  }
  const auto owner = canonical_id(s3.impl().context);
  output.Versions.emplace();
  for (const auto& object : page.objects) {
    auto shape = describe<api::ObjectVersion>(object, encode);
    shape.VersionId = "null";
    shape.IsLatest = true;
    shape.Owner = {.DisplayName = {}, .ID = owner};
    output.Versions->push_back(std::move(shape));
  }
  return output;
}

}  // namespace engine::s3
