// ListParts and ListMultipartUploads.
#include "engine/services/s3/listing.h"
#include "engine/services/s3/multipart.h"
#include "engine/services/s3/names.h"
#include "engine/services/s3/operations.h"

namespace engine::s3 {
namespace {

/// A row of kUploads without its bucket: "key\0id".
struct UploadName {
  std::string key, id;
};
UploadName split(std::string_view row) {
  const auto zero = row.rfind('\0');
  return {std::string(row.substr(0, zero)), std::string(row.substr(zero + 1))};
}

// Without an upload's id the marker stands for all uploads of its key.
std::string after_markers(const api::ListMultipartUploadsInput& input) {
  const std::string key = input.KeyMarker.value_or("");
  if (key.empty()) return "";
  const auto id = input.UploadIdMarker.value_or("");
  if (!id.empty()) return row_key(key, id);
  const auto after = after_marker(key, input.Prefix.value_or(""), input.Delimiter.value_or(""));
  return after == key ? past_prefix(row_key(key, "")) : after;
}

api::MultipartUpload describe(const Context& context, const UploadName& name, const Upload& upload,
                              const KeyEncoding& encode) {
  api::MultipartUpload shape;
  shape.Key = encode(name.key);
  shape.UploadId = name.id;
  shape.Initiated = upload.draft.last_modified;
  shape.StorageClass = storage_class(upload.draft);
  shape.Owner = {.DisplayName = {}, .ID = canonical_id(context)};
  shape.Initiator = {.ID = canonical_id(context), .DisplayName = {}};
  if (!upload.checksum_algorithm.empty()) {
    shape.ChecksumAlgorithm = upload.checksum_algorithm;
    shape.ChecksumType = upload.full_object ? "FULL_OBJECT" : "COMPOSITE";
  }
  return shape;
}

}  // namespace

api::ListPartsOutput list_parts(S3& s3, Call&, const api::ListPartsInput& input) {
  auto& impl = s3.impl();
  const auto upload = find_upload(impl, input.Bucket, input.Key, input.UploadId);
  const auto most = page_size(input.MaxParts, "max-parts");
  const auto marker = input.PartNumberMarker.value_or(0);
  auto parts = uploaded_parts(impl, input.UploadId, marker, most + 1);

  api::ListPartsOutput output;
  output.Bucket = input.Bucket;
  output.Key = input.Key;
  output.UploadId = input.UploadId;
  output.PartNumberMarker = marker;
  output.MaxParts = static_cast<std::int64_t>(most);
  output.IsTruncated = parts.size() > most;
  if (parts.size() > most) parts.resize(most);
  output.NextPartNumberMarker = parts.empty() ? 0 : parts.back().info.number;
  output.StorageClass = storage_class(upload.draft);
  output.Owner = {.DisplayName = {}, .ID = canonical_id(impl.context)};
  output.Initiator = {.ID = canonical_id(impl.context), .DisplayName = {}};
  if (!upload.checksum_algorithm.empty()) {
    output.ChecksumAlgorithm = upload.checksum_algorithm;
    output.ChecksumType = upload.full_object ? "FULL_OBJECT" : "COMPOSITE";
  }
  output.Parts.emplace();
  for (const auto& part : parts) {
    auto& shape = output.Parts->emplace_back();
    shape.PartNumber = part.info.number;
    shape.LastModified = part.last_modified;
    shape.ETag = wire_etag(part.etag);
    shape.Size = static_cast<std::int64_t>(part.info.size);
    set_checksums(shape, part.info.checksums);
  }
  return output;
}

api::ListMultipartUploadsOutput list_multipart_uploads(
    S3& s3, Call&, const api::ListMultipartUploadsInput& input) {
  auto& impl = s3.impl();
  impl.require_bucket(input.Bucket);
  const KeyEncoding encode(input.EncodingType);
  const auto most = page_size(input.MaxUploads, "max-uploads");
  const std::string scope = row_key(input.Bucket, ""), after = after_markers(input);
  const auto prefix = input.Prefix.value_or(""), delimiter = input.Delimiter.value_or("");

  api::ListMultipartUploadsOutput output;
  output.Uploads.emplace();
  UploadName last;
  std::vector<std::string> prefixes;
  const auto end = walk(
      impl.catalog(), {kUploads, scope, prefix, delimiter, after, most},
      [&](std::string_view row, std::string_view value) {
        last = split(row);
        output.Uploads->push_back(
            describe(impl.context, last, upload_of_row(last.key, value), encode));
      },
      [&](std::string common) {
        last = {common, ""};
        prefixes.push_back(std::move(common));
      });
  output.Bucket = input.Bucket;
  output.Prefix = encode(prefix);
  if (!delimiter.empty()) output.Delimiter = encode(delimiter);
  output.KeyMarker = encode(input.KeyMarker.value_or(""));
  output.UploadIdMarker = input.UploadIdMarker.value_or("");
  output.MaxUploads = static_cast<std::int64_t>(most);
  output.EncodingType = input.EncodingType;
  output.IsTruncated = end.truncated;
  if (end.truncated) {
    output.NextKeyMarker = encode(last.key);
    output.NextUploadIdMarker = last.id;
  }
  output.CommonPrefixes = common_prefixes(prefixes, encode);
  return output;
}

}  // namespace engine::s3
