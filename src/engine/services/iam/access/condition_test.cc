// Which conditions hold.
#include "engine/services/iam/access/condition.h"

#include <gtest/gtest.h>

namespace engine::iam {
namespace {

const Facts kFacts = {{"aws:username", {"bea*r"}},
                      {"aws:sourceip", {"10.1.2.3"}},
                      {"aws:currenttime", {"2026-11-23T10:00:00Z"}},
                      {"s3:prefix", {"beers/"}},
                      {"s3:max-keys", {"20"}},
                      {"aws:tagkeys", {"project", "cost"}}};

bool hold(std::string_view name, std::string_view key, std::vector<std::string> values,
          Condition::Many many = Condition::Many::kNo, bool if_exists = false) {
  Condition condition;
  condition.name = name;
  condition.key = key;
  condition.values = std::move(values);
  condition.many = many;
  condition.if_exists = if_exists;
  return holds(condition, kFacts, true);
}

TEST(Conditions, TextsAreEqualLikeOrNot) {
  EXPECT_TRUE(hold("StringEquals", "s3:prefix", {"a", "beers/"}));
  EXPECT_FALSE(hold("StringEquals", "s3:prefix", {"Beers/"}));
  EXPECT_TRUE(hold("StringEqualsIgnoreCase", "s3:prefix", {"Beers/"}));
  EXPECT_TRUE(hold("StringLike", "s3:prefix", {"b*s?"}));
  EXPECT_FALSE(hold("StringNotLike", "s3:prefix", {"x", "b*"}));
  EXPECT_TRUE(hold("StringNotEquals", "s3:prefix", {"x", "y"}));
}

TEST(Conditions, NumbersAndTimesAreCompared) {
  EXPECT_TRUE(hold("NumericLessThanEquals", "s3:max-keys", {"20"}));
  EXPECT_FALSE(hold("NumericGreaterThan", "s3:max-keys", {"20"}));
  EXPECT_FALSE(hold("NumericEquals", "s3:prefix", {"20"}));
  EXPECT_TRUE(hold("DateLessThan", "aws:currenttime", {"2026-11-24T00:00:00Z"}));
  EXPECT_FALSE(hold("DateLessThan", "aws:currenttime", {"2026-11-23T00:00:00Z"}));
}

TEST(Conditions, AddressesLieInNetworks) {
  EXPECT_TRUE(hold("IpAddress", "aws:sourceip", {"10.1.0.0/16"}));
  EXPECT_TRUE(hold("IpAddress", "aws:sourceip", {"10.1.2.2/31"}));
  EXPECT_FALSE(hold("IpAddress", "aws:sourceip", {"10.1.2.0/31"}));
  EXPECT_FALSE(hold("IpAddress", "aws:sourceip", {"::1/0"}));
  EXPECT_FALSE(hold("IpAddress", "aws:sourceip", {"10.1.2.3/x"}));
  EXPECT_TRUE(hold("NotIpAddress", "aws:sourceip", {"192.168.0.0/16"}));
}

TEST(Conditions, OfAKeyThatIsMissingHoldOnlyWhenTheySaySo) {
  EXPECT_FALSE(hold("StringEquals", "aws:nothing", {"a"}));
  EXPECT_TRUE(hold("StringEquals", "aws:nothing", {"a"}, Condition::Many::kNo, true));
  EXPECT_TRUE(hold("StringNotEquals", "aws:nothing", {"a"}));
  EXPECT_TRUE(hold("Null", "aws:nothing", {"true"}));
  EXPECT_FALSE(hold("Null", "s3:prefix", {"true"}));
  EXPECT_TRUE(hold("Null", "s3:prefix", {"false"}));
}

TEST(Conditions, OfSeveralValuesHoldForAllOrForAny) {
  EXPECT_TRUE(hold("StringEquals", "aws:tagkeys", {"project", "cost", "team"}, Condition::Many::kForAll));
  EXPECT_FALSE(hold("StringEquals", "aws:tagkeys", {"project"}, Condition::Many::kForAll));
  EXPECT_TRUE(hold("StringEquals", "aws:tagkeys", {"project"}, Condition::Many::kForAny));
  EXPECT_TRUE(hold("StringEquals", "aws:nothing", {"project"}, Condition::Many::kForAll));
  EXPECT_FALSE(hold("StringEquals", "aws:nothing", {"project"}, Condition::Many::kForAny));
}

TEST(Variables, StandForWhatTheRequestHasAndAreNoPatterns) {
  EXPECT_EQ(expand("home/${aws:username}/${*}", kFacts), std::string("home/bea\x01r/\x01"));
  EXPECT_EQ(expand("${aws:nobody, 'all'}/x", kFacts), "all/x");
  EXPECT_EQ(expand("${aws:nobody}", kFacts), std::nullopt);
  EXPECT_EQ(expand("${aws:username", kFacts), std::nullopt);
  EXPECT_FALSE(hold("StringLike", "s3:prefix", {"${aws:username}"}));
  EXPECT_TRUE(hold("StringEquals", "aws:username", {"${aws:username}"}));
  EXPECT_TRUE(hold("StringLike", "aws:username", {"bea${*}r"}));
  EXPECT_FALSE(hold("StringLike", "s3:prefix", {"b${*}"}));
}

}  // namespace
}  // namespace engine::iam
