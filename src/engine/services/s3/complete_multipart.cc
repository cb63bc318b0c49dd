// CompleteMultipartUpload: from parts to an object.
#include "engine/services/s3/multipart.h"
#include "engine/services/s3/operations.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "lib/http/body_sink.h"

namespace engine::s3 {
namespace {

constexpr std::size_t kInMemory = 1 << 20;  // a joined body above this goes by a file
constexpr std::uint64_t kLeastPart = 5 << 20;  // but for the last one

std::string unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  return std::string(etag);
}

/// The uploaded parts that the client's list names, in its order, every rule of the list checked.
std::vector<UploadedPart> chosen_parts(const S3::Impl& impl, const std::string& upload,
                                       const std::vector<api::CompletedPart>& listed) {
  std::map<std::int64_t, UploadedPart> uploaded;
  for (auto& part : uploaded_parts(impl, upload)) uploaded.emplace(part.info.number, std::move(part));

  std::vector<UploadedPart> chosen;
  for (const auto& one : listed) {
    const auto number = one.PartNumber.value_or(0);
    const auto etag = unquoted(one.ETag.value_or(""));
    if (!chosen.empty() && number <= chosen.back().info.number) throw invalid_part_order(upload);
    const auto found = uploaded.find(number);
    if (found == uploaded.end() || found->second.etag != etag) throw invalid_part(upload, number, etag);
    for (const auto& [algorithm, value] : given_checksums(one)) {
      const auto& known = found->second.info.checksums;
      const auto same = known.find(algorithm);
      if (same == known.end() || same->second != value) throw invalid_part(upload, number, etag);
    }
    chosen.push_back(std::move(found->second));
  }
  for (std::size_t i = 0; i + 1 < chosen.size(); ++i) {
    const auto& part = chosen[i];
    if (part.info.size < kLeastPart) throw entity_too_small(part.info.size, part.info.number, part.etag);
  }
  return chosen;
}

/// "<MD5 over the parts' MD5s>-<parts>"
std::string multipart_etag(const std::vector<api::CompletedPart>& parts) {
  std::string digests;
  for (const auto& part : parts) {
    digests += base::from_hex(unquoted(part.ETag.value_or(""))).value_or("");
  }
  return fmt::format("{}-{}", base::to_hex(base::md5(digests)), parts.size());
}

/// The same of another algorithm, in S3's form.
std::string composite_checksum(const std::string& algorithm, const std::vector<UploadedPart>& parts) {
  const auto checksum = make_checksum(algorithm);
  for (const auto& part : parts) {
    checksum->update(base::from_base64(part.info.checksums.at(algorithm)).value());
  }
  return fmt::format("{}-{}", base::to_base64(checksum->finish()), parts.size());
}

/// The parts' bytes one behind the other, summed up on the way when there is a `checksum`.
http::Body join(const S3::Impl& impl, const std::vector<UploadedPart>& parts,
                base::Checksum* checksum) {
  http::BodySink joined(kInMemory, impl.scratch());
  for (const auto& part : parts) {
    if (part.info.size == 0) continue;
    impl.store.open(part.location, 0, part.info.size).for_each_piece([&](std::string_view piece) {
      if (checksum != nullptr) checksum->update(piece);
      joined.append(piece);
    });
  }
  return joined.finish();
}

/// The checksums of the whole, and what the client said of them.
void set_whole_checksum(ObjectInfo& draft, const Upload& upload, Digests found,
                        const std::vector<UploadedPart>& parts,
                        const api::CompleteMultipartUploadInput& input) {
  const auto algorithm = algorithm_of(upload);
  auto given = given_checksums(input);
  if (upload.full_object) {
    std::erase_if(given, [&](const auto& one) { return one.first != algorithm; });
    verify(found, given, std::nullopt);
    draft.checksums = std::move(found.checksums);
    return;
  }
  draft.composite_checksum = true;
  draft.checksums[algorithm] = composite_checksum(algorithm, parts);
  if (given.contains(algorithm) && given[algorithm] != draft.checksums[algorithm]) {
    throw bad_checksum(algorithm);
  }
}

ObjectInfo draft_of_parts(const Upload& upload, const std::vector<UploadedPart>& parts,
                          const api::CompleteMultipartUploadInput& input) {
  ObjectInfo draft = upload.draft;
  draft.etag = multipart_etag(*input.MultipartUpload->Parts);
  draft.upload = input.UploadId;
  const auto algorithm = algorithm_of(upload);
  for (const auto& part : parts) {
    draft.parts.push_back({part.info.number, part.info.size, {}});
    if (!upload.full_object) {
      draft.parts.back().checksums[algorithm] = part.info.checksums.at(algorithm);
    }
  }
  return draft;
}

api::CompleteMultipartUploadOutput answer(const Call& call,
                                          const api::CompleteMultipartUploadInput& input,
                                          const ObjectInfo& object) {
  api::CompleteMultipartUploadOutput output;
  const std::string host(call.request.headers.get("Host", "localhost"));
  const bool names_bucket = host.starts_with(input.Bucket + ".");
  output.Location = fmt::format("http://{}/{}{}", host, names_bucket ? "" : input.Bucket + "/",
                                base::percent_encode(input.Key, true));
  output.Bucket = input.Bucket;
  output.Key = input.Key;
  output.ETag = wire_etag(object.etag);
  set_checksums(output, object.checksums);
  output.ChecksumType = object.composite_checksum ? "COMPOSITE" : "FULL_OBJECT";
  set_encryption(output, object);
  return output;
}

/// The object that this very request made before. A client asks again when the answer was lost.
/// Verified: S3 answers as it did the first time, for as long as the object stands.
std::optional<ObjectInfo> completed_before(const S3::Impl& impl,
                                           const api::CompleteMultipartUploadInput& input) {
  if (impl.catalog().get(kUploads, upload_row(input.Bucket, input.Key, input.UploadId))) return {};
  auto object = impl.find(input.Bucket, input.Key);
  if (!object || object->upload != input.UploadId ||
      object->etag != multipart_etag(*input.MultipartUpload->Parts)) {
    return {};
  }
  return object;
}

}  // namespace

