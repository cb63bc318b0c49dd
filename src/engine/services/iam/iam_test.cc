// Roles and policies come back as they were sent.
#include "engine/services/iam/operations.h"
#include "lib/base/encoding.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <random>

namespace engine::iam {
namespace {

constexpr const char* kTrust =
    "{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \"Principal\": "
    "{\"Service\": \"lambda.amazonaws.com\"}}]}";
constexpr const char* kOther =
    "{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"sts:AssumeRole\", \"Principal\": \"*\"}}";
constexpr const char* kAccess =
    "{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": \"*\"}]}";
constexpr const char* kOtherAccess =
    "{\"Statement\": [{\"Effect\": \"Deny\", \"Action\": \"s3:*\", \"Resource\": \"*\"}]}";
constexpr const char* kBasic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

class IamTest : public testing::Test {
 protected:
  ~IamTest() override { std::filesystem::remove_all(folder_); }

  template <class Output, class Input>
  Output run(Output (*operation)(Iam&, Call&, const Input&), const Input& input) {
    Call call{request_, "request"};
    return operation(iam_, call, input);
  }
  template <class Output, class Input>
  std::string error(Output (*operation)(Iam&, Call&, const Input&), const Input& input) {
    try {
      run(operation, input);
      return {};
    } catch (const AwsError& error) {
      status_ = error.status;
      return error.code;
    }
  }
  api::Role make_role(const std::string& name) {
    api::CreateRoleInput input;
    input.RoleName = name;
    input.AssumeRolePolicyDocument = kTrust;
    return run(create_role, input).Role;
  }
  std::string make_policy(const std::string& name) {
    api::CreatePolicyInput input;
    input.PolicyName = name;
    input.PolicyDocument = kAccess;
    return *run(create_policy, input).Policy->Arn;
  }

