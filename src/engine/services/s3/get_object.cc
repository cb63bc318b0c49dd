// GetObject and HeadObject: one object's bytes and what is known of it.
#include "engine/services/s3/objects.h"
#include "engine/services/s3/operations.h"
#include "lib/base/time_text.h"

namespace engine::s3 {
namespace {

/// What of the object is asked for.
struct Wanted {
  Span span;
  bool partial = false;
};

template <class Input>
Wanted wanted(const ObjectInfo& object, const Input& input) {
  if (input.PartNumber) {
    if (input.Range) throw invalid_request("Cannot specify both Range header and partNumber query parameter");
    return {part_span(object, *input.PartNumber), true};
  }
  if (input.Range) {
    if (const auto span = parse_range(*input.Range, object.size)) return {*span, true};
  }
  return {{0, object.size}, false};
}

ReadConditions conditions_of(const auto& input) {
  return {input.IfMatch, input.IfNoneMatch, input.IfModifiedSince, input.IfUnmodifiedSince};
}

template <class Output>
void set_response_overrides(Output& output, const auto& input) {
  if (input.ResponseCacheControl) output.CacheControl = input.ResponseCacheControl;
  if (input.ResponseContentDisposition) output.ContentDisposition = input.ResponseContentDisposition;
  if (input.ResponseContentEncoding) output.ContentEncoding = input.ResponseContentEncoding;
  if (input.ResponseContentLanguage) output.ContentLanguage = input.ResponseContentLanguage;
  if (input.ResponseContentType) output.ContentType = input.ResponseContentType;
  if (input.ResponseExpires) output.Expires = base::to_http_date(*input.ResponseExpires);
}

template <class Output>
void describe(Output& output, const ObjectInfo& object) {
  output.AcceptRanges = "bytes";
  output.LastModified = object.last_modified;
  output.ETag = wire_etag(object.etag);
  output.ContentType = object.content_type;
  each_header(output, [&](const char* header, std::optional<std::string>& member) {
    if (const auto found = object.headers.find(header); found != object.headers.end()) {
      member = found->second;
    }
  });
  output.ServerSideEncryption = encryption(object);
  if (output.StorageClass == "STANDARD") output.StorageClass.reset();
  output.Metadata = object.metadata;
  if (!object.tags.empty()) output.TagCount = static_cast<std::int64_t>(object.tags.size());
}

/// Everything of the answer but the bytes.
template <class Output>
Output answer(Call& call, const ObjectInfo& object, const auto& input, const Wanted& wanted) {
  Output output;
  describe(output, object);
  set_response_overrides(output, input);
  output.ContentLength = static_cast<std::int64_t>(wanted.span.size);
  if (wanted.partial) {
    call.status = 206;
    if (wanted.span.size > 0) {
      output.ContentRange = fmt::format("bytes {}-{}/{}", wanted.span.begin,
                                        wanted.span.begin + wanted.span.size - 1, object.size);
    }
    if (input.PartNumber && !object.parts.empty()) {
      output.PartsCount = static_cast<std::int64_t>(object.parts.size());
    }
  }
  // A checksum says nothing of a piece.
  if (input.ChecksumMode == "ENABLED" && wanted.span.size == object.size) {
    set_checksums(output, object.checksums);
    if (!object.checksums.empty()) {
      output.ChecksumType = object.composite_checksum ? "COMPOSITE" : "FULL_OBJECT";
    }
  }
  return output;
}

template <class Output>
Output answer_not_modified(Call& call, const ObjectInfo& object) {
  call.status = 304;
  Output output;
  output.ETag = wire_etag(object.etag);
  output.LastModified = object.last_modified;
  return output;
}

}  // namespace

api::GetObjectOutput get_object(S3& s3, Call& call, const api::GetObjectInput& input) {
  check_version(input.VersionId);
  Wanted found;
  bool unchanged = false;
  auto [object, body] = s3.impl().open(input.Bucket, input.Key, [&](const ObjectInfo& now) {
    unchanged = not_modified(conditions_of(input), now);
    found = unchanged ? Wanted() : wanted(now, input);
    return found.span;
  });
  if (unchanged) return answer_not_modified<api::GetObjectOutput>(call, object);
  auto output = answer<api::GetObjectOutput>(call, object, input, found);
  output.Body = std::move(body);
  return output;
}

api::HeadObjectOutput head_object(S3& s3, Call& call, const api::HeadObjectInput& input) {
  check_version(input.VersionId);
  const auto object = s3.object(input.Bucket, input.Key);
  if (not_modified(conditions_of(input), object)) {
    return answer_not_modified<api::HeadObjectOutput>(call, object);
  }
  return answer<api::HeadObjectOutput>(call, object, input, wanted(object, input));
}

}  // namespace engine::s3
