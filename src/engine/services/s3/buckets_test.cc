// Making, finding and deleting buckets.
#include "engine/services/s3/api.h"
#include "engine/services/s3/documents.h"
#include "engine/services/s3/test_engine.h"

namespace engine::s3 {
namespace {

class Buckets : public S3Test {
 protected:
  std::string create(const std::string& name, std::optional<std::string> location = {}) {
    api::CreateBucketInput input;
    input.Bucket = name;
    if (location) input.CreateBucketConfiguration.emplace().LocationConstraint = location;
    return error(create_bucket, input);
  }
};

TEST_F(Buckets, AreListedInOrderWithTheirTime) {
  EXPECT_EQ(create("zulu"), "");
  clock_.advance(std::chrono::seconds(5));
  EXPECT_EQ(create("alpha"), "");
  const auto listed = run(list_buckets, api::ListBucketsInput{});
  ASSERT_EQ(listed.Buckets->size(), 2u);
  EXPECT_EQ(listed.Buckets->at(0).Name, "alpha");
  EXPECT_EQ(listed.Buckets->at(0).CreationDate, clock_.now());
  EXPECT_EQ(listed.Buckets->at(1).Name, "zulu");
  EXPECT_EQ(listed.Owner->ID->size(), 64u);
  EXPECT_FALSE(listed.ContinuationToken);
}

TEST_F(Buckets, AreListedPageByPage) {
  for (const char* name : {"aaa", "bbb", "ccc"}) create(name);
  api::ListBucketsInput input;
  input.MaxBuckets = 2;
  const auto first = run(list_buckets, input);
  ASSERT_EQ(first.Buckets->size(), 2u);
  input.ContinuationToken = first.ContinuationToken;
  const auto second = run(list_buckets, input);
  ASSERT_EQ(second.Buckets->size(), 1u);
  EXPECT_EQ(second.Buckets->at(0).Name, "ccc");
  EXPECT_FALSE(second.ContinuationToken);
}

TEST_F(Buckets, RefuseNamesThatAreNone) {
  for (const char* name : {"ab", "Upper", "under_score", "-dash", "dot.", "two..dots", "192.168.5.4",
                           "xn--it", "it-s3alias"}) {
    EXPECT_EQ(create(name), "InvalidBucketName") << name;
  }
  EXPECT_EQ(create(std::string(63, 'a')), "");
  EXPECT_EQ(create(std::string(64, 'a')), "InvalidBucketName");
  EXPECT_EQ(create("my.bucket-1"), "");
}

TEST_F(Buckets, MayBeMadeTwiceInUsEast1Only) {
  EXPECT_EQ(create("lake"), "");
  EXPECT_EQ(create("lake"), "");
  EXPECT_EQ(error_of([&] { s3_->create_bucket("lake"); }), "BucketAlreadyOwnedByYou");
  region_ = "sa-east-1";
  reopen();
  EXPECT_EQ(create("lake", "sa-east-1"), "BucketAlreadyOwnedByYou");
  EXPECT_EQ(status_, 409);
}

TEST_F(Buckets, KnowTheirRegion) {
  EXPECT_EQ(create("lake", "us-east-1"), "InvalidLocationConstraint");
  EXPECT_EQ(create("lake", "eu-west-1"), "IllegalLocationConstraintException");
  EXPECT_EQ(create("lake"), "");
  EXPECT_FALSE(run(get_bucket_location, api::GetBucketLocationInput{.Bucket = "lake"}).LocationConstraint);
  region_ = "sa-east-1";
  reopen();
  EXPECT_EQ(run(get_bucket_location, api::GetBucketLocationInput{.Bucket = "lake"}).LocationConstraint,
            "sa-east-1");
  EXPECT_EQ(run(head_bucket, api::HeadBucketInput{.Bucket = "lake"}).BucketRegion, "sa-east-1");
}

TEST_F(Buckets, AreDeletedOnlyWhenEmptyAndThenWithAllTheyHad) {
  make_bucket();
  put("a", "text");
  put_document(*s3_, "lake", document::kPolicy, "{}");
  EXPECT_EQ(error(delete_bucket, api::DeleteBucketInput{.Bucket = "lake"}), "BucketNotEmpty");
  s3_->delete_object("lake", "a");
  EXPECT_EQ(error(delete_bucket, api::DeleteBucketInput{.Bucket = "lake"}), "");
  EXPECT_EQ(error(head_bucket, api::HeadBucketInput{.Bucket = "lake"}), "NoSuchBucket");
  EXPECT_EQ(status_, 404);
  make_bucket();
  EXPECT_FALSE(find_document(*s3_, "lake", document::kPolicy));
}

TEST_F(Buckets, AreStillThereAfterARestart) {
  make_bucket();
  reopen();
  EXPECT_TRUE(s3_->has_bucket("lake"));
}

TEST(S3Uris, AreTakenApart) {
  EXPECT_EQ(parse_s3_uri("s3://lake/a/b")->key, "a/b");
  EXPECT_EQ(parse_s3_uri("s3://lake/a/b")->bucket, "lake");
  EXPECT_EQ(parse_s3_uri("s3://lake")->key, "");
  EXPECT_FALSE(parse_s3_uri("http://lake/a"));
  EXPECT_FALSE(parse_s3_uri("s3:///a"));
}

TEST_F(Buckets, AreRefusedToWhoExpectsAnothersOwner) {
  create("lake");
  const auto service = definition(*s3_);
  api::HeadBucketInput input;
  input.Bucket = "lake";
  const auto head = [&](const char* header, const char* owner) {
    http::Request request;
    request.headers.set(header, owner);
    Call call{request, "request-1", "123456789012"};
    return error_of([&] { service.find("HeadBucket")->run(call, &input); });
  };
  EXPECT_EQ(head("x-amz-expected-bucket-owner", "123456789012"), "");
  EXPECT_EQ(head("x-amz-expected-bucket-owner", "999999999999"), "AccessDenied");
  EXPECT_EQ(head("x-amz-source-expected-bucket-owner", "999999999999"), "AccessDenied");
  EXPECT_EQ(status_, 403);
}

}  // namespace
}  // namespace engine::s3
