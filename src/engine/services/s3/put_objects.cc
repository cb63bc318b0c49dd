// Objects put by other services: one, or several that come into being together.
#include "engine/services/s3/names.h"
#include "engine/services/s3/state.h"
#include "lib/base/encoding.h"

namespace engine::s3 {
namespace {

ObjectInfo draft_of(const NewObject& object) {
  check_key(object.key);
  auto found = digest(object.body, wanted_algorithms({}, std::nullopt));
  ObjectInfo draft;
  draft.key = object.key;
  draft.etag = base::to_hex(found.md5);
  draft.content_type = object.options.content_type;
  draft.headers = object.options.headers;
  draft.metadata = object.options.metadata;
  draft.checksums = std::move(found.checksums);
  return draft;
}

}  // namespace

ObjectInfo S3::put_object(std::string_view bucket, std::string_view key, http::Body body,
                          PutOptions options, storage::Batch with) {
  std::vector<NewObject> one;
  one.push_back({std::string(bucket), std::string(key), std::move(body), std::move(options)});
  return std::move(put_objects(std::move(one), std::move(with)).front());
}

std::vector<ObjectInfo> S3::put_objects(std::vector<NewObject> objects, storage::Batch with) {
  // Before the work of staging; the answer that counts comes under the lock.
  for (const auto& object : objects) impl_->require_bucket(object.bucket);
  std::vector<ObjectInfo> drafts;
  std::vector<storage::StagedBody> staged;
  std::vector<std::string> rows;
  for (auto& object : objects) {
    drafts.push_back(draft_of(object));
    staged.push_back(impl_->store.stage(std::move(object.body)));
    rows.push_back(row_key(object.bucket, object.key));
  }

  const std::shared_lock buckets_stay(impl_->buckets);
  const auto alone = impl_->keys.lock_all(rows);
  storage::Batch batch;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const auto& [bucket, key, body, options] = objects[i];
    impl_->require_bucket(bucket);
    const auto before = impl_->find(bucket, key);
    auto placed = impl_->store.place(staged[i], bucket, key, before ? before->location : "");
    drafts[i].size = staged[i].size();
    drafts[i].last_modified = impl_->now();
    drafts[i].location = std::move(placed.location);
    batch.append(std::move(placed.batch));
    batch.put(kObjects, rows[i], to_row(drafts[i]));
  }
  batch.append(std::move(with));
  impl_->store.commit(std::move(batch), std::move(staged));
  return drafts;
}

}  // namespace engine::s3
