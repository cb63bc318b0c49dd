// Putting, getting, copying and deleting objects.
#include "engine/services/s3/test_engine.h"

#include <atomic>
#include <thread>

namespace engine::s3 {
namespace {

class Objects : public S3Test {
 protected:
  Objects() { make_bucket(); }

  static api::PutObjectInput put_input(const std::string& key, std::string text) {
    api::PutObjectInput input;
    input.Bucket = "lake";
    input.Key = key;
    input.Body = http::Body(std::move(text));
    return input;
  }
  static api::GetObjectInput get_input(const std::string& key) {
    api::GetObjectInput input;
    input.Bucket = "lake";
    input.Key = key;
    return input;
  }
  api::HeadObjectOutput head(const std::string& key) {
    api::HeadObjectInput input;
    input.Bucket = "lake";
    input.Key = key;
    return run(head_object, input);
  }
};

TEST_F(Objects, ComeBackAsTheyWerePut) {
  auto input = put_input("a/b.json", "{\"ibu\":42}");
  input.ContentType = "application/json";
  input.CacheControl = "no-cache";
  input.ContentEncoding = "aws-chunked, gzip";
  input.Metadata = {{{"brewery", "ours"}}};
  input.Tagging = "team=beer&stage=raw%20data";
  const auto stored = run(put_object, input);
  const auto got = get("a/b.json");
  EXPECT_EQ(got.Body->string(), "{\"ibu\":42}");
  EXPECT_EQ(got.ContentType, "application/json");
  EXPECT_EQ(got.CacheControl, "no-cache");
  EXPECT_EQ(got.ContentEncoding, "gzip");
  EXPECT_EQ(got.Metadata->at("brewery"), "ours");
  EXPECT_EQ(got.TagCount, 2);
  EXPECT_EQ(got.ContentLength, 10);
  EXPECT_EQ(got.LastModified, clock_.now());
  EXPECT_EQ(got.ETag, stored.ETag);
  EXPECT_EQ(call_->status, 0);
  EXPECT_FALSE(got.ChecksumCRC64NVME);
}

TEST_F(Objects, HaveTheirMd5AsEtag) {
  EXPECT_EQ(put("a", "hello").ETag, "\"5d41402abc4b2a76b9719d911017c592\"");
  EXPECT_EQ(put("empty", "").ETag, "\"d41d8cd98f00b204e9800998ecf8427e\"");
  EXPECT_EQ(text("empty"), "");
  EXPECT_EQ(head("empty").ContentLength, 0);
  EXPECT_EQ(head("empty").ContentType, "binary/octet-stream");
}

TEST_F(Objects, AreReplacedWhole) {
  auto input = put_input("a", "first");
  input.Metadata = {{{"old", "yes"}}};
  run(put_object, input);
  put("a", "second");
  EXPECT_EQ(text("a"), "second");
  EXPECT_TRUE(get("a").Metadata->empty());
}

TEST_F(Objects, OutliveARestart) {
  put("a/b", "text");
  put("a", "file beside a folder");
  put("../up//x", "odd");
  reopen();
  EXPECT_EQ(text("a/b"), "text");
  EXPECT_EQ(text("a"), "file beside a folder");
  EXPECT_EQ(text("../up//x"), "odd");
}

TEST_F(Objects, ThatAreNotThereSayNoSuchKey) {
  EXPECT_EQ(error(get_object, get_input("none")), "NoSuchKey");
  EXPECT_EQ(status_, 404);
  auto elsewhere = get_input("none");
  elsewhere.Bucket = "nowhere";
  EXPECT_EQ(error(get_object, elsewhere), "NoSuchBucket");
  EXPECT_EQ(error(put_object, put_input(std::string(1025, 'k'), "")), "KeyTooLongError");
  EXPECT_EQ(error(put_object, put_input(std::string(1024, 'k'), "x")), "");
  EXPECT_EQ(text(std::string(1024, 'k')), "x");
}

TEST_F(Objects, GiveRanges) {
  put("a", "0123456789");
  const auto middle = get("a", "bytes=2-4");
  EXPECT_EQ(middle.Body->string(), "234");
  EXPECT_EQ(middle.ContentRange, "bytes 2-4/10");
  EXPECT_EQ(middle.ContentLength, 3);
  EXPECT_EQ(call_->status, 206);
  EXPECT_EQ(get("a", "bytes=7-").Body->string(), "789");
  EXPECT_EQ(get("a", "bytes=-2").Body->string(), "89");
  EXPECT_EQ(get("a", "bytes=-20").Body->string(), "0123456789");
  EXPECT_EQ(get("a", "bytes=8-200").ContentRange, "bytes 8-9/10");
  EXPECT_EQ(get("a", "bytes=4-2").Body->string(), "0123456789");
  EXPECT_EQ(call_->status, 0);
  EXPECT_EQ(get("a", "lines=1-2").Body->string(), "0123456789");
}

TEST_F(Objects, RefuseRangesOutsideTheBody) {
  put("a", "0123456789");
  put("empty", "");
  for (const auto& [key, range] : {std::pair{"a", "bytes=10-"}, {"a", "bytes=-0"}, {"empty", "bytes=0-"}}) {
    auto input = get_input(key);
    input.Range = range;
    EXPECT_EQ(error(get_object, input), "InvalidRange") << range;
    EXPECT_EQ(status_, 416);
  }
}

TEST_F(Objects, AreReadUnderConditions) {
  const auto etag = put("a", "text").ETag;
  const auto modified = clock_.now();
  auto input = get_input("a");
  input.IfNoneMatch = etag;
  EXPECT_TRUE(run(get_object, input).Body.value_or(http::Body()).empty());
  EXPECT_EQ(call_->status, 304);
  input.IfNoneMatch = "\"other\"";
  input.IfModifiedSince = modified;  // outweighed by the etag
  EXPECT_EQ(run(get_object, input).Body->string(), "text");

  input = get_input("a");
  input.IfModifiedSince = modified;
  run(get_object, input);
  EXPECT_EQ(call_->status, 304);

  input = get_input("a");
  input.IfMatch = "\"other\"";
  EXPECT_EQ(error(get_object, input), "PreconditionFailed");
  EXPECT_EQ(status_, 412);
  input.IfMatch = etag;
  input.IfUnmodifiedSince = modified - std::chrono::hours(1);
  EXPECT_EQ(error(get_object, input), "");
  input.IfMatch.reset();
  EXPECT_EQ(error(get_object, input), "PreconditionFailed");
}

TEST_F(Objects, AreWrittenUnderConditions) {
  auto input = put_input("a", "first");
  input.IfNoneMatch = "*";
  const auto etag = run(put_object, input).ETag;
  EXPECT_EQ(error(put_object, input), "PreconditionFailed");

  input = put_input("a", "second");
  input.IfMatch = "\"other\"";
  EXPECT_EQ(error(put_object, input), "PreconditionFailed");
  input.IfMatch = etag;
  EXPECT_EQ(error(put_object, input), "");
  EXPECT_EQ(text("a"), "second");
  input.Key = "none";
  EXPECT_EQ(error(put_object, input), "NoSuchKey");
}

TEST_F(Objects, AreCreatedByOneOfManyWhoSayIfNoneMatch) {
  auto input = put_input("lock", "mine");
  input.IfNoneMatch = "*";
  std::atomic<int> winners = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      Call call{request_, "request"};
      try {
        put_object(*s3_, call, input);
        ++winners;
      } catch (const AwsError& error) {
        EXPECT_EQ(error.code, "PreconditionFailed");
      }
    });
  }
  threads.clear();
  EXPECT_EQ(winners, 1);
}

