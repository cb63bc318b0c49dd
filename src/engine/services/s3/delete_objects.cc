// DeleteObject and DeleteObjects.
#include "engine/services/s3/documents.h"
#include "engine/services/s3/names.h"
#include "engine/services/s3/objects.h"
#include "engine/services/s3/operations.h"

namespace engine::s3 {
namespace {

constexpr std::size_t kMostKeys = 1000;

/// What a delete may demand of the object it removes.
struct Demands {
  std::optional<std::string> etag;
  std::optional<Timestamp> modified;
  std::optional<std::int64_t> size;
};

void check(const Demands& demands, const std::optional<ObjectInfo>& object, std::string_view key) {
  if (!object) {
    if (demands.etag) throw no_such_key(key);
    return;
  }
  if (demands.etag && !etag_matches(*demands.etag, object->etag)) {
    throw precondition_failed("If-Match");
  }
  if (demands.modified && *demands.modified != object->last_modified) {
    throw precondition_failed("x-amz-if-match-last-modified-time");
  }
  if (demands.size && static_cast<std::uint64_t>(*demands.size) != object->size) {
    throw precondition_failed("x-amz-if-match-size");
  }
}

/// Adds the removal of one object to the batch. The key's lock is held.
void remove(S3::Impl& impl, std::string_view bucket, std::string_view key, const Demands& demands,
            storage::Batch& batch) {
  const auto object = impl.find(bucket, key);
  check(demands, object, key);
  if (!object) return;
  batch.remove(kObjects, row_key(bucket, key));
  impl.store.remove(object->location, batch);
}

void report(api::DeleteObjectsOutput& output, const api::ObjectIdentifier& asked,
            const AwsError& error) {
  if (!output.Errors) output.Errors.emplace();
  output.Errors->push_back({.Key = asked.Key, .VersionId = asked.VersionId, .Code = error.code,
                            .Message = error.what()});
}

}  // namespace

api::DeleteObjectOutput delete_object(S3& s3, Call&, const api::DeleteObjectInput& input) {
  check_version(input.VersionId);
  auto& impl = s3.impl();
  const std::shared_lock bucket_stays(impl.buckets);
  impl.require_bucket(input.Bucket);
  const auto alone = impl.keys.lock(row_key(input.Bucket, input.Key));
  storage::Batch batch;
  remove(impl, input.Bucket, input.Key,
         {input.IfMatch, input.IfMatchLastModifiedTime, input.IfMatchSize}, batch);
  if (!batch.empty()) impl.store.commit(std::move(batch), {});
  return {};
}

// All keys go in one transaction; a key that is refused is an entry of the answer.
api::DeleteObjectsOutput delete_objects(S3& s3, Call& call, const api::DeleteObjectsInput& input) {
  verify_body(call);
  const auto& asked = input.Delete.Objects;
  if (asked.empty() || asked.size() > kMostKeys) throw malformed_xml();
  auto& impl = s3.impl();
  std::vector<std::string> rows;
  for (const auto& one : asked) rows.push_back(row_key(input.Bucket, one.Key));

  const std::shared_lock bucket_stays(impl.buckets);
  impl.require_bucket(input.Bucket);
  const auto alone = impl.keys.lock_all(rows);
  api::DeleteObjectsOutput output;
  storage::Batch batch;
  for (const auto& one : asked) {
    try {
      check_version(one.VersionId);
      remove(impl, input.Bucket, one.Key, {one.ETag, one.LastModifiedTime, one.Size}, batch);
    } catch (const AwsError& error) {
      report(output, one, error);
      continue;
    }
    if (input.Delete.Quiet.value_or(false)) continue;
    if (!output.Deleted) output.Deleted.emplace();
    auto& deleted = output.Deleted->emplace_back();
    deleted.Key = one.Key;
    deleted.VersionId = one.VersionId;
  }
  if (!batch.empty()) impl.store.commit(std::move(batch), {});
  return output;
}

}  // namespace engine::s3
