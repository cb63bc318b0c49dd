// Users, their policies and their keys.
#include "engine/services/iam/test_iam.h"

namespace engine::iam {
namespace {

using Users = AccountTest;

TEST_F(Users, AreMadeFoundListedAndDeleted) {
  api::CreateUserInput input{.Path = "/team/", .UserName = "ana"};
  const auto made = *run(create_user, input).User;
  EXPECT_EQ(made.Arn, "arn:aws:iam::123456789012:user/team/ana");
  EXPECT_TRUE(made.UserId.starts_with("AIDA"));
  EXPECT_EQ(error(create_user, input), "EntityAlreadyExists");
  EXPECT_EQ(run(get_user, api::GetUserInput{.UserName = "ana"}).User.UserId, made.UserId);
  make_user("bea");
  EXPECT_EQ(run(list_users, api::ListUsersInput{}).Users.size(), 2U);
  EXPECT_EQ(run(list_users, api::ListUsersInput{.PathPrefix = "/team/"}).Users.size(), 1U);
  run(delete_user, api::DeleteUserInput{.UserName = "ana"});
  EXPECT_EQ(error(get_user, api::GetUserInput{.UserName = "ana"}), "NoSuchEntity");
}

TEST_F(Users, WhoAsksWithoutANameIsToldOfThemselves) {
  const auto arn = make_user("ana");
  EXPECT_EQ(run(get_user, api::GetUserInput{}, arn).User.UserName, "ana");
  EXPECT_EQ(run(get_user, api::GetUserInput{}).User.Arn, kRootArn);
  EXPECT_EQ(error(get_user, api::GetUserInput{}, "arn:aws:sts::123456789012:assumed-role/r/s"), "ValidationError");
}

TEST_F(Users, AreNotDeletedWhileTheyHoldSomething) {
  make_user("ana");
  const api::DeleteUserInput gone{.UserName = "ana"};
  allow("ana", "s3:*");
  EXPECT_EQ(error(delete_user, gone), "DeleteConflict");
  run(delete_user_policy, api::DeleteUserPolicyInput{.UserName = "ana", .PolicyName = "inline"});
  const std::string policy = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
  run(attach_user_policy, api::AttachUserPolicyInput{.UserName = "ana", .PolicyArn = policy});
  EXPECT_EQ(run(list_attached_user_policies, api::ListAttachedUserPoliciesInput{.UserName = "ana"}).AttachedPolicies->size(), 1U);
  EXPECT_EQ(run(list_entities_for_policy, api::ListEntitiesForPolicyInput{.PolicyArn = policy}).PolicyUsers->size(), 1U);
  EXPECT_EQ(error(delete_user, gone), "DeleteConflict");
  run(detach_user_policy, api::DetachUserPolicyInput{.UserName = "ana", .PolicyArn = policy});
  const auto key = run(create_access_key, api::CreateAccessKeyInput{.UserName = "ana"}).AccessKey;
  EXPECT_EQ(error(delete_user, gone), "DeleteConflict");
  run(delete_access_key, api::DeleteAccessKeyInput{.UserName = "ana", .AccessKeyId = key.AccessKeyId});
  EXPECT_EQ(error(delete_user, gone), "");
}

TEST_F(Users, HaveTwoKeysAtMostAndUseTheActiveOnes) {
  const auto arn = make_user("ana");
  const auto key = run(create_access_key, api::CreateAccessKeyInput{}, arn).AccessKey;
  EXPECT_EQ(key.AccessKeyId.size(), 20U);
  EXPECT_EQ(key.SecretAccessKey.size(), 40U);
  run(create_access_key, api::CreateAccessKeyInput{.UserName = "ana"});
  EXPECT_EQ(error(create_access_key, api::CreateAccessKeyInput{.UserName = "ana"}), "LimitExceeded");
  EXPECT_EQ(run(list_access_keys, api::ListAccessKeysInput{}, arn).AccessKeyMetadata.size(), 2U);

  const auto who = iam_.identity(key.AccessKeyId, "");
  ASSERT_TRUE(who);
  EXPECT_EQ(who->arn, arn);
  EXPECT_EQ(who->secret, key.SecretAccessKey);
  const auto set = [&](const std::string& status) {
    run(update_access_key, api::UpdateAccessKeyInput{.UserName = "ana", .AccessKeyId = key.AccessKeyId, .Status = status});
  };
  set("Inactive");
  EXPECT_FALSE(iam_.identity(key.AccessKeyId, ""));
  set("Active");
  EXPECT_TRUE(iam_.identity(key.AccessKeyId, ""));
  make_user("bea");
  EXPECT_EQ(error(delete_access_key, api::DeleteAccessKeyInput{.UserName = "bea", .AccessKeyId = key.AccessKeyId}),
            "NoSuchEntity");
  EXPECT_EQ(error(create_access_key, api::CreateAccessKeyInput{}), "ValidationError");
}

}  // namespace
}  // namespace engine::iam