TEST_F(Objects, AreReadWholeWhileTheyAreReplaced) {
  put("a", std::string(100'000, '0'));
  std::jthread writer([&](const std::stop_token& stop) {
    for (int i = 1; !stop.stop_requested(); ++i) {
      Call call{request_, "request"};
      put_object(*s3_, call, put_input("a", std::string(100'000 + i % 7, static_cast<char>('0' + i % 10))));
    }
  });
  for (int i = 0; i < 200; ++i) {
    const auto got = get("a");
    const auto body = got.Body->string();
    ASSERT_EQ(static_cast<std::int64_t>(body.size()), got.ContentLength);
    ASSERT_EQ(body.find_first_not_of(body[0]), body.npos);
  }
}

TEST_F(Objects, RefuseABodyThatIsNotWhatTheClientSent) {
  auto input = put_input("a", "123456789");
  input.ContentMD5 = "JfnnlDI7RTiF9RgfG2JNCw==";
  input.ChecksumCRC32 = "y/Q5Jg==";
  const auto stored = run(put_object, input);
  EXPECT_EQ(stored.ChecksumCRC32, "y/Q5Jg==");
  EXPECT_FALSE(stored.ChecksumCRC64NVME);
  input.ChecksumCRC32 = "AAAAAA==";
  EXPECT_EQ(error(put_object, input), "BadDigest");
  input.ChecksumCRC32.reset();
  input.ContentMD5 = "AAAAAAAAAAAAAAAAAAAAAA==";
  EXPECT_EQ(error(put_object, input), "BadDigest");
}

TEST_F(Objects, KeepTheChecksumThatWasAskedFor) {
  auto input = put_input("a", "123456789");
  input.ChecksumAlgorithm = "CRC32C";
  run(put_object, input);
  auto wanted = get_input("a");
  wanted.ChecksumMode = "ENABLED";
  auto got = run(get_object, wanted);
  EXPECT_EQ(got.ChecksumCRC32C, "4waSgw==");
  EXPECT_EQ(got.ChecksumType, "FULL_OBJECT");
  wanted.Range = "bytes=0-3";
  EXPECT_FALSE(run(get_object, wanted).ChecksumCRC32C);

  request_.headers.set("x-amz-trailer", "x-amz-checksum-sha1");
  input.ChecksumAlgorithm.reset();
  EXPECT_TRUE(run(put_object, input).ChecksumSHA1);
  request_.headers.remove("x-amz-trailer");
  EXPECT_EQ(put("b", "123456789").ChecksumCRC64NVME, "rosUhgp5mIg=");
}

TEST_F(Objects, AreAnsweredWithTheHeadersTheReaderWants) {
  put("a", "text");
  auto input = get_input("a");
  input.ResponseContentType = "text/csv";
  input.ResponseContentDisposition = "attachment";
  const auto got = run(get_object, input);
  EXPECT_EQ(got.ContentType, "text/csv");
  EXPECT_EQ(got.ContentDisposition, "attachment");
}

TEST_F(Objects, CannotBePublicWhereAclsAreOff) {
  auto input = put_input("a", "text");
  api::CreateBucketInput bucket;
  bucket.Bucket = "modern";
  run(create_bucket, bucket);
  input.Bucket = "modern";
  input.ACL = "public-read";
  EXPECT_EQ(error(put_object, input), "AccessControlListNotSupported");
  input.ACL = "bucket-owner-full-control";
  EXPECT_EQ(error(put_object, input), "");
}

TEST_F(Objects, RefuseWhatWeCannotKeep) {
  auto input = put_input("a", "text");
  input.SSECustomerAlgorithm = "AES256";
  EXPECT_EQ(error(put_object, input), "NotImplemented");
  input = put_input("a", "text");
  input.Metadata = {{{"long", std::string(2048, 'x')}}};
  EXPECT_EQ(error(put_object, input), "MetadataTooLarge");
  auto old = get_input("a");
  old.VersionId = "3/L4kqtJlcpXroDTDmJ";
  EXPECT_EQ(error(get_object, old), "InvalidArgument");
}

TEST_F(Objects, AreDeletedAndDeletingAgainIsFine) {
  put("a", "text");
  api::DeleteObjectInput input;
  input.Bucket = "lake";
  input.Key = "a";
  EXPECT_EQ(error(delete_object, input), "");
  EXPECT_EQ(error(get_object, get_input("a")), "NoSuchKey");
  EXPECT_EQ(error(delete_object, input), "");
  input.IfMatch = "\"x\"";
  EXPECT_EQ(error(delete_object, input), "NoSuchKey");
}

TEST_F(Objects, AreDeletedManyAtOnce) {
  put("a", "1");
  put("b", "2");
  put("c", "3");
  api::DeleteObjectsInput input;
  input.Bucket = "lake";
  input.Delete.Objects = {{.Key = "a"}, {.Key = "b", .VersionId = "null"}, {.Key = "none"},
                          {.Key = "c", .ETag = "\"other\""}};
  const auto output = run(delete_objects, input);
  ASSERT_EQ(output.Deleted->size(), 3u);
  EXPECT_EQ(output.Deleted->at(2).Key, "none");
  ASSERT_EQ(output.Errors->size(), 1u);
  EXPECT_EQ(output.Errors->at(0).Code, "PreconditionFailed");
  EXPECT_EQ(s3_->all_objects("lake", "").size(), 1u);
  input.Delete.Objects = {{.Key = "c"}};
  input.Delete.Quiet = true;
  EXPECT_FALSE(run(delete_objects, input).Deleted);
  input.Delete.Objects.clear();
  EXPECT_EQ(error(delete_objects, input), "MalformedXML");
}

TEST_F(Objects, HaveAStorageClassThatS3Knows) {
  api::PutObjectInput input;
  input.Bucket = "lake";
  input.Key = "k";
  input.StorageClass = "GLACIER_IR";
  run(put_object, input);
  EXPECT_EQ(get("k").StorageClass, "GLACIER_IR");
  input.StorageClass = "ATTIC";
  EXPECT_EQ(error(put_object, input), "InvalidStorageClass");
}

class Copies : public Objects {
 protected:
  static api::CopyObjectInput copy_input(const std::string& from, const std::string& to) {
    api::CopyObjectInput input;
    input.Bucket = "lake";
    input.CopySource = from;
    input.Key = to;
    return input;
  }
};

TEST_F(Copies, TakeWhatStandsBesideTheBytesAlong) {
  auto input = put_input("a b", "text");
  input.ContentType = "text/csv";
  input.Metadata = {{{"k", "v"}}};
  input.Tagging = "t=1";
  run(put_object, input);
  clock_.advance(std::chrono::seconds(9));
  const auto copied = run(copy_object, copy_input("/lake/a%20b", "c"));
  EXPECT_EQ(copied.CopyObjectResult->LastModified, clock_.now());
  const auto got = get("c");
  EXPECT_EQ(got.Body->string(), "text");
  EXPECT_EQ(got.ContentType, "text/csv");
  EXPECT_EQ(got.Metadata->at("k"), "v");
  EXPECT_EQ(got.TagCount, 1);
}

TEST_F(Copies, ReplaceItWhenTold) {
  auto input = put_input("a", "text");
  input.Metadata = {{{"k", "v"}}};
  run(put_object, input);
  auto copy = copy_input("lake/a", "a");
  EXPECT_EQ(error(copy_object, copy), "InvalidRequest");
  copy.MetadataDirective = "REPLACE";
  copy.Metadata = {{{"new", "w"}}};
  copy.ContentType = "text/plain";
  EXPECT_EQ(error(copy_object, copy), "");
  EXPECT_EQ(get("a").Metadata, (std::map<std::string, std::string>{{"new", "w"}}));
  EXPECT_EQ(get("a").ContentType, "text/plain");
  EXPECT_EQ(text("a"), "text");
}

TEST_F(Copies, CheckTheSource) {
  put("a", "text");
  EXPECT_EQ(error(copy_object, copy_input("lake/none", "c")), "NoSuchKey");
  EXPECT_EQ(error(copy_object, copy_input("none/a", "c")), "NoSuchBucket");
  EXPECT_EQ(error(copy_object, copy_input("lake", "c")), "InvalidArgument");
  auto copy = copy_input("lake/a?versionId=null", "c");
  copy.CopySourceIfMatch = "\"other\"";
  EXPECT_EQ(error(copy_object, copy), "PreconditionFailed");
}

class Class : public Objects {};

TEST_F(Class, CommitsWhatItIsGivenWithTheObject) {
  storage::Batch with;
  with.put("test/cursors", "shard-0", "17");
  const auto object = s3_->put_object("lake", "a/b", http::Body("text"), {}, std::move(with));
  EXPECT_EQ(catalog_->get("test/cursors", "shard-0"), "17");
  EXPECT_EQ(object.etag, "1cb251ec0d568de6a929b520c4aed8d1");
  EXPECT_EQ(s3_->body(*s3_->find_object("lake", "a/b")).string(), "text");
  EXPECT_TRUE(std::filesystem::exists(s3_->path(object)));

  storage::Batch lost;
  lost.put("test/cursors", "shard-0", "18");
  EXPECT_EQ(error_of([&] { s3_->put_object("none", "a", http::Body("x"), {}, std::move(lost)); }),
            "NoSuchBucket");
  EXPECT_EQ(catalog_->get("test/cursors", "shard-0"), "17");
}

TEST_F(Class, GivesASpanOfTheBytes) {
  const auto object = s3_->put_object("lake", "a", http::Body("0123456789"));
  EXPECT_EQ(s3_->body(object, 3, 4).string(), "3456");
  EXPECT_TRUE(s3_->body(object, 3, 0).empty());
}

class Attributes : public Objects {};

TEST_F(Attributes, AreThoseAskedFor) {
  put("a", "123456789");
  api::GetObjectAttributesInput input;
  input.Bucket = "lake";
  input.Key = "a";
  input.ObjectAttributes = {"ETag", "ObjectSize", "Checksum", "ObjectParts"};
  const auto found = run(get_object_attributes, input);
  EXPECT_EQ(found.ETag, "25f9e794323b453885f5181f1b624d0b");
  EXPECT_EQ(found.ObjectSize, 9);
  EXPECT_EQ(found.Checksum->ChecksumCRC64NVME, "rosUhgp5mIg=");
  EXPECT_FALSE(found.StorageClass);
  EXPECT_FALSE(found.ObjectParts);
}

}  // namespace
}  // namespace engine::s3
