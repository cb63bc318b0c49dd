// Multipart uploads from beginning to end.
#include "engine/services/s3/checksums.h"
#include "engine/services/s3/test_engine.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

namespace engine::s3 {
namespace {

constexpr std::size_t kPart = 5 << 20;

class Multipart : public S3Test {
 protected:
  Multipart() { make_bucket(); }

  std::string begin(const std::string& key = "big", std::optional<std::string> algorithm = {},
                    std::optional<std::string> type = {}) {
    api::CreateMultipartUploadInput input;
    input.Bucket = "lake";
    input.Key = key;
    input.ContentType = "text/csv";
    input.Metadata = {{{"k", "v"}}};
    input.ChecksumAlgorithm = std::move(algorithm);
    input.ChecksumType = std::move(type);
    return *run(create_multipart_upload, input).UploadId;
  }
  api::UploadPartOutput upload(const std::string& id, std::int64_t number, std::string bytes,
                               const std::string& key = "big") {
    api::UploadPartInput input;
    input.Bucket = "lake";
    input.Key = key;
    input.UploadId = id;
    input.PartNumber = number;
    input.Body = http::Body(std::move(bytes));
    return run(upload_part, input);
  }
  static api::CompletedPart listed(std::int64_t number, std::optional<std::string> etag) {
    api::CompletedPart part;
    part.PartNumber = number;
    part.ETag = std::move(etag);
    return part;
  }
  static api::CompleteMultipartUploadInput complete_input(const std::string& id,
                                                          std::vector<api::CompletedPart> parts) {
    api::CompleteMultipartUploadInput input;
    input.Bucket = "lake";
    input.Key = "big";
    input.UploadId = id;
    input.MultipartUpload.emplace().Parts = std::move(parts);
    return input;
  }
  std::size_t files_of_parts() {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ + "/lake")) {
      files += entry.is_regular_file();
    }
    return files;
  }
};

TEST_F(Multipart, PutsThePartsTogetherInTheirOrder) {
  const auto id = begin();
  const std::string first(kPart, 'a'), second(kPart + 3, 'b');
  const auto tail = upload(id, 7, "tail");
  const auto two = upload(id, 2, second);
  upload(id, 1, std::string(kPart, 'x'));
  const auto one = upload(id, 1, first);  // takes the place of the part before
  clock_.advance(std::chrono::seconds(3));

  request_.headers.set("Host", "127.0.0.1:4566");
  const auto done = run(complete_multipart_upload,
                        complete_input(id, {listed(1, one.ETag), listed(2, two.ETag), listed(7, tail.ETag)}));
  const auto etag = base::to_hex(base::md5(base::md5(first) + base::md5(second) + base::md5("tail"))) + "-3";
  EXPECT_EQ(done.ETag, "\"" + etag + "\"");
  EXPECT_EQ(done.Location, "http://127.0.0.1:4566/lake/big");
  const auto got = get("big");
  EXPECT_TRUE(got.Body->string() == first + second + "tail");
  EXPECT_EQ(got.ETag, done.ETag);
  EXPECT_EQ(got.ContentType, "text/csv");
  EXPECT_EQ(got.Metadata->at("k"), "v");
  EXPECT_EQ(got.LastModified, clock_.now());

  EXPECT_EQ(files_of_parts(), 1u);
  EXPECT_EQ(error(complete_multipart_upload, complete_input(id, {listed(1, one.ETag)})), "NoSuchUpload");
}

TEST_F(Multipart, AnswersAsBeforeWhenItIsCompletedOnceMore) {
  const auto id = begin();
  const auto input = complete_input(id, {listed(1, upload(id, 1, "all").ETag)});
  request_.headers.set("Host", "lake.localhost:4566");
  const auto done = run(complete_multipart_upload, input);
  EXPECT_EQ(done.Location, "http://lake.localhost:4566/big");
  const auto again = run(complete_multipart_upload, input);
  EXPECT_EQ(again.ETag, done.ETag);
  EXPECT_EQ(again.ChecksumCRC64NVME, done.ChecksumCRC64NVME);

  put("big", "all");
  EXPECT_EQ(error(complete_multipart_upload, input), "NoSuchUpload");
}

