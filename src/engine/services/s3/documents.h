// The documents of a bucket (policy, lifecycle, …): each the JSON of the shape that was put, or text.
#pragma once

#include "engine/protocol/json.h"
#include "engine/services/s3/state.h"

#include <optional>
#include <string>
#include <string_view>

namespace engine::s3 {

/// Names of documents, part of the catalog's keys.
namespace document {
inline constexpr std::string_view kCors = "cors";
inline constexpr std::string_view kEncryption = "encryption";
inline constexpr std::string_view kLifecycle = "lifecycle";
inline constexpr std::string_view kNotification = "notification";
inline constexpr std::string_view kOwnership = "ownership";
inline constexpr std::string_view kPolicy = "policy";
inline constexpr std::string_view kPublicAccessBlock = "public-access-block";
inline constexpr std::string_view kTagging = "tagging";
inline constexpr std::string_view kVersioning = "versioning";
}  // namespace document

/// Each throws NoSuchBucket.
void put_document(S3& s3, std::string_view bucket, std::string_view kind, std::string_view text);
std::optional<std::string> find_document(S3& s3, std::string_view bucket, std::string_view kind);
void delete_document(S3& s3, std::string_view bucket, std::string_view kind);

/// The row of a document in a batch, for a bucket that is being made.
void add_document(storage::Batch& batch, std::string_view bucket, std::string_view kind,
                  std::string_view text);

/// Compares a request's body with its Content-MD5 and x-amz-checksum-* headers.
void verify_body(const Call& call);

}  // namespace engine::s3
