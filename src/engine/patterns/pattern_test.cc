#include "engine/patterns/pattern.h"

#include "engine/protocol/error.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace engine::patterns {
namespace {

constexpr std::string_view kEvent = R"({
  "source": "aws.sagemaker", "detail-type": "Model State Change", "resources": ["arn:a", "arn:b"],
  "detail": {"status": "InService", "error": 0.25, "count": 7, "done": true, "note": null,
             "file": "beers.PARQUET", "variants": [{"name": "a", "weight": 1}, {"name": "b"}]}})";

bool matches(std::string_view pattern, std::string_view event = kEvent) {
  return Pattern(pattern).matches(boost::json::parse(event));
}
bool detail(const std::string& pattern) { return matches("{\"detail\":" + pattern + "}"); }

std::string refusal(std::string_view pattern) {
  try {
    Pattern parsed(pattern);
    return "accepted";
  } catch (const AwsError& error) {
    return error.code + ": " + error.what();
  }
}

TEST(Pattern, WantsEveryLeafAndOneValueOfEach) {
  EXPECT_TRUE(
      matches(R"({"source":["aws.s3","aws.sagemaker"],"detail":{"status":["InService"]}})"));
  EXPECT_FALSE(matches(R"({"source":["aws.sagemaker"],"detail":{"status":["Failed"]}})"));
  EXPECT_FALSE(matches(R"({"missing":["x"]})"));
}

TEST(Pattern, ComparesNumbersTruthAndNull) {
  EXPECT_TRUE(detail(R"({"count":[7.0],"done":[true],"note":[null]})"));
  EXPECT_FALSE(detail(R"({"count":["7"]})"));
  EXPECT_FALSE(detail(R"({"status":[null]})"));
}

TEST(Pattern, FindsAnElementOfAList) {
  EXPECT_TRUE(matches(R"({"resources":["arn:b"]})"));
  EXPECT_TRUE(matches(R"({"resources":[{"prefix":"arn:"}]})"));
  EXPECT_FALSE(matches(R"({"resources":["arn:c"]})"));
  EXPECT_TRUE(detail(R"({"variants":{"name":["b"]}})"));
  EXPECT_FALSE(detail(R"({"variants":{"name":["b"],"weight":[1]}})"));  // not of the same element
}

TEST(Pattern, LooksAtTheBeginningAndTheEnd) {
  EXPECT_TRUE(matches(R"({"source":[{"prefix":"aws."}]})"));
  EXPECT_FALSE(detail(R"({"file":[{"suffix":".parquet"}]})"));
  EXPECT_TRUE(detail(R"({"file":[{"suffix":{"equals-ignore-case":".parquet"}}]})"));
  EXPECT_TRUE(detail(R"({"status":[{"equals-ignore-case":"INSERVICE"}]})"));
  EXPECT_FALSE(detail(R"({"count":[{"prefix":"7"}]})"));
}

TEST(Pattern, KnowsWildcards) {
  EXPECT_TRUE(matches(R"({"source":[{"wildcard":"aws.*maker"}]})"));
  EXPECT_TRUE(matches(R"({"source":[{"wildcard":"*"}]})"));
  EXPECT_FALSE(matches(R"({"source":[{"wildcard":"*.s3"}]})"));
  EXPECT_TRUE(matches(R"({"source":[{"wildcard":"a\\*c"}]})", R"({"source":"a*c"})"));
  EXPECT_FALSE(matches(R"({"source":[{"wildcard":"a\\*c"}]})", R"({"source":"abc"})"));
}

TEST(Pattern, TakesAnythingBut) {
  EXPECT_TRUE(detail(R"({"status":[{"anything-but":"Failed"}]})"));
  EXPECT_FALSE(detail(R"({"status":[{"anything-but":["Failed","InService"]}]})"));
  EXPECT_FALSE(detail(R"({"count":[{"anything-but":[7]}]})"));
  EXPECT_FALSE(detail(R"({"status":[{"anything-but":{"prefix":"In"}}]})"));
  EXPECT_TRUE(detail(R"({"status":[{"anything-but":{"suffix":["x","y"]}}]})"));
  EXPECT_FALSE(detail(R"({"absent":[{"anything-but":"x"}]})"));
}