TEST_F(Multipart, IsReadPartByPart) {
  const auto id = begin();
  const auto one = upload(id, 1, std::string(kPart, 'a'));
  const auto two = upload(id, 5, "bb");
  run(complete_multipart_upload, complete_input(id, {listed(1, one.ETag), listed(5, two.ETag)}));
  api::GetObjectInput input;
  input.Bucket = "lake";
  input.Key = "big";
  input.PartNumber = 2;
  const auto got = run(get_object, input);
  EXPECT_EQ(got.Body->string(), "bb");
  EXPECT_EQ(got.PartsCount, 2);
  EXPECT_EQ(got.ContentRange, fmt::format("bytes {}-{}/{}", kPart, kPart + 1, kPart + 2));
  EXPECT_EQ(call_->status, 206);
  input.PartNumber = 3;
  EXPECT_EQ(error(get_object, input), "InvalidPartNumber");

  api::GetObjectAttributesInput attributes;
  attributes.Bucket = "lake";
  attributes.Key = "big";
  attributes.ObjectAttributes = {"ObjectParts"};
  const auto parts = run(get_object_attributes, attributes).ObjectParts;
  EXPECT_EQ(parts->TotalPartsCount, 2);
  EXPECT_EQ(parts->Parts->at(1).PartNumber, 5);
  EXPECT_EQ(parts->Parts->at(1).Size, 2);
}

TEST_F(Multipart, ChecksTheListOfParts) {
  const auto id = begin();
  const auto one = upload(id, 1, "small"), two = upload(id, 2, "also small");
  const auto refused = [&](std::vector<api::CompletedPart> parts) {
    return error(complete_multipart_upload, complete_input(id, std::move(parts)));
  };
  EXPECT_EQ(refused({}), "MalformedXML");
  EXPECT_EQ(refused({listed(2, two.ETag), listed(1, one.ETag)}), "InvalidPartOrder");
  EXPECT_EQ(refused({listed(1, one.ETag), listed(1, one.ETag)}), "InvalidPartOrder");
  EXPECT_EQ(refused({listed(1, two.ETag)}), "InvalidPart");
  EXPECT_EQ(refused({listed(3, one.ETag)}), "InvalidPart");
  EXPECT_EQ(refused({listed(1, one.ETag), listed(2, two.ETag)}), "EntityTooSmall");
  EXPECT_EQ(refused({listed(2, two.ETag)}), "");  // the last one may be small; the other is dropped
  EXPECT_EQ(text("big"), "also small");
  EXPECT_EQ(files_of_parts(), 1u);
}

TEST_F(Multipart, KeepsTheUploadWhenCompletingIsRefused) {
  const auto id = begin();
  const auto one = upload(id, 1, "text");
  put("big", "already here");
  auto input = complete_input(id, {listed(1, one.ETag)});
  input.IfNoneMatch = "*";
  EXPECT_EQ(error(complete_multipart_upload, input), "PreconditionFailed");
  EXPECT_EQ(text("big"), "already here");
  input.IfNoneMatch.reset();
  input.MpuObjectSize = 5;
  EXPECT_EQ(error(complete_multipart_upload, input), "InvalidRequest");
  input.MpuObjectSize = 4;
  EXPECT_EQ(error(complete_multipart_upload, input), "");
  EXPECT_EQ(text("big"), "text");
}

TEST_F(Multipart, HasAChecksumOfChecksumsOrOfTheWhole) {
  const std::string first(kPart, 'a'), second = "123456789";
  auto id = begin("big", "SHA256");
  auto one = upload(id, 1, first), two = upload(id, 2, second);
  EXPECT_EQ(one.ChecksumSHA256, base::to_base64(base::sha256(first)));
  auto done = run(complete_multipart_upload, complete_input(id, {listed(1, one.ETag), listed(2, two.ETag)}));
  EXPECT_EQ(done.ChecksumType, "COMPOSITE");
  EXPECT_EQ(done.ChecksumSHA256,
            base::to_base64(base::sha256(base::sha256(first) + base::sha256(second))) + "-2");

  id = begin("big", "CRC32", "FULL_OBJECT");
  one = upload(id, 1, first);
  two = upload(id, 2, second);
  auto input = complete_input(id, {listed(1, one.ETag), listed(2, two.ETag)});
  input.ChecksumCRC32 = "AAAAAA==";
  EXPECT_EQ(error(complete_multipart_upload, input), "BadDigest");
  input.ChecksumCRC32.reset();
  done = run(complete_multipart_upload, input);
  EXPECT_EQ(done.ChecksumType, "FULL_OBJECT");
  EXPECT_EQ(done.ChecksumCRC32, digest(http::Body(first + second), {"CRC32"}).checksums.at("CRC32"));
  EXPECT_EQ(error_of([&] { begin("big", "SHA1", "FULL_OBJECT"); }), "InvalidRequest");
}

TEST_F(Multipart, RefusesPartsThatCannotBe) {
  const auto id = begin();
  EXPECT_EQ(error_of([&] { upload(id, 0, ""); }), "InvalidArgument");
  EXPECT_EQ(error_of([&] { upload(id, 10001, ""); }), "InvalidArgument");
  EXPECT_EQ(error_of([&] { upload("nonsense", 1, ""); }), "NoSuchUpload");
  EXPECT_EQ(error_of([&] { upload(id, 1, "", "other key"); }), "NoSuchUpload");
}

