// The rules for what a bucket and a key may be called, and the keys of the catalog made of them.
#pragma once

#include <string>
#include <string_view>

namespace engine::s3 {

/// Throws InvalidBucketName.
void check_bucket_name(std::string_view bucket);
/// Throws KeyTooLongError, or InvalidURI for a key that isn't UTF-8 or holds a zero byte.
void check_key(std::string_view key);

/// The catalog's key of an object: "<bucket>\0<key>", so that a bucket's keys stand together in order.
std::string row_key(std::string_view bucket, std::string_view key);

}  // namespace engine::s3
