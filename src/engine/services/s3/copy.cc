// CopyObject.
#include "engine/services/s3/names.h"
#include "engine/services/s3/objects.h"
#include "engine/services/s3/operations.h"
#include "engine/services/s3/tags.h"
#include "lib/base/encoding.h"

namespace engine::s3 {
namespace {

bool replaces(const std::optional<std::string>& directive) { return directive == "REPLACE"; }

void check_directive(const std::optional<std::string>& directive, const char* header) {
  if (directive && *directive != "COPY" && *directive != "REPLACE") {
    throw invalid_argument("Unknown metadata directive.", header, *directive);
  }
}

// A copy onto itself must change something that stands beside the bytes.
void check_changes_something(const api::CopyObjectInput& input, const CopySource& source) {
  if (source.bucket != input.Bucket || source.key != input.Key) return;
  if (replaces(input.MetadataDirective) || input.StorageClass || input.ServerSideEncryption ||
      input.WebsiteRedirectLocation) {
    return;
  }
  throw invalid_request(
      "This copy request is illegal because it is trying to copy an object to itself without changing "
      "the object's metadata, storage class, website redirect location or encryption attributes.");
}

// Storage class, encryption and redirect are never copied: they are the new object's own.
ObjectInfo draft_of_copy(const api::CopyObjectInput& input, const ObjectInfo& source) {
  ObjectInfo draft = draft_of(input);
  if (!replaces(input.MetadataDirective)) {
    draft.content_type = source.content_type;
    draft.metadata = source.metadata;
    for (const char* header : {"Cache-Control", "Content-Disposition", "Content-Encoding",
                               "Content-Language", "Expires"}) {
      draft.headers.erase(header);
      if (const auto found = source.headers.find(header); found != source.headers.end()) {
        draft.headers.insert(*found);
      }
    }
  }
  draft.tags = source.tags;
  if (replaces(input.TaggingDirective)) draft.tags = parse_tagging(input.Tagging.value_or(""));
  return draft;
}

// The algorithms of the source go on, unless the request names one.
std::vector<std::string> algorithms_of_copy(const api::CopyObjectInput& input,
                                            const ObjectInfo& source) {
  if (input.ChecksumAlgorithm) return wanted_algorithms({}, input.ChecksumAlgorithm);
  return wanted_algorithms(source.checksums, std::nullopt);
}

}  // namespace

api::CopyObjectOutput copy_object(S3& s3, Call&, const api::CopyObjectInput& input) {
  auto& impl = s3.impl();
  impl.require_bucket(input.Bucket);
  check_key(input.Key);
  refuse_what_we_cannot(s3, input);
  check_directive(input.MetadataDirective, "x-amz-metadata-directive");
  check_directive(input.TaggingDirective, "x-amz-tagging-directive");
  const auto from = parse_copy_source(input.CopySource);
  const auto [source, body] = open_copy_source(s3, input, std::nullopt);
  check_changes_something(input, from);

  ObjectInfo draft = draft_of_copy(input, source);
  check_size(body);
  auto found = digest(body, algorithms_of_copy(input, source));
  draft.etag = base::to_hex(found.md5);
  draft.checksums = std::move(found.checksums);
  const auto object =
      impl.put(input.Bucket, std::move(draft), body, {input.IfMatch, input.IfNoneMatch}, {});

  api::CopyObjectOutput output;
  set_encryption(output, object);
  auto& result = output.CopyObjectResult.emplace();
  result.ETag = wire_etag(object.etag);
  result.LastModified = object.last_modified;
  result.ChecksumType = "FULL_OBJECT";
  set_checksums(result, object.checksums);
  return output;
}

}  // namespace engine::s3