TEST(Pattern, ComparesRangesOfNumbers) {
  EXPECT_TRUE(detail(R"({"error":[{"numeric":[">",0,"<=",0.25]}]})"));
  EXPECT_FALSE(detail(R"({"error":[{"numeric":["<",0.25]}]})"));
  EXPECT_TRUE(detail(R"({"count":[{"numeric":["=",7]}]})"));
  EXPECT_FALSE(detail(R"({"status":[{"numeric":[">",0]}]})"));
}

TEST(Pattern, KnowsNetworks) {
  const auto in = [](std::string_view network, std::string_view address) {
    return matches(fmt::format(R"({{"ip":[{{"cidr":"{}"}}]}})", network),
                   fmt::format(R"({{"ip":"{}"}})", address));
  };
  EXPECT_TRUE(in("10.0.0.0/23", "10.0.1.255"));
  EXPECT_FALSE(in("10.0.0.0/23", "10.0.2.0"));
  EXPECT_TRUE(in("0.0.0.0/0", "1.2.3.4"));
  EXPECT_TRUE(in("2001:db8::/32", "2001:db8:1::1"));
  EXPECT_FALSE(in("2001:db8::/32", "10.0.0.1"));
  EXPECT_FALSE(in("10.0.0.0/8", "beer"));
}

TEST(Pattern, TellsPresenceFromAbsence) {
  EXPECT_TRUE(detail(R"({"status":[{"exists":true}],"absent":[{"exists":false}]})"));
  EXPECT_FALSE(detail(R"({"status":[{"exists":false}]})"));
  EXPECT_FALSE(detail(R"({"absent":[{"exists":true}]})"));
  EXPECT_TRUE(matches(R"({"nothing":{"here":[{"exists":false}]}})"));
}

TEST(Pattern, TakesOneOfSeveralObjects) {
  constexpr std::string_view kPattern =
      R"({"source":["aws.sagemaker"],"detail":{"$or":[{"status":["Failed"]},{"count":[{"numeric":[">",5]}]}]}})";
  EXPECT_TRUE(matches(kPattern));
  EXPECT_FALSE(
      matches(kPattern, R"({"source":"aws.sagemaker","detail":{"status":"x","count":5}})"));
}

TEST(Pattern, SaysWhyItRefuses) {
  const std::string code = "InvalidEventPatternException: Event pattern is not valid. Reason: ";
  EXPECT_EQ(refusal("[]"), code + "Filter is not an object");
  EXPECT_EQ(refusal("{}"), code + "Empty objects are not allowed");
  EXPECT_EQ(refusal(R"({"source":"x"})"), code + "\"source\" must be an object or an array");
  EXPECT_EQ(refusal(R"({"source":[]})"), code + "Empty arrays are not allowed");
  EXPECT_EQ(refusal(R"({"a":[{"regex":".*"}]})"), code + "Unrecognized match type regex");
  EXPECT_EQ(refusal(R"({"a":[{"exists":"yes"}]})"),
            code + "exists match pattern must be either true or false.");
  EXPECT_EQ(refusal(R"({"a":[{"numeric":["~",1]}]})"),
            code + "Unrecognized numeric range operator");
  EXPECT_NE(refusal(R"({"a":[{"numeric":["<"]}]})"), "accepted");
  EXPECT_NE(refusal(R"({"a":[{"anything-but":[]}]})"), "accepted");
  EXPECT_NE(refusal(R"({"a":[{"wildcard":"a**b"}]})"), "accepted");
  EXPECT_NE(refusal(R"({"a":[{"cidr":"10.0.0/33"}]})"), "accepted");
  EXPECT_NE(refusal("{"), "accepted");
}

}  // namespace
}  // namespace engine::patterns
