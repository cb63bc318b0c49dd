// A bucket's documents come back as they were sent.
#include "engine/protocol/json.h"
#include "engine/services/s3/test_engine.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

namespace engine::s3 {
namespace {

class Documents : public S3Test {
 protected:
  Documents() { make_bucket(); }
  template <class Input>
  static Input of_lake() {
    Input input;
    input.Bucket = "lake";
    return input;
  }
};

TEST_F(Documents, OfPolicyComeBackByteByByte) {
  EXPECT_EQ(error(get_bucket_policy, of_lake<api::GetBucketPolicyInput>()), "NoSuchBucketPolicy");
  EXPECT_EQ(status_, 404);
  auto input = of_lake<api::PutBucketPolicyInput>();
  input.Policy = "{ \"Statement\":[] ,\n\"Version\":\"2012-10-17\"}";
  EXPECT_EQ(error(put_bucket_policy, input), "");
  EXPECT_EQ(call_->status, 204);
  EXPECT_EQ(run(get_bucket_policy, of_lake<api::GetBucketPolicyInput>()).Policy, input.Policy);
  run(delete_bucket_policy, of_lake<api::DeleteBucketPolicyInput>());
  EXPECT_EQ(error(get_bucket_policy, of_lake<api::GetBucketPolicyInput>()), "NoSuchBucketPolicy");
  input.Policy = "not json";
  EXPECT_EQ(error(put_bucket_policy, input), "MalformedPolicy");
}

TEST_F(Documents, OfLifecycleComeBackAsSent) {
  const auto ask = of_lake<api::GetBucketLifecycleConfigurationInput>();
  EXPECT_EQ(error(get_bucket_lifecycle_configuration, ask), "NoSuchLifecycleConfiguration");
  auto input = of_lake<api::PutBucketLifecycleConfigurationInput>();
  EXPECT_EQ(error(put_bucket_lifecycle_configuration, input), "MalformedXML");
  api::LifecycleRule rule;
  rule.ID = "expire";
  rule.Status = "Enabled";
  rule.Filter.emplace().Prefix = "raw/";
  rule.Expiration.emplace().Days = 30;
  rule.Transitions = {{.Days = 10, .StorageClass = "GLACIER"}};
  input.LifecycleConfiguration.emplace().Rules = {rule, {.Status = "Disabled"}};
  const auto answer = run(put_bucket_lifecycle_configuration, input);
  EXPECT_EQ(answer.TransitionDefaultMinimumObjectSize, "all_storage_classes_128K");
  reopen();
  const auto found = run(get_bucket_lifecycle_configuration, ask);
  ASSERT_EQ(found.Rules->size(), 2u);
  EXPECT_EQ(to_json(found.Rules->at(0)), to_json(rule));
  EXPECT_TRUE(found.Rules->at(1).ID);
  EXPECT_EQ(found.TransitionDefaultMinimumObjectSize, "all_storage_classes_128K");
  run(delete_bucket_lifecycle, of_lake<api::DeleteBucketLifecycleInput>());
  EXPECT_EQ(error(get_bucket_lifecycle_configuration, ask), "NoSuchLifecycleConfiguration");
}

TEST_F(Documents, OfANewBucketAreAwssDefaults) {
  auto create = of_lake<api::CreateBucketInput>();
  create.Bucket = "new-one";
  run(create_bucket, create);
  const std::string bucket = "new-one";
  EXPECT_EQ(run(get_bucket_ownership_controls, api::GetBucketOwnershipControlsInput{.Bucket = bucket})
                .OwnershipControls->Rules.at(0).ObjectOwnership, "BucketOwnerEnforced");
  EXPECT_EQ(run(get_public_access_block, api::GetPublicAccessBlockInput{.Bucket = bucket})
                .PublicAccessBlockConfiguration->BlockPublicAcls, true);
  EXPECT_EQ(run(get_bucket_encryption, api::GetBucketEncryptionInput{.Bucket = bucket})
                .ServerSideEncryptionConfiguration->Rules.at(0)
                .ApplyServerSideEncryptionByDefault->SSEAlgorithm, "AES256");
  EXPECT_FALSE(run(get_bucket_versioning, api::GetBucketVersioningInput{.Bucket = bucket}).Status);
  EXPECT_EQ(run(get_bucket_acl, api::GetBucketAclInput{.Bucket = bucket}).Grants->at(0).Permission,
            "FULL_CONTROL");
  EXPECT_EQ(run(get_bucket_request_payment, api::GetBucketRequestPaymentInput{.Bucket = bucket}).Payer,
            "BucketOwner");
  EXPECT_EQ(error(get_bucket_cors, api::GetBucketCorsInput{.Bucket = bucket}), "NoSuchCORSConfiguration");
  EXPECT_EQ(error(get_bucket_website, api::GetBucketWebsiteInput{.Bucket = bucket}),
            "NoSuchWebsiteConfiguration");
  EXPECT_EQ(error(get_bucket_replication, api::GetBucketReplicationInput{.Bucket = bucket}),
            "ReplicationConfigurationNotFoundError");
  EXPECT_EQ(error(get_object_lock_configuration, api::GetObjectLockConfigurationInput{.Bucket = bucket}),
            "ObjectLockConfigurationNotFoundError");
  run(delete_public_access_block, api::DeletePublicAccessBlockInput{.Bucket = bucket});
  EXPECT_EQ(error(get_public_access_block, api::GetPublicAccessBlockInput{.Bucket = bucket}),
            "NoSuchPublicAccessBlockConfiguration");
  run(delete_bucket_ownership_controls, api::DeleteBucketOwnershipControlsInput{.Bucket = bucket});
  EXPECT_EQ(error(get_bucket_ownership_controls, api::GetBucketOwnershipControlsInput{.Bucket = bucket}),
            "OwnershipControlsNotFoundError");
}

TEST_F(Documents, OfTheOtherKindsComeBackAsSent) {
  auto cors = of_lake<api::PutBucketCorsInput>();
  cors.CORSConfiguration.CORSRules = {{.AllowedMethods = {"GET"}, .AllowedOrigins = {"*"}, .MaxAgeSeconds = 60}};
  run(put_bucket_cors, cors);
  EXPECT_EQ(to_json(run(get_bucket_cors, of_lake<api::GetBucketCorsInput>()).CORSRules->at(0)),
            to_json(cors.CORSConfiguration.CORSRules.at(0)));

  auto encryption = of_lake<api::PutBucketEncryptionInput>();
  api::ServerSideEncryptionRule rule;
  rule.ApplyServerSideEncryptionByDefault = {.SSEAlgorithm = "aws:kms", .KMSMasterKeyID = "key-1"};
  rule.BucketKeyEnabled = true;
  encryption.ServerSideEncryptionConfiguration.Rules = {rule};
  run(put_bucket_encryption, encryption);
  EXPECT_EQ(to_json(*run(get_bucket_encryption, of_lake<api::GetBucketEncryptionInput>())
                         .ServerSideEncryptionConfiguration),
            to_json(encryption.ServerSideEncryptionConfiguration));

  auto versioning = of_lake<api::PutBucketVersioningInput>();
  EXPECT_EQ(error(put_bucket_versioning, versioning), "MalformedXML");
  versioning.VersioningConfiguration.Status = "Enabled";
  run(put_bucket_versioning, versioning);
  EXPECT_EQ(run(get_bucket_versioning, of_lake<api::GetBucketVersioningInput>()).Status, "Enabled");

  auto block = of_lake<api::PutPublicAccessBlockInput>();
  block.PublicAccessBlockConfiguration.BlockPublicAcls = true;
  run(put_public_access_block, block);
  const auto blocked = run(get_public_access_block, of_lake<api::GetPublicAccessBlockInput>());
  EXPECT_EQ(blocked.PublicAccessBlockConfiguration->BlockPublicAcls, true);
  EXPECT_EQ(blocked.PublicAccessBlockConfiguration->RestrictPublicBuckets, false);
}

TEST_F(Documents, AreComparedWithTheirDigests) {
  auto input = of_lake<api::PutBucketVersioningInput>();
  input.VersioningConfiguration.Status = "Enabled";
  request_.body = http::Body("<VersioningConfiguration/>");
  request_.headers.set("Content-MD5", base::to_base64(base::md5("<VersioningConfiguration/>")));
  EXPECT_EQ(error(put_bucket_versioning, input), "");
  request_.headers.set("x-amz-checksum-crc32", "AAAAAA==");
  EXPECT_EQ(error(put_bucket_versioning, input), "BadDigest");
}

TEST_F(Documents, AreOfBucketsThatExist) {
  EXPECT_EQ(error(get_bucket_policy, api::GetBucketPolicyInput{.Bucket = "none"}), "NoSuchBucket");
  EXPECT_EQ(error(get_bucket_versioning, api::GetBucketVersioningInput{.Bucket = "none"}), "NoSuchBucket");
  EXPECT_EQ(error(delete_bucket_cors, api::DeleteBucketCorsInput{.Bucket = "none"}), "NoSuchBucket");
}

class Tagging : public Documents {};

TEST_F(Tagging, OfObjectsIsReplacedAndRemoved) {
  put("a", "text");
  auto input = of_lake<api::PutObjectTaggingInput>();
  input.Key = "a";
  input.Tagging.TagSet = {{"z", "1"}, {"a", ""}};
  run(put_object_tagging, input);
  auto ask = of_lake<api::GetObjectTaggingInput>();
  ask.Key = "a";
  const auto found = run(get_object_tagging, ask);
  ASSERT_EQ(found.TagSet.size(), 2u);
  EXPECT_EQ(found.TagSet.at(0).Key, "z");
  EXPECT_EQ(get("a").TagCount, 2);
  auto remove = of_lake<api::DeleteObjectTaggingInput>();
  remove.Key = "a";
  run(delete_object_tagging, remove);
  EXPECT_TRUE(run(get_object_tagging, ask).TagSet.empty());
  ask.Key = "none";
  EXPECT_EQ(error(get_object_tagging, ask), "NoSuchKey");
}

TEST_F(Tagging, HasRules) {
  put("a", "text");
  auto input = of_lake<api::PutObjectTaggingInput>();
  input.Key = "a";
  const auto refused = [&](std::vector<api::Tag> tags) {
    input.Tagging.TagSet = std::move(tags);
    return error(put_object_tagging, input);
  };
  EXPECT_EQ(refused({{"k", "1"}, {"k", "2"}}), "InvalidTag");
  EXPECT_EQ(refused({{std::string(129, 'k'), ""}}), "InvalidTag");
  EXPECT_EQ(refused({{"k", std::string(257, 'v')}}), "InvalidTag");
  EXPECT_EQ(refused(std::vector<api::Tag>(11, {"k", "v"})), "BadRequest");
}

TEST_F(Tagging, OfBucketsComesBackAsSent) {
  EXPECT_EQ(error(get_bucket_tagging, of_lake<api::GetBucketTaggingInput>()), "NoSuchTagSet");
  auto input = of_lake<api::PutBucketTaggingInput>();
  input.Tagging.TagSet = {{"project", "beer"}};
  run(put_bucket_tagging, input);
  EXPECT_EQ(run(get_bucket_tagging, of_lake<api::GetBucketTaggingInput>()).TagSet.at(0).Value, "beer");
  run(delete_bucket_tagging, of_lake<api::DeleteBucketTaggingInput>());
  EXPECT_EQ(error(get_bucket_tagging, of_lake<api::GetBucketTaggingInput>()), "NoSuchTagSet");
}

}  // namespace
}  // namespace engine::s3
