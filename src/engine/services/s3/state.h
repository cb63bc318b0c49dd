// What the operations of S3 share: the tables, the locks, and the one way an object comes to be.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/s3/checksums.h"
#include "engine/services/s3/row.h"
#include "engine/services/s3/s3.h"

#include <array>
#include <functional>
#include <mutex>
#include <shared_mutex>

namespace engine::s3 {

// Tables. Documents and uploads are keyed by "<bucket>\0…" like the objects, so that a bucket's go
// with it.
inline constexpr std::string_view kBuckets = "s3/buckets";      ///< bucket → {"created":<ms>}
inline constexpr std::string_view kObjects = "s3/objects";      ///< bucket\0key → to_row(ObjectInfo)
inline constexpr std::string_view kDocuments = "s3/documents";  ///< bucket\0kind → the document
inline constexpr std::string_view kUploads = "s3/uploads";      ///< bucket\0key\0id → to_row(Upload)
inline constexpr std::string_view kParts = "s3/parts";          ///< id/00001 → to_row(UploadedPart)

/// Some mutexes over many names: two names may share one, a name always has the same.
class Stripes {
 public:
  std::unique_lock<std::mutex> lock(std::string_view name);
  /// Locks all of them, in the order of the mutexes, so that nobody waits in a circle.
  std::vector<std::unique_lock<std::mutex>> lock_all(const std::vector<std::string>& names);

 private:
  std::array<std::mutex, 64> mutexes_;
};

/// What must hold of the object a write replaces.
struct WriteConditions {
  std::optional<std::string> if_match, if_none_match;
};

/// Bytes [begin, begin + size) of a body.
struct Span {
  std::uint64_t begin = 0, size = 0;
};

/// An object and bytes of that very version.
struct Opened {
  ObjectInfo object;
  http::Body body;
};

/// The locks' order: an upload, then `buckets`, then keys.
struct S3::Impl {
  Context& context;
  storage::ObjectStore& store;
  std::function<void(std::string_view)> check_policy = {};  ///< of a bucket; see policy.h
  mutable std::shared_mutex buckets;  ///< held shared while a bucket must stay
  Stripes keys;                       ///< held from reading an object's row to committing its successor
  Stripes uploads;

  storage::Catalog& catalog() const { return context.catalog; }
  /// Now, in whole seconds.
  Timestamp now() const;

  void require_bucket(std::string_view bucket) const;  ///< or NoSuchBucket
  std::optional<ObjectInfo> find(std::string_view bucket, std::string_view key) const;

  /// Makes `draft` (its etag and checksums known) the object of its key, with that body, if
  /// `conditions` hold. Durable with `with` when it returns.
  ObjectInfo put(std::string_view bucket, ObjectInfo draft, http::Body body,
                 const WriteConditions& conditions, storage::Batch with);

  /// The object as it is now and the span of it that `choose` wants; `choose` may throw, and may be
  /// asked again when another version takes the object's place meanwhile. Throws NoSuchKey.
  Opened open(std::string_view bucket, std::string_view key,
              const std::function<Span(const ObjectInfo&)>& choose) const;

  /// Reads, changes and writes an object's row; its bytes stay. Throws NoSuchKey.
  ObjectInfo change(std::string_view bucket, std::string_view key,
                    const std::function<void(ObjectInfo&)>& use);

  void make_bucket(std::string_view bucket, storage::Batch documents);
  /// A folder for bodies that are put together.
  std::string scratch() const;
};

/// Walks the rows of a table whose keys start with `scope` ("bucket\0"), rolling those that share
/// a prefix up to the delimiter into one, which is skipped whole. `row` and `common_prefix` get keys
/// without the scope; at most `limit` of both together. `next` is where to go on when truncated.
struct Walk {
  std::string_view table, scope, prefix, delimiter, after;
  std::size_t limit = 1000;
};
struct WalkEnd {
  bool truncated = false;
  std::string next;
};
WalkEnd walk(const storage::Catalog& catalog, const Walk& query,
             const std::function<void(std::string_view key, std::string_view value)>& row,
             const std::function<void(std::string prefix)>& common_prefix);

/// Greater than every key that starts with `prefix`: keys are UTF-8, which has no byte FF.
inline std::string past_prefix(std::string_view prefix) { return std::string(prefix) + '\xff'; }

/// The id S3 knows the account by.
std::string canonical_id(const Context& context);

/// `"abc"`, as the wire has it.
inline std::string wire_etag(std::string_view etag) {
  std::string text = "\"";
  return text.append(etag).append("\"");
}
/// Whether an If-Match or If-None-Match (a list, or *) names the etag.
bool etag_matches(std::string_view condition, std::string_view etag);

}  // namespace engine::s3