  std::string folder_ = (std::filesystem::temp_directory_path() /
                         ("iam_test_" + std::to_string(std::random_device{}()))).string();
  base::ManualClock clock_;
  base::Ids ids_{3};
  storage::Catalog catalog_{folder_};
  Context context_{catalog_, clock_, ids_};
  Iam iam_{context_};
  http::Request request_;
  int status_ = 0;
};

using Roles = IamTest;

TEST_F(Roles, ComeBackAsTheyWereMade) {
  api::CreateRoleInput input;
  input.RoleName = "writer";
  input.Path = "/beer/";
  input.Description = "writes";
  input.AssumeRolePolicyDocument = kTrust;
  input.Tags = {{{"a", "1"}, {"b", "2"}}};
  const auto made = run(create_role, input).Role;
  EXPECT_EQ(made.Arn, "arn:aws:iam::123456789012:role/beer/writer");
  EXPECT_EQ(made.RoleId.size(), 21u);
  const auto found = run(get_role, api::GetRoleInput{.RoleName = "writer"}).Role;
  EXPECT_EQ(found.RoleId, made.RoleId);
  EXPECT_EQ(found.Description, "writes");
  EXPECT_EQ(found.MaxSessionDuration, 3600);
  EXPECT_EQ(found.CreateDate, clock_.now());
  EXPECT_EQ(base::percent_decode(*found.AssumeRolePolicyDocument), kTrust);
  EXPECT_EQ(found.AssumeRolePolicyDocument->find_first_of(" {\"\n"), std::string::npos);
  EXPECT_EQ(found.Tags->size(), 2u);
}

TEST_F(Roles, RefuseDoublesAndBrokenDocuments) {
  make_role("writer");
  api::CreateRoleInput input;
  input.RoleName = "writer";
  input.AssumeRolePolicyDocument = kTrust;
  EXPECT_EQ(error(create_role, input), "EntityAlreadyExists");
  EXPECT_EQ(status_, 409);
  input.AssumeRolePolicyDocument = "{";
  EXPECT_EQ(error(create_role, input), "MalformedPolicyDocument");
  EXPECT_EQ(error(get_role, api::GetRoleInput{.RoleName = "none"}), "NoSuchEntity");
  EXPECT_EQ(status_, 404);
}

TEST_F(Roles, AreChangedInPlace) {
  make_role("writer");
  api::UpdateRoleInput update;
  update.RoleName = "writer";
  update.MaxSessionDuration = 7200;
  run(update_role, update);
  api::UpdateRoleDescriptionInput words{.RoleName = "writer", .Description = "writes"};
  EXPECT_EQ(run(update_role_description, words).Role->Description, "writes");
  run(update_assume_role_policy,
      api::UpdateAssumeRolePolicyInput{.RoleName = "writer", .PolicyDocument = kOther});
  run(tag_role, api::TagRoleInput{.RoleName = "writer", .Tags = {{"a", "1"}, {"b", "2"}}});
  run(tag_role, api::TagRoleInput{.RoleName = "writer", .Tags = {{"a", "3"}}});
  run(untag_role, api::UntagRoleInput{.RoleName = "writer", .TagKeys = {"b"}});
  const auto found = run(get_role, api::GetRoleInput{.RoleName = "writer"}).Role;
  EXPECT_EQ(found.MaxSessionDuration, 7200);
  EXPECT_EQ(found.Description, "writes");
  EXPECT_EQ(base::percent_decode(*found.AssumeRolePolicyDocument), kOther);
  ASSERT_EQ(found.Tags->size(), 1u);
  EXPECT_EQ(found.Tags->at(0).Value, "3");
  EXPECT_EQ(run(list_role_tags, api::ListRoleTagsInput{.RoleName = "writer"}).Tags.size(), 1u);
}

TEST_F(Roles, AreListedInPages) {
  for (const char* name : {"c", "a", "b"}) make_role(name);
  api::ListRolesInput input;
  input.MaxItems = 2;
  auto output = run(list_roles, input);
  ASSERT_EQ(output.Roles.size(), 2u);
  EXPECT_EQ(output.Roles[0].RoleName, "a");
  EXPECT_EQ(output.IsTruncated, true);
  input.Marker = output.Marker;
  output = run(list_roles, input);
  ASSERT_EQ(output.Roles.size(), 1u);
  EXPECT_EQ(output.Roles[0].RoleName, "c");
  EXPECT_EQ(output.IsTruncated, false);
  input = {};
  input.PathPrefix = "/other/";
  EXPECT_TRUE(run(list_roles, input).Roles.empty());
}

TEST_F(Roles, HaveInlinePolicies) {
  make_role("writer");
  api::PutRolePolicyInput input{.RoleName = "writer", .PolicyName = "inline", .PolicyDocument = kAccess};
  run(put_role_policy, input);
  const auto found = run(get_role_policy,
                         api::GetRolePolicyInput{.RoleName = "writer", .PolicyName = "inline"});
  EXPECT_EQ(base::percent_decode(found.PolicyDocument), kAccess);
  EXPECT_EQ(run(list_role_policies, api::ListRolePoliciesInput{.RoleName = "writer"}).PolicyNames,
            std::vector<std::string>{"inline"});
  EXPECT_EQ(error(delete_role, api::DeleteRoleInput{.RoleName = "writer"}), "DeleteConflict");
  run(delete_role_policy, api::DeleteRolePolicyInput{.RoleName = "writer", .PolicyName = "inline"});
  EXPECT_EQ(error(get_role_policy, api::GetRolePolicyInput{.RoleName = "writer", .PolicyName = "inline"}),
            "NoSuchEntity");
  EXPECT_EQ(error(delete_role, api::DeleteRoleInput{.RoleName = "writer"}), "");
}

TEST_F(Roles, HaveAttachedPoliciesOfTheAccountAndOfAws) {
  make_role("writer");
  const auto own = make_policy("own");
  run(attach_role_policy, api::AttachRolePolicyInput{.RoleName = "writer", .PolicyArn = own});
  run(attach_role_policy, api::AttachRolePolicyInput{.RoleName = "writer", .PolicyArn = kBasic});
  run(attach_role_policy, api::AttachRolePolicyInput{.RoleName = "writer", .PolicyArn = kBasic});
  const auto listed = run(list_attached_role_policies,
                          api::ListAttachedRolePoliciesInput{.RoleName = "writer"});
  ASSERT_EQ(listed.AttachedPolicies->size(), 2u);
  EXPECT_EQ(listed.AttachedPolicies->at(1).PolicyName, "AWSLambdaBasicExecutionRole");
  EXPECT_EQ(run(get_policy, api::GetPolicyInput{.PolicyArn = own}).Policy->AttachmentCount, 1);
  EXPECT_EQ(run(list_entities_for_policy, api::ListEntitiesForPolicyInput{.PolicyArn = own})
                .PolicyRoles->at(0).RoleName, "writer");
  EXPECT_EQ(error(attach_role_policy,
                  api::AttachRolePolicyInput{.RoleName = "writer", .PolicyArn = own + "x"}), "NoSuchEntity");
  EXPECT_EQ(error(delete_role, api::DeleteRoleInput{.RoleName = "writer"}), "DeleteConflict");
  EXPECT_EQ(error(delete_policy, api::DeletePolicyInput{.PolicyArn = own}), "DeleteConflict");
  run(detach_role_policy, api::DetachRolePolicyInput{.RoleName = "writer", .PolicyArn = own});
  EXPECT_EQ(error(detach_role_policy, api::DetachRolePolicyInput{.RoleName = "writer", .PolicyArn = own}),
            "NoSuchEntity");
  EXPECT_EQ(error(delete_policy, api::DeletePolicyInput{.PolicyArn = own}), "");
}

using Policies = IamTest;

TEST_F(Policies, HaveAtMostFiveVersionsWithNumbersNeverReused) {
  const auto arn = make_policy("own");
  const auto add = [&](bool is_default) {
    api::CreatePolicyVersionInput input;
    input.PolicyArn = arn;
    input.PolicyDocument = kOtherAccess;
    input.SetAsDefault = is_default;
    return run(create_policy_version, input).PolicyVersion;
  };
  EXPECT_EQ(add(true)->VersionId, "v2");
  const auto found = run(get_policy, api::GetPolicyInput{.PolicyArn = arn}).Policy;
  EXPECT_EQ(found->DefaultVersionId, "v2");
  const auto version = run(get_policy_version,
                           api::GetPolicyVersionInput{.PolicyArn = arn, .VersionId = "v2"}).PolicyVersion;
  EXPECT_EQ(base::percent_decode(*version->Document), kOtherAccess);
  EXPECT_EQ(version->IsDefaultVersion, true);
  const auto remove = [&](const std::string& id) {
    return error(delete_policy_version, api::DeletePolicyVersionInput{.PolicyArn = arn, .VersionId = id});
  };
  EXPECT_EQ(remove("v2"), "DeleteConflict");
  EXPECT_EQ(remove("v9"), "NoSuchEntity");
  for (int i = 0; i < 3; ++i) add(false);
  api::CreatePolicyVersionInput sixth{.PolicyArn = arn, .PolicyDocument = kOtherAccess};
  EXPECT_EQ(error(create_policy_version, sixth), "LimitExceeded");
  EXPECT_EQ(remove("v5"), "");
  EXPECT_EQ(add(false)->VersionId, "v6");
  run(set_default_policy_version,
      api::op::SetDefaultPolicyVersion::Input{.PolicyArn = arn, .VersionId = "v3"});
  EXPECT_EQ(run(get_policy, api::GetPolicyInput{.PolicyArn = arn}).Policy->DefaultVersionId, "v3");
  EXPECT_EQ(error(set_default_policy_version,
                  api::op::SetDefaultPolicyVersion::Input{.PolicyArn = arn, .VersionId = "v9"}),
            "NoSuchEntity");
  const auto listed = run(list_policy_versions, api::ListPolicyVersionsInput{.PolicyArn = arn});
  EXPECT_EQ(listed.Versions->size(), 5u);
  EXPECT_EQ(listed.Versions->front().VersionId, "v6");
  EXPECT_EQ(error(delete_policy, api::DeletePolicyInput{.PolicyArn = arn}), "DeleteConflict");
}

TEST_F(Policies, HaveNamesThatAreUniqueAndTags) {
  const auto arn = make_policy("own");
  api::CreatePolicyInput again;
  again.PolicyName = "own";
  again.Path = "/elsewhere/";
  again.PolicyDocument = kOtherAccess;
  EXPECT_EQ(error(create_policy, again), "EntityAlreadyExists");
  run(tag_policy, api::TagPolicyInput{.PolicyArn = arn, .Tags = {{"a", "1"}}});
  EXPECT_EQ(run(list_policy_tags, api::ListPolicyTagsInput{.PolicyArn = arn}).Tags.size(), 1u);
  run(untag_policy, api::UntagPolicyInput{.PolicyArn = arn, .TagKeys = {"a"}});
  EXPECT_TRUE(run(list_policy_tags, api::ListPolicyTagsInput{.PolicyArn = arn}).Tags.empty());
}

TEST_F(Policies, AreListedByScope) {
  const auto arn = make_policy("own");
  api::ListPoliciesInput input;
  input.Scope = "Local";
  ASSERT_EQ(run(list_policies, input).Policies->size(), 1u);
  EXPECT_EQ(run(list_policies, input).Policies->at(0).Arn, arn);
  input.OnlyAttached = true;
  EXPECT_TRUE(run(list_policies, input).Policies->empty());
  input = {};
  input.Scope = "AWS";
  EXPECT_GE(run(list_policies, input).Policies->size(), 5u);
}

TEST_F(Policies, OfAwsCanBeRead) {
  const auto policy = run(get_policy, api::GetPolicyInput{.PolicyArn = kBasic}).Policy;
  EXPECT_EQ(policy->Path, "/service-role/");
  EXPECT_EQ(policy->DefaultVersionId, "v1");
  const auto version = run(get_policy_version,
                           api::GetPolicyVersionInput{.PolicyArn = kBasic, .VersionId = "v1"});
  EXPECT_NE(version.PolicyVersion->Document->find("logs%3APutLogEvents"), std::string::npos);
  EXPECT_EQ(error(create_policy_version,
                  api::CreatePolicyVersionInput{.PolicyArn = kBasic, .PolicyDocument = kOtherAccess}), "NoSuchEntity");
}

TEST_F(IamTest, KnowsTheRootAndNoOtherUser) {
  EXPECT_EQ(run(get_user, api::GetUserInput{}).User.Arn, "arn:aws:iam::123456789012:root");
  EXPECT_EQ(error(get_user, api::GetUserInput{.UserName = "nobody"}), "NoSuchEntity");
}

}  // namespace
}  // namespace engine::iam
