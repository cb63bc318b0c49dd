// What is a policy document, and what the sentence is when it isn't.
#include "engine/services/iam/access/policy.h"

#include "engine/protocol/error.h"

#include <gtest/gtest.h>

namespace engine::iam {
namespace {

std::string refusal(std::string_view document, PolicyKind kind = PolicyKind::kIdentity) {
  try {
    parse_policy(document, kind);
  } catch (const AwsError& error) {
    return error.code + ": " + error.what();
  }
  return "";
}

TEST(PolicyDocument, HasItsStatementsAsTheyStand) {
  const Policy policy = parse_policy(R"({
    "Version": "2012-10-17", "Id": "x",
    "Statement": [
      {"Sid": "read", "Effect": "Allow", "Action": "s3:Get*", "Resource": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"]},
      {"Effect": "Deny", "NotAction": ["iam:*"], "NotResource": "*",
       "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a*", 1, true]}}}]})",
                                     PolicyKind::kIdentity);
  EXPECT_TRUE(policy.variables);
  ASSERT_EQ(policy.statements.size(), 2U);
  EXPECT_EQ(policy.statements[0].sid, "read");
  EXPECT_EQ(policy.statements[0].resources.size(), 2U);
  const Statement& second = policy.statements[1];
  EXPECT_FALSE(second.allow);
  EXPECT_TRUE(second.not_actions && second.not_resources);
  ASSERT_EQ(second.conditions.size(), 1U);
  EXPECT_EQ(second.conditions[0].name, "StringLike");
  EXPECT_EQ(second.conditions[0].many, Condition::Many::kForAny);
  EXPECT_TRUE(second.conditions[0].if_exists);
  EXPECT_EQ(second.conditions[0].key, "aws:tagkeys");
  EXPECT_EQ(second.conditions[0].values, (std::vector<std::string>{"a*", "1", "true"}));
}

TEST(PolicyDocument, MayBeOneStatementWithoutAList) {
  const Policy policy = parse_policy(R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})", PolicyKind::kIdentity);
  EXPECT_FALSE(policy.variables);
  EXPECT_EQ(policy.statements.size(), 1U);
}

TEST(PolicyDocument, NamesPrincipalsOfEachKind) {
  const Policy policy = parse_policy(
      R"({"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
          "Principal":{"AWS":["arn:aws:iam::1:root","2"],"Service":"lambda.amazonaws.com"}}]})", PolicyKind::kTrust);
  const Principals& principals = *policy.statements[0].principals;
  EXPECT_EQ(principals.aws.size(), 2U);
  EXPECT_EQ(principals.services, std::vector<std::string>{"lambda.amazonaws.com"});
  EXPECT_FALSE(principals.everyone);
}

TEST(PolicyDocument, IsRefusedInAwssWords) {
  EXPECT_EQ(refusal("no json"), "MalformedPolicyDocument: This policy contains invalid Json");
  EXPECT_EQ(refusal("{}"), "MalformedPolicyDocument: Syntax errors in policy.");
  EXPECT_EQ(refusal(R"({"Statement":[]})"), "MalformedPolicyDocument: Syntax errors in policy.");
  EXPECT_EQ(refusal(R"({"Version":"2020-01-01","Statement":[]})"), "MalformedPolicyDocument: Syntax errors in policy.");
  EXPECT_EQ(refusal(R"({"Statement":[{"Effect":"Allow","Resource":"*"}]})"),
            "MalformedPolicyDocument: Missing required field Action");
  EXPECT_EQ(refusal(R"({"Statement":[{"Effect":"Allow","Action":"s3:*"}]})"),
            "MalformedPolicyDocument: Policy statement must contain resources.");
  EXPECT_EQ(refusal(R"({"Statement":[{"Effect":"Allow","Action":"PutRecord","Resource":"*"}]})"),
            "MalformedPolicyDocument: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  EXPECT_EQ(refusal(R"({"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"bucket"}]})"),
            "MalformedPolicyDocument: Resource bucket must be in ARN format or \"*\".");
  EXPECT_EQ(refusal(R"({"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Principal":"*"}]})"),
            "MalformedPolicyDocument: Policy document should not specify a principal.");
  EXPECT_EQ(refusal(R"({"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Strong":{"a":"b"}}}]})"),
            "MalformedPolicyDocument: Invalid Condition type : Strong.");
  EXPECT_EQ(refusal(R"({"Statement":[{"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"},
                                     {"Sid":"a","Effect":"Allow","Action":"s3:*","Resource":"*"}]})"),
            "MalformedPolicyDocument: Statement IDs (SID) in a single policy must be unique.");
}

TEST(PolicyDocument, OfTrustHasAPrincipalAndNoResource) {
  EXPECT_EQ(refusal(R"({"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]})", PolicyKind::kTrust),
            "MalformedPolicyDocument: Missing required field Principal");
  EXPECT_EQ(refusal(R"({"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Resource":"*"}]})",
                    PolicyKind::kTrust),
            "MalformedPolicyDocument: Has prohibited field Resource");
}

}  // namespace
}  // namespace engine::iam
