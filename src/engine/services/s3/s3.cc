// S3 as other services see it: buckets and objects.
#include "engine/services/s3/s3.h"

#include "engine/services/s3/errors.h"
#include "engine/services/s3/names.h"
#include "engine/services/s3/state.h"

#include <filesystem>

namespace engine::s3 {
namespace {

void remove_rows(storage::Catalog& catalog, std::string_view table, std::string_view prefix,
                 storage::Batch& batch) {
  for (const auto& row : catalog.scan(table, prefix)) batch.remove(table, row.key);
}

// The parts of a bucket's unfinished uploads, and the uploads.
void remove_uploads(const S3::Impl& impl, std::string_view scope, storage::Batch& batch) {
  for (const auto& upload : impl.catalog().scan(kUploads, scope)) {
    const std::string id = upload.key.substr(upload.key.rfind('\0') + 1);
    for (const auto& part : impl.catalog().scan(kParts, id + "/")) {
      impl.store.remove(part_of_row(part.value).location, batch);
      batch.remove(kParts, part.key);
    }
    batch.remove(kUploads, upload.key);
  }
}

}  // namespace

S3::S3(Context& context, storage::ObjectStore& store) : impl_(new Impl{context, store}) {
  // What a crash left of bodies that were being put together.
  if (!context.data.empty()) {
    for (const auto& file : std::filesystem::directory_iterator(impl_->scratch())) {
      if (file.is_regular_file()) std::filesystem::remove(file.path());
    }
  }
}
S3::~S3() = default;

void S3::create_bucket(std::string_view name) { impl_->make_bucket(name, {}); }

bool S3::has_bucket(std::string_view name) const {
  return impl_->catalog().get(kBuckets, name).has_value();
}

void S3::delete_bucket(std::string_view name) {
  const std::unique_lock alone(impl_->buckets);
  impl_->require_bucket(name);
  const std::string scope = row_key(name, "");
  if (impl_->catalog().seek(kObjects, scope, scope)) throw bucket_not_empty(name);
  storage::Batch batch;
  batch.remove(kBuckets, name);
  remove_rows(impl_->catalog(), kDocuments, scope, batch);
  remove_uploads(*impl_, scope, batch);
  impl_->store.commit(std::move(batch), {});
}

std::optional<ObjectInfo> S3::find_object(std::string_view bucket, std::string_view key) const {
  auto object = impl_->find(bucket, key);
  if (!object) impl_->require_bucket(bucket);
  return object;
}

ObjectInfo S3::object(std::string_view bucket, std::string_view key) const {
  auto object = find_object(bucket, key);
  if (!object) throw no_such_key(key);
  return std::move(*object);
}

http::Body S3::body(const ObjectInfo& object) const { return body(object, 0, object.size); }

http::Body S3::body(const ObjectInfo& object, std::uint64_t offset, std::uint64_t size) const {
  if (size == 0) return {};
  return impl_->store.open(object.location, offset, size);
}

std::string S3::path(const ObjectInfo& object) const { return impl_->store.path(object.location); }

ListPage S3::list_objects(std::string_view bucket, const ListQuery& query) const {
  impl_->require_bucket(bucket);
  const std::string scope = row_key(bucket, "");
  ListPage page;
  auto end = walk(
      impl_->catalog(),
      {kObjects, scope, query.prefix, query.delimiter, query.after, query.max_keys},
      [&](std::string_view key, std::string_view row) {
        page.objects.push_back(object_of_row(key, row));
      },
      [&](std::string prefix) { page.common_prefixes.push_back(std::move(prefix)); });
  page.truncated = end.truncated;
  page.next = std::move(end.next);
  return page;
}

std::vector<ObjectInfo> S3::all_objects(std::string_view bucket, std::string_view prefix) const {
  ListQuery query;
  query.prefix = prefix;
  query.max_keys = SIZE_MAX - 1;
  return list_objects(bucket, query).objects;
}

void S3::delete_object(std::string_view bucket, std::string_view key) {
  const std::string row = row_key(bucket, key);
  const std::shared_lock bucket_stays(impl_->buckets);
  impl_->require_bucket(bucket);
  const auto alone = impl_->keys.lock(row);
  const auto object = impl_->find(bucket, key);
  if (!object) return;
  storage::Batch batch;
  batch.remove(kObjects, row);
  impl_->store.remove(object->location, batch);
  impl_->store.commit(std::move(batch), {});
}

}  // namespace engine::s3
