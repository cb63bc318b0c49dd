// PutObject.
#include "engine/services/s3/names.h"
#include "engine/services/s3/objects.h"
#include "engine/services/s3/operations.h"
#include "engine/services/s3/tags.h"
#include "lib/base/encoding.h"

namespace engine::s3 {

api::PutObjectOutput put_object(S3& s3, Call& call, const api::PutObjectInput& input) {
  auto& impl = s3.impl();
  impl.require_bucket(input.Bucket);
  check_key(input.Key);
  refuse_what_we_cannot(s3, input);
  if (input.WriteOffsetBytes) throw not_implemented("x-amz-write-offset-bytes");

  ObjectInfo draft = draft_of(input);
  if (input.Tagging) draft.tags = parse_tagging(*input.Tagging);

  const http::Body body = input.Body.value_or(http::Body());
  check_size(body);
  const auto given = given_checksums(input);
  auto found = digest(body, wanted_algorithms(given, checksum_named(call, input.ChecksumAlgorithm)));
  verify(found, given, input.ContentMD5);
  draft.etag = base::to_hex(found.md5);
  draft.checksums = std::move(found.checksums);

  const auto object =
      impl.put(input.Bucket, std::move(draft), body, {input.IfMatch, input.IfNoneMatch}, {});
  api::PutObjectOutput output;
  output.ETag = wire_etag(object.etag);
  set_checksums(output, object.checksums);
  output.ChecksumType = "FULL_OBJECT";
  set_encryption(output, object);
  return output;
}

}  // namespace engine::s3
