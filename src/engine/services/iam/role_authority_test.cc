// Services asking for roles.
#include "engine/services/iam/role_authority.h"

#include "engine/services/iam/test_iam.h"

#include <gmock/gmock.h>

namespace engine::iam {
namespace {

using testing::HasSubstr;

constexpr const char* kStream = "arn:aws:kinesis:us-east-1:123456789012:stream/beers";
constexpr const char* kFunction = "arn:aws:lambda:us-east-1:123456789012:function:f";
constexpr const char* kRule = "arn:aws:events:us-east-1:123456789012:rule/five";

class RoleAuthorityTest : public AccountTest {
 protected:
  std::unique_ptr<RoleAuthority> authority(Enforcement enforcement = Enforcement::kEnforce) {
    return std::make_unique<RoleAuthority>(iam_, enforcement, [this](const std::string&) -> std::optional<ResourcePolicy> {
      if (policy_.empty()) return std::nullopt;
      return ResourcePolicy{.document = policy_};
    });
  }
  Actor delivery() { return {make_role("delivery", R"({"Service":"firehose.amazonaws.com"})"), "firehose.amazonaws.com", "AWSFirehoseToS3"}; }
  void let(const std::string& action, const std::string& condition = "{}") {
    run(put_role_policy,
        api::PutRolePolicyInput{.RoleName = "delivery", .PolicyName = "access",
                                .PolicyDocument = fmt::format(R"({{"Statement":{{"Effect":"Allow","Action":"{}","Resource":"*","Condition":{}}}}})",
                                                              action, condition)});
  }
  std::string read(const RoleAuthority& asked, const Actor& actor, const ActFacts& facts = {}) {
    return told([&] { asked.require(actor, "kinesis:GetRecords", kStream, facts); });
  }
  std::string call(const RoleAuthority& asked) {
    return told([&] { asked.require_of_resource("events.amazonaws.com", kRule, "lambda:InvokeFunction", kFunction); });
  }
  template <class Run>
  std::string told(Run&& run) {
    try {
      run();
      return {};
    } catch (const AwsError& error) {
      return error.code + ": " + error.what();
    }
  }
  std::string policy_;
};

TEST_F(RoleAuthorityTest, LetsARoleDoWhatItsPoliciesSay) {
  const Actor actor = delivery();
  const auto asked = authority();
  EXPECT_EQ(read(*asked, actor),
            "AccessDenied: User: arn:aws:sts::123456789012:assumed-role/delivery/AWSFirehoseToS3 is not authorized to perform: "
            "kinesis:GetRecords on resource: arn:aws:kinesis:us-east-1:123456789012:stream/beers because no identity-based "
            "policy allows the kinesis:GetRecords action");
  let("kinesis:Get*");
  EXPECT_NE(read(*asked, actor), "") << "it remembers";
  asked->forget();
  EXPECT_EQ(read(*asked, actor), "");
  EXPECT_THAT(asked->deeds(), testing::ElementsAre(Deed{actor.role, "kinesis:GetRecords", kStream, false},
                                                  Deed{actor.role, "kinesis:GetRecords", kStream, true}));
}

TEST_F(RoleAuthorityTest, RefusesARoleThatIsNotThereOrTrustsSomebodyElse) {
  Actor actor = delivery();
  let("*");
  const auto asked = authority();
  EXPECT_TRUE(asked->may_assume(actor.role, "firehose.amazonaws.com"));
  EXPECT_FALSE(asked->may_assume(actor.role, "lambda.amazonaws.com"));
  EXPECT_FALSE(asked->may_assume(actor.role + "2", "firehose.amazonaws.com"));
  actor.service = "lambda.amazonaws.com";
  EXPECT_EQ(read(*asked, actor), "AccessDenied: lambda.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: " + actor.role);
}

TEST_F(RoleAuthorityTest, KnowsTheFactsOfADeed) {
  const Actor actor = delivery();
  let("kinesis:*", R"({"StringEquals":{"kinesis:mood":"good"}})");
  EXPECT_NE(read(*authority(), actor), "");
  EXPECT_EQ(read(*authority(), actor, {{"kinesis:mood", "good"}}), "");
}

TEST_F(RoleAuthorityTest, OnlyLogsOrLooksAway) {
  const Actor nobody{"arn:aws:iam::123456789012:role/none", "firehose.amazonaws.com", "s"};
  for (const Enforcement loose : {Enforcement::kLog, Enforcement::kOff}) {
    EXPECT_EQ(read(*authority(loose), nobody), "");
    EXPECT_EQ(call(*authority(loose)), "");
    EXPECT_TRUE(authority(loose)->may_assume(nobody.role, nobody.service));
  }
}

TEST_F(RoleAuthorityTest, AsksTheFunctionsPolicyForAService) {
  EXPECT_EQ(call(*authority()),
            "AccessDenied: events.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: "
            "arn:aws:lambda:us-east-1:123456789012:function:f because no resource-based policy allows the "
            "lambda:InvokeFunction action");
  const auto for_rule = [&](const std::string& rule) {
    policy_ = fmt::format(R"({{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"events.amazonaws.com"}},)"
                          R"("Action":"lambda:InvokeFunction","Resource":"{}","Condition":{{"ArnLike":{{"AWS:SourceArn":"{}"}}}}}}]}})",
                          kFunction, rule);
  };
  for_rule(kRule);
  EXPECT_EQ(call(*authority()), "");
  for_rule("arn:aws:events:us-east-1:123456789012:rule/other");
  EXPECT_NE(call(*authority()), "");
}

TEST_F(RoleAuthorityTest, GivesKeysOfASessionOfTheRole) {
  const Actor actor = delivery();
  const auto keys = authority()->keys(actor, std::chrono::hours(1));
  ASSERT_TRUE(keys);
  const auto who = iam_.identity(keys->access_key_id, keys->session_token);
  ASSERT_TRUE(who);
  EXPECT_EQ(who->arn, "arn:aws:sts::123456789012:assumed-role/delivery/AWSFirehoseToS3");
  EXPECT_EQ(who->secret, keys->secret_access_key);
  EXPECT_FALSE(authority()->keys({"no role", "", ""}, std::chrono::hours(1)));
}

}  // namespace
}  // namespace engine::iam
