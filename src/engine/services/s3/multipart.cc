// Multipart uploads: beginning one, its parts, giving it up.
#include "engine/services/s3/multipart.h"

#include "engine/services/s3/names.h"
#include "engine/services/s3/operations.h"
#include "engine/services/s3/tags.h"
#include "lib/base/encoding.h"

#include <algorithm>

namespace engine::s3 {
namespace {

// Bodies of parts stand in the lake under a name that no bucket can have.
constexpr std::string_view kPartsFolder = ".multipart";

void check_part_number(std::int64_t number) {
  if (number < 1 || number > 10000) {
    throw invalid_argument("Part number must be an integer between 1 and 10000, inclusive",
                           "partNumber", std::to_string(number));
  }
}

/// Whether the upload's checksum is over the whole object; else it is over the parts' checksums.
bool is_full_object(const api::CreateMultipartUploadInput& input) {
  const auto algorithm = input.ChecksumAlgorithm.value_or("CRC64NVME");
  make_checksum(algorithm);  // refuses those we don't compute
  const std::string by_default = algorithm == "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE";
  const auto type = input.ChecksumType.value_or(by_default);
  const bool sha = algorithm.starts_with("SHA");
  if ((type == "FULL_OBJECT" && sha) || (type == "COMPOSITE" && algorithm == "CRC64NVME")) {
    throw invalid_request(fmt::format("The {} checksum type cannot be used with the {} checksum "
                                      "algorithm.", type, base::to_lower(algorithm)));
  }
  return type == "FULL_OBJECT";
}

/// Puts a part in place, durably, if its upload still is.
UploadedPart put_part(S3& s3, const auto& input, UploadedPart part, const http::Body& body) {
  auto& impl = s3.impl();
  std::vector<storage::StagedBody> staged;
  staged.push_back(impl.store.stage(body));

  const auto alone = impl.uploads.lock(input.UploadId);
  const std::shared_lock bucket_stays(impl.buckets);
  find_upload(impl, input.Bucket, input.Key, input.UploadId);
  const auto row = part_row(input.UploadId, input.PartNumber);
  const auto before = impl.catalog().get(kParts, row);
  auto placed = impl.store.place(staged.front(), kPartsFolder, row,
                                 before ? part_of_row(*before).location : "");
  part.info.number = input.PartNumber;
  part.info.size = staged.front().size();
  part.last_modified = impl.now();
  part.location = std::move(placed.location);
  placed.batch.put(kParts, row, to_row(part));
  impl.store.commit(std::move(placed.batch), std::move(staged));
  return part;
}

UploadedPart part_of(Digests found) {
  UploadedPart part;
  part.etag = base::to_hex(found.md5);
  part.info.checksums = std::move(found.checksums);
  return part;
}

}  // namespace

std::string upload_row(std::string_view bucket, std::string_view key, std::string_view id) {
  return row_key(row_key(bucket, key), id);
}

std::string part_row(std::string_view upload, std::int64_t number) {
  return fmt::format("{}/{:05}", upload, number);
}

std::string algorithm_of(const Upload& upload) {
  return upload.checksum_algorithm.empty() ? "CRC64NVME" : upload.checksum_algorithm;
}

Upload find_upload(const S3::Impl& impl, std::string_view bucket, std::string_view key,
                   std::string_view id) {
  const auto row = impl.catalog().get(kUploads, upload_row(bucket, key, id));
  if (!row) {
    impl.require_bucket(bucket);
    throw no_such_upload(id);
  }
  return upload_of_row(key, *row);
}

std::vector<UploadedPart> uploaded_parts(const S3::Impl& impl, std::string_view upload,
                                         std::int64_t after, std::size_t limit) {
  std::vector<UploadedPart> parts;
  const std::string scope = std::string(upload) + "/";
  for (const auto& row : impl.catalog().scan(kParts, scope, part_row(upload, after), limit)) {
    parts.push_back(part_of_row(row.value));
  }
  return parts;
}

void remove_upload(const S3::Impl& impl, std::string_view bucket, std::string_view key,
                   std::string_view id, storage::Batch& batch) {
  for (const auto& part : uploaded_parts(impl, id)) {
    impl.store.remove(part.location, batch);
    batch.remove(kParts, part_row(id, part.info.number));
  }
  batch.remove(kUploads, upload_row(bucket, key, id));
}

api::CreateMultipartUploadOutput create_multipart_upload(
    S3& s3, Call&, const api::CreateMultipartUploadInput& input) {
  auto& impl = s3.impl();
  impl.require_bucket(input.Bucket);
  check_key(input.Key);
  refuse_what_we_cannot(s3, input);
  Upload upload{draft_of(input), input.ChecksumAlgorithm.value_or(""), is_full_object(input)};
  if (input.Tagging) upload.draft.tags = parse_tagging(*input.Tagging);
  upload.draft.last_modified = impl.now();

  const std::string id = impl.context.ids.alnum(64);
  storage::Batch batch;
  batch.put(kUploads, upload_row(input.Bucket, input.Key, id), to_row(upload));
  const std::shared_lock bucket_stays(impl.buckets);
  impl.require_bucket(input.Bucket);
  impl.catalog().commit(std::move(batch));

  api::CreateMultipartUploadOutput output;
  output.Bucket = input.Bucket;
  output.Key = input.Key;
  output.UploadId = id;
  set_encryption(output, upload.draft);
  if (input.ChecksumAlgorithm) {
    output.ChecksumAlgorithm = input.ChecksumAlgorithm;
    output.ChecksumType = upload.full_object ? "FULL_OBJECT" : "COMPOSITE";
  }
  return output;
}

api::UploadPartOutput upload_part(S3& s3, Call& call, const api::UploadPartInput& input) {
  check_part_number(input.PartNumber);
  const auto upload = find_upload(s3.impl(), input.Bucket, input.Key, input.UploadId);
  const http::Body body = input.Body.value_or(http::Body());
  check_size(body);
  const auto given = given_checksums(input);
  auto algorithms = wanted_algorithms(given, checksum_named(call, input.ChecksumAlgorithm));
  const auto own = algorithm_of(upload);
  if (std::find(algorithms.begin(), algorithms.end(), own) == algorithms.end()) {
    algorithms.push_back(own);
  }
  auto found = digest(body, algorithms);
  verify(found, given, input.ContentMD5);

  const auto part = put_part(s3, input, part_of(std::move(found)), body);
  api::UploadPartOutput output;
  output.ETag = wire_etag(part.etag);
  set_checksums(output, part.info.checksums);
  output.ServerSideEncryption = encryption(upload.draft);
  return output;
}

api::UploadPartCopyOutput upload_part_copy(S3& s3, Call&, const api::UploadPartCopyInput& input) {
  check_part_number(input.PartNumber);
  const auto upload = find_upload(s3.impl(), input.Bucket, input.Key, input.UploadId);
  const auto [source, body] = open_copy_source(s3, input, input.CopySourceRange);
  check_size(body);
  const auto part = put_part(s3, input, part_of(digest(body, {algorithm_of(upload)})), body);

  api::UploadPartCopyOutput output;
  output.ServerSideEncryption = encryption(upload.draft);
  auto& result = output.CopyPartResult.emplace();
  result.ETag = wire_etag(part.etag);
  result.LastModified = part.last_modified;
  set_checksums(result, part.info.checksums);
  return output;
}

api::AbortMultipartUploadOutput abort_multipart_upload(
    S3& s3, Call&, const api::AbortMultipartUploadInput& input) {
  auto& impl = s3.impl();
  const auto alone = impl.uploads.lock(input.UploadId);
  const std::shared_lock bucket_stays(impl.buckets);
  const auto upload = find_upload(impl, input.Bucket, input.Key, input.UploadId);
  if (input.IfMatchInitiatedTime && *input.IfMatchInitiatedTime != upload.draft.last_modified) {
    throw precondition_failed("x-amz-if-match-initiated-time");
  }
  storage::Batch batch;
  remove_upload(impl, input.Bucket, input.Key, input.UploadId, batch);
  impl.store.commit(std::move(batch), {});
  return {};
}

}  // namespace engine::s3