// Deviation: parts without their checksums are accepted in an upload with a composite checksum; S3
// wants them all repeated.
api::CompleteMultipartUploadOutput complete_multipart_upload(
    S3& s3, Call& call, const api::CompleteMultipartUploadInput& input) {
  auto& impl = s3.impl();
  if (!input.MultipartUpload || !input.MultipartUpload->Parts || input.MultipartUpload->Parts->empty()) {
    find_upload(impl, input.Bucket, input.Key, input.UploadId);
    throw malformed_xml();
  }
  // Held to the end: neither a part nor an abort may come between choosing the parts and the commit.
  const auto alone = impl.uploads.lock(input.UploadId);
  if (const auto object = completed_before(impl, input)) return answer(call, input, *object);
  const auto upload = find_upload(impl, input.Bucket, input.Key, input.UploadId);
  const auto parts = chosen_parts(impl, input.UploadId, *input.MultipartUpload->Parts);

  const auto algorithm = algorithm_of(upload);
  const auto checksum = upload.full_object ? make_checksum(algorithm) : nullptr;
  auto body = join(impl, parts, checksum.get());
  if (input.MpuObjectSize && static_cast<std::uint64_t>(*input.MpuObjectSize) != body.size()) {
    throw invalid_request("The provided 'x-amz-mp-object-size' header does not match what was computed.");
  }
  ObjectInfo draft = draft_of_parts(upload, parts, input);
  Digests found;
  if (checksum) found.checksums.emplace(algorithm, base::to_base64(checksum->finish()));
  set_whole_checksum(draft, upload, std::move(found), parts, input);

  storage::Batch with;
  remove_upload(impl, input.Bucket, input.Key, input.UploadId, with);
  const auto object = impl.put(input.Bucket, std::move(draft), std::move(body),
                               {input.IfMatch, input.IfNoneMatch}, std::move(with));
  return answer(call, input, object);
}

}  // namespace engine::s3
