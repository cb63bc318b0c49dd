// S3 as other services see it: buckets and objects, whole bodies in and out.
#pragma once

#include "engine/services/context.h"
#include "engine/storage/objects/store.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::s3 {

/// A part of the multipart upload that an object came from.
struct PartInfo {
  std::int64_t number = 0;
  std::uint64_t size = 0;
  std::map<std::string, std::string> checksums;
};

using Tags = std::vector<std::pair<std::string, std::string>>;

/// What is known of an object beside its bytes.
struct ObjectInfo {
  std::string key;
  std::uint64_t size = 0;
  std::string etag;  ///< without quotes: MD5 in hex, "-<parts>" behind it for a multipart upload
  Timestamp last_modified;  ///< whole seconds, as S3 keeps it
  std::string content_type = "binary/octet-stream";
  std::map<std::string, std::string> headers;   ///< Content-Encoding, x-amz-storage-class, … as given
  std::map<std::string, std::string> metadata;  ///< x-amz-meta-*, names in lower case
  std::map<std::string, std::string> checksums; ///< "CRC32" → base64
  bool composite_checksum = false;  ///< the checksums are over the parts' checksums
  Tags tags;
  std::vector<PartInfo> parts;      ///< empty unless it came by a multipart upload
  std::string upload;               ///< that upload's id
  std::string location;             ///< where the store keeps the bytes
};

struct PutOptions {
  std::string content_type = "binary/octet-stream";
  std::map<std::string, std::string> headers, metadata;
};

/// One of several objects that come into being together.
struct NewObject {
  std::string bucket, key;
  http::Body body;
  PutOptions options = {};
};

struct ListQuery {
  std::string prefix, delimiter;
  std::string after;            ///< keys greater than this
  std::size_t max_keys = 1000;
};

struct ListPage {
  std::vector<ObjectInfo> objects;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string next;             ///< `after` of the next page (not always a key)
};

/// Thread-safe. Methods throw AwsError as S3 words it (NoSuchBucket, NoSuchKey, …).
class S3 {
 public:
  S3(Context& context, storage::ObjectStore& store);
  ~S3();

  void create_bucket(std::string_view name);  ///< or BucketAlreadyOwnedByYou
  bool has_bucket(std::string_view name) const;
  void delete_bucket(std::string_view name);  ///< with its documents and unfinished uploads

  /// Stores the object durably. `with` is committed in the same transaction: this is how a delivery
  /// moves its cursor exactly when its object exists.
  ObjectInfo put_object(std::string_view bucket, std::string_view key, http::Body body,
                        PutOptions options = {}, storage::Batch with = {});
  /// The same for several objects (of different keys) and `with`: all in one transaction, or none.
  std::vector<ObjectInfo> put_objects(std::vector<NewObject> objects, storage::Batch with = {});

  std::optional<ObjectInfo> find_object(std::string_view bucket, std::string_view key) const;
  ObjectInfo object(std::string_view bucket, std::string_view key) const;  ///< or NoSuchKey
  http::Body body(const ObjectInfo& object) const;
  http::Body body(const ObjectInfo& object, std::uint64_t offset, std::uint64_t size) const;
  /// The object's file, for readers such as DuckDB. It is a plain file of the lake.
  std::string path(const ObjectInfo& object) const;

  ListPage list_objects(std::string_view bucket, const ListQuery& query) const;
  /// All objects under a prefix, over all pages.
  std::vector<ObjectInfo> all_objects(std::string_view bucket, std::string_view prefix) const;

  void delete_object(std::string_view bucket, std::string_view key);  ///< nothing when there is none

  // What the operations of this folder share beyond the above is in state.h.
  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

/// "s3://bucket/some/key" → {"bucket", "some/key"}; nothing when it isn't an S3 URI.
struct S3Uri {
  std::string bucket, key;
};
std::optional<S3Uri> parse_s3_uri(std::string_view uri);

}  // namespace engine::s3
