// What the operations on objects share: headers, conditions, ranges, copy sources.
#include "engine/services/s3/objects.h"

#include "engine/services/s3/documents.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <charconv>

namespace engine::s3 {
namespace {

std::string header_or(const ObjectInfo& object, const char* header, const char* otherwise) {
  const auto found = object.headers.find(header);
  return found == object.headers.end() ? otherwise : found->second;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// HTTP's dates have seconds.
bool later(Timestamp a, Timestamp b) {
  return std::chrono::floor<std::chrono::seconds>(a) > std::chrono::floor<std::chrono::seconds>(b);
}

}  // namespace

void check_version(const std::optional<std::string>& version) {
  if (version && *version != "null") {
    throw invalid_argument("Invalid version id specified", "versionId", *version);
  }
}

std::string storage_class(const ObjectInfo& object) {
  return header_or(object, "x-amz-storage-class", "STANDARD");
}

void check_storage_class(const std::optional<std::string>& given) {
  constexpr std::string_view kKnown[] = {
      "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA",
      "GLACIER",  "DEEP_ARCHIVE",       "GLACIER_IR",  "INTELLIGENT_TIERING"};
  if (!given || given->empty()) return;
  if (std::find(std::begin(kKnown), std::end(kKnown), *given) == std::end(kKnown)) {
    throw invalid_storage_class(*given);
  }
}

std::string encryption(const ObjectInfo& object) {
  return header_or(object, "x-amz-server-side-encryption", "AES256");
}

void check_metadata(const std::map<std::string, std::string>& metadata) {
  std::size_t size = 0;
  for (const auto& [name, value] : metadata) size += name.size() + value.size();
  if (size > 2048) throw metadata_too_large(size);
}

std::string without_aws_chunked(std::string_view content_encoding) {
  std::string kept;
  while (!content_encoding.empty()) {
    const auto comma = content_encoding.find(',');
    const auto one = base::trim(content_encoding.substr(0, comma));
    content_encoding = comma == content_encoding.npos ? "" : content_encoding.substr(comma + 1);
    if (one.empty() || base::iequals(one, "aws-chunked")) continue;
    if (!kept.empty()) kept += ",";
    kept += one;
  }
  return kept;
}

void check_acl(S3& s3, std::string_view bucket, const std::optional<std::string>& acl, bool grants) {
  const bool harmless = !acl || acl->empty() || *acl == "private" || acl->starts_with("bucket-owner-");
  if (harmless && !grants) return;
  const auto text = find_document(s3, bucket, document::kOwnership);
  if (!text) return;
  const auto controls = from_json<api::OwnershipControls>(*text);
  if (!controls.Rules.empty() && controls.Rules.front().ObjectOwnership == "BucketOwnerEnforced") {
    throw acl_not_supported();
  }
}

std::optional<std::string> checksum_named(const Call& call,
                                          const std::optional<std::string>& algorithm) {
  if (algorithm && !algorithm->empty()) return algorithm;
  constexpr std::string_view kPrefix = "x-amz-checksum-";
  std::string name = base::to_lower(base::trim(call.request.headers.get("x-amz-trailer")));
  if (!name.starts_with(kPrefix)) return std::nullopt;
  return to_upper(name.substr(kPrefix.size()));
}

// RFC 9110, 13.2.2: an etag that is named outweighs the date beside it.
bool not_modified(const ReadConditions& conditions, const ObjectInfo& object) {
  if (conditions.if_match) {
    if (!etag_matches(*conditions.if_match, object.etag)) throw precondition_failed("If-Match");
  } else if (conditions.if_unmodified_since &&
             later(object.last_modified, *conditions.if_unmodified_since)) {
    throw precondition_failed("If-Unmodified-Since");
  }
  if (conditions.if_none_match) return etag_matches(*conditions.if_none_match, object.etag);
  return conditions.if_modified_since &&
         !later(object.last_modified, *conditions.if_modified_since);
}

std::optional<Span> parse_range(std::string_view range, std::uint64_t total) {
  std::string_view text = base::trim(range);
  if (!text.starts_with("bytes=")) return std::nullopt;
  text.remove_prefix(6);
  const auto dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto first = number(base::trim(text.substr(0, dash)));
  const auto last = number(base::trim(text.substr(dash + 1)));
  const bool has_last = dash + 1 < text.size();
  if (dash == 0) {
    if (!last) return std::nullopt;
    if (*last == 0 || total == 0) throw invalid_range(range, total);
    const auto size = std::min(*last, total);
    return Span{total - size, size};
  }
  if (!first || (has_last && !last) || (last && *last < *first)) return std::nullopt;
  if (*first >= total) throw invalid_range(range, total);
  const auto end = last ? std::min(*last, total - 1) + 1 : total;
  return Span{*first, end - *first};
}

Span part_span(const ObjectInfo& object, std::int64_t number) {
  if (object.parts.empty() && number == 1) return {0, object.size};
  std::uint64_t begin = 0;
  std::int64_t at = 0;
  // Parts are asked for by their place, whatever numbers they were uploaded under.
  for (const auto& part : object.parts) {
    if (++at == number) return {begin, part.size};
    begin += part.size;
  }
  throw invalid_part_number();
}

CopySource parse_copy_source(std::string_view header) {
  std::string source(header);
  if (const auto query = source.find("?versionId="); query != source.npos) {
    check_version(source.substr(query + 11));
    source.erase(query);
  }
  source = base::percent_decode(source);
  if (source.starts_with('/')) source.erase(0, 1);
  const auto slash = source.find('/');
  if (slash == source.npos || slash == 0 || slash + 1 == source.size()) {
    throw invalid_argument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                           "x-amz-copy-source", header);
  }
  return {source.substr(0, slash), source.substr(slash + 1)};
}

namespace {

// Unlike GetObject's, this range must have both ends, and both inside.
Span copy_range(const std::string& range, std::uint64_t total) {
  const auto span = parse_range(range, total);
  const auto dash = range.find('-');
  if (!span || dash == 6 || dash + 1 == range.size()) {
    throw invalid_argument(
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last "
        "are the zero-based offsets of the first and last bytes to copy",
        "x-amz-copy-source-range", range);
  }
  const auto last = number(base::trim(std::string_view(range).substr(dash + 1)));
  if (last.value_or(total) >= total) {
    throw invalid_argument(
        fmt::format("Range specified is not valid for source object of size: {}", total),
        "x-amz-copy-source-range", range);
  }
  return *span;
}

}  // namespace

// A source that was not modified is a failed condition: a copy has no 304.
Opened open_copy_source(S3& s3, const CopySource& source, const ReadConditions& conditions,
                        const std::optional<std::string>& range) {
  return s3.impl().open(source.bucket, source.key, [&](const ObjectInfo& object) {
    if (not_modified(conditions, object)) {
      throw precondition_failed(conditions.if_none_match ? "x-amz-copy-source-If-None-Match"
                                                         : "x-amz-copy-source-If-Modified-Since");
    }
    return range ? copy_range(*range, object.size) : Span{0, object.size};
  });
}

void check_size(const http::Body& body) {
  constexpr std::uint64_t kMost = std::uint64_t{5} << 30;
  if (body.size() > kMost) throw entity_too_large(body.size(), kMost);
}

}  // namespace engine::s3
