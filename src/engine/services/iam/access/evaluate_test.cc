// Who may do what.
#include "engine/services/iam/access/evaluate.h"

#include <gtest/gtest.h>

namespace engine::iam {
namespace {

constexpr const char* kStream = "arn:aws:kinesis:us-east-1:1:stream/beers";

AccessRequest put(std::string resource = kStream) {
  return {.action = "kinesis:PutRecords", .resource = std::move(resource), .facts = {{"aws:username", {"bea"}}},
          .principals = {"arn:aws:iam::1:user/bea", "arn:aws:iam::1:role/brewer"}, .account = {"arn:aws:iam::1:root", "1"}};
}

NamedPolicy policy(const std::string& statements, PolicyKind kind = PolicyKind::kIdentity) {
  return {"p", parse_policy(R"({"Version":"2012-10-17","Statement":[)" + statements + "]}", kind)};
}

const NamedPolicy kAllow = policy(R"({"Effect":"Allow","Action":"kinesis:Put*","Resource":"arn:aws:kinesis:*:1:stream/beers"})");
const NamedPolicy kAll = policy(R"({"Effect":"Allow","Action":"*","Resource":"*"})");
const NamedPolicy kDeny = policy(R"({"Sid":"never","Effect":"Deny","Action":"kinesis:*","Resource":"*"})");

TEST(Access, IsNotGivenUnlessAStatementGivesIt) {
  EXPECT_EQ(decide({}, put()).verdict, Verdict::kNotAllowed);
  EXPECT_TRUE(decide({.identity = {kAllow}}, put()).allowed());
  EXPECT_EQ(decide({.identity = {kAllow}}, put("arn:aws:kinesis:us-east-1:1:stream/wine")).kind, "identity-based policy");
}

TEST(Access, ADenyAnywhereWins) {
  const Decision decision = decide({.identity = {kAllow, kDeny, kAll}}, put());
  EXPECT_EQ(decision.verdict, Verdict::kDenied);
  EXPECT_EQ(decision.sid, "never");
  const NamedPolicy on_stream = policy(R"({"Effect":"Deny","Principal":"*","Action":"kinesis:*","Resource":"*"})", PolicyKind::kResource);
  EXPECT_EQ(decide({.identity = {kAll}, .resource = {on_stream}}, put()).kind, "resource-based policy");
}

TEST(Access, AResourceMayGiveItToWhomItNames) {
  const auto giving = [](const std::string& principal) {
    return Say{.resource = {policy(R"({"Effect":"Allow","Principal":)" + principal + R"(,"Action":"kinesis:*","Resource":"*"})",
                                   PolicyKind::kResource)}};
  };
  EXPECT_TRUE(decide(giving(R"({"AWS":"arn:aws:iam::1:user/bea"})"), put()).allowed());
  EXPECT_TRUE(decide(giving(R"("*")"), put()).allowed());
  EXPECT_FALSE(decide(giving(R"({"AWS":"1"})"), put()).allowed()) << "the account leaves it to its own policies";
  EXPECT_FALSE(decide(giving(R"({"AWS":"arn:aws:iam::1:user/bob"})"), put()).allowed());
  EXPECT_FALSE(decide(giving(R"({"Service":"lambda.amazonaws.com"})"), put()).allowed());
}

TEST(Access, ADenyToTheAccountIsToAllInIt) {
  const NamedPolicy closed = policy(R"({"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::1:root"},"Action":"kinesis:*","Resource":"*"})",
                                    PolicyKind::kResource);
  EXPECT_EQ(decide({.identity = {kAll}, .resource = {closed}}, put()).verdict, Verdict::kDenied);
}

TEST(Access, OfAResourceIsBoundedUnlessTheCallerItselfIsNamed) {
  const auto given_to = [](const std::string& principal) {
    return decide({.boundary = std::vector<NamedPolicy>{},
                   .resource = {policy(R"({"Effect":"Allow","Principal":{"AWS":)" + principal + R"(},"Action":"*","Resource":"*"})",
                                       PolicyKind::kResource)}}, put());
  };
  EXPECT_TRUE(given_to(R"("arn:aws:iam::1:user/bea")").allowed());
  EXPECT_TRUE(given_to(R"(["arn:aws:iam::1:role/brewer","arn:aws:iam::1:user/bea"])").allowed());
  EXPECT_EQ(given_to(R"("arn:aws:iam::1:role/brewer")").kind, "permissions boundary");
}

TEST(Access, OfNobodyIsWhatEveryoneMay) {
  AccessRequest nobody = put();
  nobody.principals.clear();
  nobody.account.clear();
  const auto given_to = [&](const std::string& principal) {
    return decide({.resource = {policy(R"({"Effect":"Allow","Principal":)" + principal + R"(,"Action":"*","Resource":"*"})",
                                       PolicyKind::kResource)}}, nobody).allowed();
  };
  EXPECT_TRUE(given_to(R"({"AWS":"*"})"));
  EXPECT_FALSE(given_to(R"({"AWS":"arn:aws:iam::1:user/bea"})"));
}

TEST(Access, IsWithinWhatBoundsTheIdentity) {
  EXPECT_TRUE(decide({.identity = {kAll}, .boundary = {{kAllow}}}, put()).allowed());
  EXPECT_EQ(decide({.identity = {kAll}, .boundary = std::vector<NamedPolicy>{}}, put()).kind, "permissions boundary");
  EXPECT_EQ(decide({.identity = {kAll}, .session = {{kDeny}}}, put()).kind, "session policy");
}

TEST(Access, ExceptionsAreWhatIsNotListed) {
  const NamedPolicy all_but = policy(R"({"Effect":"Allow","NotAction":["iam:*","kinesis:Delete*"],"NotResource":"arn:aws:s3:::*"})");
  EXPECT_TRUE(decide({.identity = {all_but}}, put()).allowed());
  AccessRequest other = put();
  other.action = "kinesis:DeleteStream";
  EXPECT_FALSE(decide({.identity = {all_but}}, other).allowed());
}

TEST(Access, ResourcesMayNameTheCaller) {
  const NamedPolicy own = policy(R"({"Effect":"Allow","Action":"kinesis:*","Resource":"arn:aws:kinesis:*:*:stream/${aws:username}"})");
  EXPECT_TRUE(decide({.identity = {own}}, put("arn:aws:kinesis:us-east-1:1:stream/bea")).allowed());
  EXPECT_FALSE(decide({.identity = {own}}, put()).allowed());
}

}  // namespace
}  // namespace engine::iam