TEST_F(Multipart, CopiesPartsFromObjects) {
  put("source", "0123456789");
  const auto id = begin();
  api::UploadPartCopyInput input;
  input.Bucket = "lake";
  input.Key = "big";
  input.UploadId = id;
  input.PartNumber = 1;
  input.CopySource = "lake/source";
  input.CopySourceRange = "bytes=2-5";
  const auto part = run(upload_part_copy, input);
  EXPECT_EQ(part.CopyPartResult->ETag, "\"" + base::to_hex(base::md5("2345")) + "\"");
  run(complete_multipart_upload, complete_input(id, {listed(1, part.CopyPartResult->ETag)}));
  EXPECT_EQ(text("big"), "2345");
  input.UploadId = begin();
  for (const char* range : {"bytes=2-10", "bytes=2-", "bytes=-2", "nonsense"}) {
    input.CopySourceRange = range;
    EXPECT_EQ(error(upload_part_copy, input), "InvalidArgument") << range;
  }
}

TEST_F(Multipart, IsGivenUpWithAllItsParts) {
  const auto id = begin();
  upload(id, 1, "text");
  EXPECT_EQ(files_of_parts(), 1u);
  api::AbortMultipartUploadInput input;
  input.Bucket = "lake";
  input.Key = "big";
  input.UploadId = id;
  EXPECT_EQ(error(abort_multipart_upload, input), "");
  EXPECT_EQ(error(abort_multipart_upload, input), "NoSuchUpload");
  EXPECT_EQ(files_of_parts(), 0u);
}

TEST_F(Multipart, OutlivesARestartAndGoesWithItsBucket) {
  const auto id = begin();
  const auto one = upload(id, 1, "text");
  reopen();
  EXPECT_EQ(error(complete_multipart_upload, complete_input(id, {listed(1, one.ETag)})), "");
  EXPECT_EQ(text("big"), "text");
  s3_->delete_object("lake", "big");
  upload(begin(), 1, "text");
  s3_->delete_bucket("lake");
  EXPECT_EQ(files_of_parts(), 0u);
  EXPECT_EQ(catalog_->count("s3/parts"), 0u);
}

TEST_F(Multipart, ListsItsPartsInPages) {
  const auto id = begin();
  for (int number : {3, 1, 2}) upload(id, number, std::to_string(number));
  api::ListPartsInput input;
  input.Bucket = "lake";
  input.Key = "big";
  input.UploadId = id;
  input.MaxParts = 2;
  auto output = run(list_parts, input);
  ASSERT_EQ(output.Parts->size(), 2u);
  EXPECT_EQ(output.Parts->at(0).PartNumber, 1);
  EXPECT_EQ(output.Parts->at(0).Size, 1);
  EXPECT_EQ(output.IsTruncated, true);
  EXPECT_EQ(output.NextPartNumberMarker, 2);
  input.PartNumberMarker = output.NextPartNumberMarker;
  output = run(list_parts, input);
  ASSERT_EQ(output.Parts->size(), 1u);
  EXPECT_EQ(output.Parts->at(0).PartNumber, 3);
  EXPECT_EQ(output.IsTruncated, false);
}

TEST_F(Multipart, ListsTheUploadsOfABucket) {
  begin("a/1");
  begin("a/1");
  begin("b");
  begin("c/1");
  api::ListMultipartUploadsInput input;
  input.Bucket = "lake";
  input.MaxUploads = 1;
  std::vector<std::string> keys;
  for (bool more = true; more;) {
    const auto output = run(list_multipart_uploads, input);
    for (const auto& upload : *output.Uploads) keys.push_back(*upload.Key);
    more = *output.IsTruncated;
    input.KeyMarker = output.NextKeyMarker;
    input.UploadIdMarker = output.NextUploadIdMarker;
  }
  EXPECT_EQ(keys, (std::vector<std::string>{"a/1", "a/1", "b", "c/1"}));

  input = {};
  input.Bucket = "lake";
  input.Delimiter = "/";
  const auto folders = run(list_multipart_uploads, input);
  EXPECT_EQ(folders.CommonPrefixes->size(), 2u);
  EXPECT_EQ(folders.Uploads->size(), 1u);
  input.Delimiter.reset();
  input.KeyMarker = "a/1";
  EXPECT_EQ(run(list_multipart_uploads, input).Uploads->size(), 2u);
}

}  // namespace
}  // namespace engine::s3
