// What the operations of S3 share: the locks, and the one way an object comes to be.
#include "engine/services/s3/state.h"

#include "engine/services/s3/errors.h"
#include "engine/services/s3/names.h"
#include "engine/storage/error.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <filesystem>
#include <set>

namespace engine::s3 {
namespace {

std::size_t stripe_of(std::string_view name, std::size_t stripes) {
  return std::hash<std::string_view>{}(name) % stripes;
}

// A condition on an object that isn't there: If-Match says NoSuchKey, as S3 does.
void check(const WriteConditions& conditions, const std::optional<ObjectInfo>& before,
           std::string_view key) {
  if (conditions.if_none_match && before && etag_matches(*conditions.if_none_match, before->etag)) {
    throw precondition_failed("If-None-Match");
  }
  if (!conditions.if_match) return;
  if (!before) throw no_such_key(key);
  if (!etag_matches(*conditions.if_match, before->etag)) throw precondition_failed("If-Match");
}

}  // namespace

std::unique_lock<std::mutex> Stripes::lock(std::string_view name) {
  return std::unique_lock(mutexes_[stripe_of(name, mutexes_.size())]);
}

std::vector<std::unique_lock<std::mutex>> Stripes::lock_all(const std::vector<std::string>& names) {
  std::set<std::size_t> wanted;
  for (const auto& name : names) wanted.insert(stripe_of(name, mutexes_.size()));
  std::vector<std::unique_lock<std::mutex>> locks;
  for (const auto stripe : wanted) locks.emplace_back(mutexes_[stripe]);
  return locks;
}

Timestamp S3::Impl::now() const {
  return std::chrono::floor<std::chrono::seconds>(context.clock.now());
}

void S3::Impl::require_bucket(std::string_view bucket) const {
  if (!catalog().get(kBuckets, bucket)) throw no_such_bucket(bucket);
}

std::optional<ObjectInfo> S3::Impl::find(std::string_view bucket, std::string_view key) const {
  const auto row = catalog().get(kObjects, row_key(bucket, key));
  if (!row) return std::nullopt;
  return object_of_row(key, *row);
}

ObjectInfo S3::Impl::put(std::string_view bucket, ObjectInfo draft, http::Body body,
                         const WriteConditions& conditions, storage::Batch with) {
  check_key(draft.key);
  require_bucket(bucket);  // before the work of staging; the answer that counts comes below
  std::vector<storage::StagedBody> staged;
  staged.push_back(store.stage(std::move(body)));

  const std::string row = row_key(bucket, draft.key);
  const std::shared_lock bucket_stays(buckets);
  require_bucket(bucket);
  const auto alone = keys.lock(row);
  const auto before = find(bucket, draft.key);
  check(conditions, before, draft.key);

  auto placed = store.place(staged.front(), bucket, draft.key, before ? before->location : "");
  draft.size = staged.front().size();
  draft.last_modified = now();
  draft.location = std::move(placed.location);
  storage::Batch batch = std::move(placed.batch);
  batch.put(kObjects, row, to_row(draft));
  batch.append(std::move(with));
  store.commit(std::move(batch), std::move(staged));
  return draft;
}

Opened S3::Impl::open(std::string_view bucket, std::string_view key,
                      const std::function<Span(const ObjectInfo&)>& choose) const {
  while (true) {
    auto object = find(bucket, key);
    if (!object) {
      require_bucket(bucket);
      throw no_such_key(key);
    }
    const Span span = choose(*object);
    if (span.size == 0) return {std::move(*object), {}};
    try {
      auto body = store.open(object->location, span.begin, span.size);
      return {std::move(*object), std::move(body)};
    } catch (const storage::StorageError&) {
      const auto now = find(bucket, key);
      if (now && now->location == object->location) throw;
    }
  }
}

ObjectInfo S3::Impl::change(std::string_view bucket, std::string_view key,
                            const std::function<void(ObjectInfo&)>& use) {
  const std::string row = row_key(bucket, key);
  const std::shared_lock bucket_stays(buckets);
  require_bucket(bucket);
  const auto alone = keys.lock(row);
  auto object = find(bucket, key);
  if (!object) throw no_such_key(key);
  use(*object);
  storage::Batch batch;
  batch.put(kObjects, row, to_row(*object));
  catalog().commit(std::move(batch));
  return *object;
}

void S3::Impl::make_bucket(std::string_view bucket, storage::Batch documents) {
  check_bucket_name(bucket);
  const std::unique_lock alone(buckets);
  if (catalog().get(kBuckets, bucket)) throw bucket_already_owned_by_you(bucket);
  storage::Batch batch;
  batch.put(kBuckets, bucket,
            fmt::format("{{\"created\":{}}}", now().time_since_epoch().count()));
  batch.append(std::move(documents));
  catalog().commit(std::move(batch));
}

std::string S3::Impl::scratch() const {
  const auto folder = std::filesystem::path(context.data) / "s3";
  std::filesystem::create_directories(folder);
  return folder.string();
}

std::string canonical_id(const Context& context) {
  return base::to_hex(base::sha256("canonical user " + context.account));
}

bool etag_matches(std::string_view condition, std::string_view etag) {
  while (!condition.empty()) {
    const auto comma = condition.find(',');
    std::string_view one = base::trim(condition.substr(0, comma));
    condition = comma == condition.npos ? std::string_view() : condition.substr(comma + 1);
    if (one == "*") return true;
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one.size() >= 2 && one.front() == '"' && one.back() == '"') one = one.substr(1, one.size() - 2);
    if (one == etag) return true;
  }
  return false;
}

}  // namespace engine::s3
