// What the operations on objects share: headers in and out, conditions, ranges, copy sources.
#pragma once

#include "engine/models/s3.h"
#include "engine/services/s3/errors.h"
#include "engine/services/s3/state.h"

#include <optional>
#include <string>
#include <string_view>

namespace engine::s3 {

/// Objects have one version, named "null". Throws InvalidArgument for any other.
void check_version(const std::optional<std::string>& version);

/// Calls `use(header, member)` for the members that are kept as given and given back. They have the
/// same names in the shapes of PutObject, CreateMultipartUpload, CopyObject, GetObject and HeadObject.
template <class Shape, class F>
void each_header(Shape& shape, F&& use) {
  use("Cache-Control", shape.CacheControl);
  use("Content-Disposition", shape.ContentDisposition);
  use("Content-Encoding", shape.ContentEncoding);
  use("Content-Language", shape.ContentLanguage);
  use("Expires", shape.Expires);
  use("x-amz-server-side-encryption", shape.ServerSideEncryption);
  use("x-amz-server-side-encryption-aws-kms-key-id", shape.SSEKMSKeyId);
  use("x-amz-storage-class", shape.StorageClass);
  use("x-amz-website-redirect-location", shape.WebsiteRedirectLocation);
}

/// The storage class and encryption an object was put with, as answers carry them. STANDARD is not said.
/// Deviation: nothing is encrypted at rest.
std::string storage_class(const ObjectInfo& object);
std::string encryption(const ObjectInfo& object);

/// Throws MetadataTooLarge.
void check_metadata(const std::map<std::string, std::string>& metadata);
/// aws-chunked tells of the transfer, not of the object.
std::string without_aws_chunked(std::string_view content_encoding);

/// An object to be, from the request that makes it: everything but its bytes.
template <class Input>
ObjectInfo draft_of(const Input& input) {
  ObjectInfo draft;
  draft.key = input.Key;
  if (input.ContentType && !input.ContentType->empty()) draft.content_type = *input.ContentType;
  each_header(input, [&](const char* header, const std::optional<std::string>& value) {
    if (value && !value->empty()) draft.headers[header] = *value;
  });
  if (const auto encoding = draft.headers.find("Content-Encoding"); encoding != draft.headers.end()) {
    encoding->second = without_aws_chunked(encoding->second);
    if (encoding->second.empty()) draft.headers.erase(encoding);
  }
  if (input.Metadata) draft.metadata = *input.Metadata;
  check_metadata(draft.metadata);
  return draft;
}

/// Throws AccessControlListNotSupported when it asks for more than the owner's ACL where ACLs are off.
/// Deviation: elsewhere ACLs are accepted and not kept.
void check_acl(S3& s3, std::string_view bucket, const std::optional<std::string>& acl, bool grants);

/// Throws InvalidStorageClass.
void check_storage_class(const std::optional<std::string>& given);

/// Throws when a new object shall have a storage class S3 doesn't know, an ACL, encryption by the client's own key, or a lock.
template <class Input>
void refuse_what_we_cannot(S3& s3, const Input& input) {
  if (input.SSECustomerAlgorithm) throw not_implemented("x-amz-server-side-encryption-customer-algorithm");
  if (input.ObjectLockMode) throw not_implemented("x-amz-object-lock-mode");
  if (input.ObjectLockLegalHoldStatus) throw not_implemented("x-amz-object-lock-legal-hold");
  check_storage_class(input.StorageClass);
  check_acl(s3, input.Bucket, input.ACL,
            input.GrantFullControl || input.GrantRead || input.GrantReadACP || input.GrantWriteACP);
}

/// The encryption of an answer that tells of a new object.
template <class Output>
void set_encryption(Output& output, const ObjectInfo& object) {
  output.ServerSideEncryption = encryption(object);
  if (const auto key = object.headers.find("x-amz-server-side-encryption-aws-kms-key-id");
      key != object.headers.end()) {
    output.SSEKMSKeyId = key->second;
  }
}

/// The checksum algorithm a request names without giving a value in its headers: by
/// x-amz-sdk-checksum-algorithm, or as a trailer to come behind the body.
std::optional<std::string> checksum_named(const Call& call, const std::optional<std::string>& algorithm);

/// If-Match and its kin of a read. Throws PreconditionFailed; true when the answer is 304.
struct ReadConditions {
  const std::optional<std::string>& if_match;
  const std::optional<std::string>& if_none_match;
  const std::optional<Timestamp>& if_modified_since;
  const std::optional<Timestamp>& if_unmodified_since;
};
bool not_modified(const ReadConditions& conditions, const ObjectInfo& object);

/// "bytes=0-99", "bytes=100-", "bytes=-5" over a body of `total` bytes. Nothing when the text is no
/// single range, which S3 ignores. Throws InvalidRange when it lies outside.
std::optional<Span> parse_range(std::string_view range, std::uint64_t total);
/// The span of one part. Throws InvalidPartNumber.
Span part_span(const ObjectInfo& object, std::int64_t number);

/// What x-amz-copy-source names.
struct CopySource {
  std::string bucket, key;
};
CopySource parse_copy_source(std::string_view header);

/// The source of a CopyObject or UploadPartCopy with the bytes of `range` ("bytes=0-9"; all without
/// one), its conditions checked.
Opened open_copy_source(S3& s3, const CopySource& source, const ReadConditions& conditions,
                        const std::optional<std::string>& range);

template <class Input>
Opened open_copy_source(S3& s3, const Input& input, const std::optional<std::string>& range) {
  return open_copy_source(s3, parse_copy_source(input.CopySource),
                          {input.CopySourceIfMatch, input.CopySourceIfNoneMatch,
                           input.CopySourceIfModifiedSince, input.CopySourceIfUnmodifiedSince},
                          range);
}

/// Throws EntityTooLarge when a body is more than one request may bring.
void check_size(const http::Body& body);

}  // namespace engine::s3
