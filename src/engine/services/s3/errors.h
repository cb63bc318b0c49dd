// What S3 refuses, each named once.
#pragma once

#include "engine/protocol/error.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace engine::s3 {

// Buckets.
inline AwsError no_such_bucket(std::string_view bucket) {
  return {"NoSuchBucket", "The specified bucket does not exist", 404,
          {{"BucketName", std::string(bucket)}}};
}
inline AwsError invalid_bucket_name(std::string_view bucket) {
  return {"InvalidBucketName", "The specified bucket is not valid.", 400,
          {{"BucketName", std::string(bucket)}}};
}
inline AwsError bucket_already_owned_by_you(std::string_view bucket) {
  return {"BucketAlreadyOwnedByYou",
          "Your previous request to create the named bucket succeeded and you already own it.", 409,
          {{"BucketName", std::string(bucket)}}};
}
inline AwsError bucket_not_empty(std::string_view bucket) {
  return {"BucketNotEmpty", "The bucket you tried to delete is not empty", 409,
          {{"BucketName", std::string(bucket)}}};
}
inline AwsError illegal_location_constraint(std::string_view location) {
  return {"IllegalLocationConstraintException",
          fmt::format("The {} location constraint is incompatible for the region specific endpoint "
                      "this request was sent to.", location)};
}
inline AwsError invalid_location_constraint(std::string_view location) {
  return {"InvalidLocationConstraint", "The specified location-constraint is not valid", 400,
          {{"LocationConstraint", std::string(location)}}};
}
inline AwsError bucket_of_another() { return {"AccessDenied", "Access Denied", 403}; }
inline AwsError acl_not_supported() {
  return {"AccessControlListNotSupported", "The bucket does not allow ACLs"};
}

// A bucket's documents that were never put.
inline AwsError no_document(std::string_view bucket, std::string_view code,
                            std::string_view message) {
  return {std::string(code), std::string(message), 404, {{"BucketName", std::string(bucket)}}};
}
inline AwsError malformed_policy(const std::string& why) { return {"MalformedPolicy", why}; }
inline AwsError public_policy_blocked(std::string_view who, std::string_view bucket) {
  return {"AccessDenied",
          fmt::format("User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"arn:aws:s3:::{}\" because "
                      "public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.", who, bucket),
          403};
}
inline AwsError malformed_xml() {
  return {"MalformedXML",
          "The XML you provided was not well-formed or did not validate against our published schema"};
}
inline AwsError invalid_tag(const std::string& why) { return {"InvalidTag", why}; }
inline AwsError too_many_tags(std::string_view what, int limit) {
  return {"BadRequest", fmt::format("{} tags cannot be greater than {}", what, limit)};
}

// Objects.
inline AwsError no_such_key(std::string_view key) {
  return {"NoSuchKey", "The specified key does not exist.", 404, {{"Key", std::string(key)}}};
}
inline AwsError key_too_long(std::size_t size) {
  return {"KeyTooLongError", "Your key is too long", 400,
          {{"Size", std::to_string(size)}, {"MaxSizeAllowed", "1024"}}};
}
inline AwsError invalid_uri() { return {"InvalidURI", "Couldn't parse the specified URI."}; }
inline AwsError invalid_argument(const std::string& why, std::string_view name,
                                 std::string_view value) {
  return {"InvalidArgument", why, 400,
          {{"ArgumentName", std::string(name)}, {"ArgumentValue", std::string(value)}}};
}
inline AwsError invalid_request(const std::string& why) { return {"InvalidRequest", why}; }
inline AwsError precondition_failed(std::string_view condition) {
  return {"PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412,
          {{"Condition", std::string(condition)}}};
}
inline AwsError entity_too_large(std::uint64_t size, std::uint64_t most) {
  return {"EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400,
          {{"ProposedSize", std::to_string(size)}, {"MaxSizeAllowed", std::to_string(most)}}};
}
inline AwsError invalid_range(std::string_view range, std::uint64_t size) {
  return {"InvalidRange", "The requested range is not satisfiable", 416,
          {{"RangeRequested", std::string(range)}, {"ActualObjectSize", std::to_string(size)}}};
}
inline AwsError invalid_part_number() {
  return {"InvalidPartNumber", "The requested partnumber is not satisfiable", 416};
}
inline AwsError metadata_too_large(std::size_t size) {
  return {"MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400,
          {{"Size", std::to_string(size)}, {"MaxSizeAllowed", "2048"}}};
}
inline AwsError invalid_storage_class(std::string_view given) {
  return {"InvalidStorageClass", "The storage class you specified is not valid", 400,
          {{"StorageClassRequested", std::string(given)}}};
}
inline AwsError not_implemented(std::string_view header) {
  return {"NotImplemented",
          "A header you provided implies functionality that is not implemented", 501,
          {{"Header", std::string(header)}}};
}

// Digests.
inline AwsError invalid_digest() {
  return {"InvalidDigest", "The Content-MD5 you specified was invalid."};
}
inline AwsError bad_md5() {
  return {"BadDigest", "The Content-MD5 you specified did not match what we received."};
}
inline AwsError bad_checksum(std::string_view algorithm) {
  return {"BadDigest",
          fmt::format("The {} you specified did not match the calculated checksum.", algorithm)};
}
inline AwsError invalid_checksum(std::string_view header) {
  return {"InvalidRequest", fmt::format("Value for {} header is invalid.", header)};
}

// Multipart uploads.
inline AwsError no_such_upload(std::string_view id) {
  return {"NoSuchUpload",
          "The specified upload does not exist. The upload ID may be invalid, or the upload may have "
          "been aborted or completed.", 404, {{"UploadId", std::string(id)}}};
}
inline AwsError invalid_part(std::string_view upload, std::int64_t number, std::string_view etag) {
  return {"InvalidPart",
          "One or more of the specified parts could not be found.  The part may not have been "
          "uploaded, or the specified entity tag may not match the part's entity tag.", 400,
          {{"UploadId", std::string(upload)}, {"PartNumber", std::to_string(number)},
           {"ETag", std::string(etag)}}};
}
inline AwsError invalid_part_order(std::string_view upload) {
  return {"InvalidPartOrder",
          "The list of parts was not in ascending order. Parts must be ordered by part number.", 400,
          {{"UploadId", std::string(upload)}}};
}
inline AwsError entity_too_small(std::uint64_t size, std::int64_t number, std::string_view etag) {
  return {"EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400,
          {{"ProposedSize", std::to_string(size)}, {"MinSizeAllowed", "5242880"},
           {"PartNumber", std::to_string(number)}, {"ETag", std::string(etag)}}};
}

}  // namespace engine::s3
