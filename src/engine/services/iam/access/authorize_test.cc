// May this caller do that? By real operations' inputs.
#include "engine/services/iam/access/authorize.h"

#include "engine/models/athena.h"
#include "engine/models/glue.h"
#include "engine/models/kinesis.h"
#include "engine/models/lambda.h"
#include "engine/models/s3.h"
#include "engine/models/sagemaker.h"
#include "engine/services/iam/test_iam.h"

#include <gmock/gmock.h>

namespace engine::iam {
namespace {

using testing::ElementsAre;

const Place kHere{"123456789012", "us-east-1"};

/// "kinesis:PutRecord on arn:…", of each need.
template <class Op>
std::vector<std::string> needs(std::string_view service, const typename Op::Input& input) {
  std::vector<std::string> found;
  const Lookup lookup = [](std::string_view member, const std::string& value) {
    return "behind " + std::string(member) + " " + value;
  };
  for (const Need& need : needs_of(service, Op::model(), &input, kHere, lookup)) {
    found.push_back(need.action + " on " + need.resource);
  }
  return found;
}

TEST(Needs, OfAStreamAreOnItsArnHoweverItIsNamed) {
  namespace op = kinesis::api::op;
  const std::string arn = "arn:aws:kinesis:us-east-1:123456789012:stream/beers";
  EXPECT_THAT(needs<op::PutRecord>("kinesis", {.StreamName = "beers"}), ElementsAre("kinesis:PutRecord on " + arn));
  EXPECT_THAT(needs<op::PutRecord>("kinesis", {.StreamARN = arn}), ElementsAre("kinesis:PutRecord on " + arn));
  EXPECT_THAT(needs<op::GetRecords>("kinesis", {.ShardIterator = "i"}),
              ElementsAre("kinesis:GetRecords on behind ShardIterator i"));
  EXPECT_THAT(needs<op::ListStreams>("kinesis", {}), ElementsAre("kinesis:ListStreams on *"));
}

TEST(Needs, OfS3AreInItsOwnWords) {
  namespace op = s3::api::op;
  EXPECT_THAT(needs<op::ListObjectsV2>("s3", {.Bucket = "b"}), ElementsAre("s3:ListBucket on arn:aws:s3:::b"));
  EXPECT_THAT(needs<op::HeadObject>("s3", {.Bucket = "b", .Key = "k/1"}), ElementsAre("s3:GetObject on arn:aws:s3:::b/k/1"));
  op::CopyObject::Input copy;
  copy.Bucket = "b";
  copy.Key = "k";
  copy.CopySource = "/a/x%20y?versionId=3";
  EXPECT_THAT(needs<op::CopyObject>("s3", copy),
              ElementsAre("s3:PutObject on arn:aws:s3:::b/k", "s3:GetObject on arn:aws:s3:::a/x y"));
  EXPECT_THAT(needs<op::ListBuckets>("s3", {}), ElementsAre("s3:ListAllMyBuckets on *"));
}

TEST(Needs, OfATableAreOnCatalogDatabaseAndTable) {
  glue::api::op::GetTable::Input input;
  input.DatabaseName = "lake";
  input.Name = "cleaned";
  EXPECT_THAT(needs<glue::api::op::GetTable>("glue", input),
              ElementsAre("glue:GetTable on arn:aws:glue:us-east-1:123456789012:catalog",
                          "glue:GetTable on arn:aws:glue:us-east-1:123456789012:database/lake",
                          "glue:GetTable on arn:aws:glue:us-east-1:123456789012:table/lake/cleaned"));
}

TEST(Needs, OfHandingARoleToAServiceIsToPassIt) {
  sagemaker::api::op::CreatePipeline::Input input;
  input.PipelineName = "beer";
  input.RoleArn = "arn:aws:iam::123456789012:role/pipeline";
  EXPECT_THAT(needs<sagemaker::api::op::CreatePipeline>("sagemaker", input),
              ElementsAre("sagemaker:CreatePipeline on arn:aws:sagemaker:us-east-1:123456789012:pipeline/beer",
                          "iam:PassRole on arn:aws:iam::123456789012:role/pipeline"));
}

TEST(Needs, OfAFunctionAndAQuery) {
  lambda::api::op::Invoke::Input invoke;
  invoke.FunctionName = "f";
  EXPECT_THAT(needs<lambda::api::op::Invoke>("lambda", invoke),
              ElementsAre("lambda:InvokeFunction on arn:aws:lambda:us-east-1:123456789012:function:f"));
  athena::api::op::GetQueryResults::Input results;
  results.QueryExecutionId = "7";
  EXPECT_THAT(needs<athena::api::op::GetQueryResults>("athena", results),
              ElementsAre("athena:GetQueryResults on behind QueryExecutionId 7"));
}

class GuardTest : public AccountTest {
 protected:
  /// What becomes of a put by the user; "" when it is let through.
  std::string put(const std::string& stream, Enforcement enforcement = Enforcement::kEnforce,
                  Protocol protocol = Protocol::kAwsJson11) {
    const Guard guard(iam_, enforcement, [](std::string_view, const std::string&) { return ""; },
                      [this](const std::string&) -> std::optional<ResourcePolicy> {
                        if (policy_.empty()) return std::nullopt;
                        return ResourcePolicy{.document = policy_, .restricted = restricted_};
                      });
    const ServiceDefinition service{.name = "kinesis", .signing_name = "kinesis", .protocol = protocol};
    Call call{request_, "request"};
    call.account = "123456789012";
    call.region = "us-east-1";
    kinesis::api::op::PutRecord::Input input;
    input.StreamName = stream;
    try {
      guard.check(service, kinesis::api::op::PutRecord::model(), call, who_, &input);
      return {};
    } catch (const AwsError& error) {
      return fmt::format("{} {} {}", error.status, error.code, error.what());
    }
  }
  Identity user(const std::string& name) {
    Identity who;
    who.kind = Identity::Kind::kUser;
    who.name = name;
    who.arn = make_user(name);
    return who;
  }
  Identity who_;
  std::string policy_;  ///< of whatever is asked for
  bool restricted_ = false;
};

TEST_F(GuardTest, LetsTheRootDoEverything) { EXPECT_EQ(put("beers"), ""); }

TEST_F(GuardTest, RefusesInAwssWordsWhatNoPolicyAllows) {
  who_ = user("ana");
  EXPECT_EQ(put("beers"),
            "400 AccessDeniedException User: arn:aws:iam::123456789012:user/ana is not authorized to perform: "
            "kinesis:PutRecord on resource: arn:aws:kinesis:us-east-1:123456789012:stream/beers because no "
            "identity-based policy allows the kinesis:PutRecord action");
  allow("ana", "kinesis:Put*", "arn:aws:kinesis:*:*:stream/beers");
  EXPECT_EQ(put("beers"), "");
  EXPECT_NE(put("wine"), "");
}

TEST_F(GuardTest, RefusesWhatIsDenied) {
  who_ = user("ana");
  run(attach_user_policy,
      api::AttachUserPolicyInput{.UserName = "ana", .PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess"});
  EXPECT_EQ(put("beers"), "");
  run(put_user_policy, api::PutUserPolicyInput{.UserName = "ana", .PolicyName = "no", .PolicyDocument =
      R"({"Statement":{"Effect":"Deny","Action":"kinesis:*","Resource":"*"}})"});
  EXPECT_THAT(put("beers"), testing::EndsWith("with an explicit deny in an identity-based policy"));
}

TEST_F(GuardTest, HoldsASessionWithinItsPolicy) {
  who_ = user("ana");
  allow("ana", "kinesis:*");
  who_.session_policy = R"({"Statement":{"Effect":"Allow","Action":"kinesis:*","Resource":"arn:aws:kinesis:*:*:stream/beers"}})";
  EXPECT_EQ(put("beers"), "");
  EXPECT_THAT(put("wine"), testing::HasSubstr("because no session policy allows"));
}

TEST_F(GuardTest, LetsThroughWhatIsOnlyLoggedOrNotLookedAt) {
  who_ = user("ana");
  EXPECT_EQ(put("beers", Enforcement::kLog), "");
  EXPECT_EQ(put("beers", Enforcement::kOff), "");
}

TEST_F(GuardTest, AsksTheResourcesPolicyToo) {
  who_ = user("ana");
  policy_ = R"({"Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:user/ana"},"Action":"kinesis:PutRecord","Resource":"*"}})";
  EXPECT_EQ(put("beers"), "");
  allow("ana", "*");
  policy_ = R"({"Statement":{"Effect":"Deny","Principal":"*","Action":"kinesis:*","Resource":"*"}})";
  EXPECT_THAT(put("beers"), testing::EndsWith("with an explicit deny in a resource-based policy"));
  policy_ = "no policy";
  EXPECT_EQ(put("beers"), "");
}

TEST_F(GuardTest, LetsNobodyInButWhereEveryoneMayGo) {
  who_.kind = Identity::Kind::kAnonymous;
  EXPECT_EQ(put("beers"), "403 AccessDenied Access Denied");
  EXPECT_EQ(put("beers", Enforcement::kOff), "403 AccessDenied Access Denied");
  policy_ = R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"kinesis:PutRecord","Resource":"arn:aws:kinesis:*:*:stream/beers"}})";
  EXPECT_EQ(put("beers"), "");
  EXPECT_EQ(put("wine"), "403 AccessDenied Access Denied");
  restricted_ = true;
  EXPECT_EQ(put("beers"), "403 AccessDenied Access Denied");
}

TEST_F(GuardTest, RefusesAUserWhoIsGone) {
  who_ = user("ana");
  run(delete_user, api::DeleteUserInput{.UserName = "ana"});
  EXPECT_NE(put("beers"), "");
}

}  // namespace
}  // namespace engine::iam
