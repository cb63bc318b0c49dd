#include "cli/calls/json.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

const json::value kAnswer = json::parse(
    R"({"Stream":{"Status":"ACTIVE","Shards":[{"Id":"a"},{"Id":"b"}],"Hours":24,"On":true,"No":null}})");

TEST(Find, FollowsMembersAndIndices) {
  EXPECT_EQ(text(kAnswer, "Stream.Status"), "ACTIVE");
  EXPECT_EQ(text(kAnswer, "Stream.Shards.1.Id"), "b");
  EXPECT_EQ(find(kAnswer, "Stream.Shards.2.Id"), nullptr);
  EXPECT_EQ(find(kAnswer, "Stream.Status.Deeper"), nullptr);
}

TEST(Text, GivesTheFallbackForWhatIsMissingOrNull) {
  EXPECT_EQ(text(kAnswer, "Stream.Name", "none"), "none");
  EXPECT_EQ(text(kAnswer, "Stream.No", "none"), "none");
  EXPECT_EQ(text(kAnswer, "Stream.Hours"), "24");
}

TEST(Agrees, WhenAllThatIsWantedIsSo) {
  EXPECT_TRUE(agrees(kAnswer, json::object{{"Stream", {{"Hours", 24.0}, {"On", true}}}}));
  EXPECT_FALSE(agrees(kAnswer, json::object{{"Stream", {{"Hours", 25}}}}));
  EXPECT_FALSE(agrees(kAnswer, json::object{{"Stream", {{"Name", "x"}}}}));
}

TEST(Agrees, WithArraysElementByElement) {
  const json::value actual = json::parse(R"([{"a":1,"b":2},{"a":3}])");
  EXPECT_TRUE(agrees(actual, json::parse(R"([{"a":1},{"a":3}])")));
  EXPECT_FALSE(agrees(actual, json::parse(R"([{"a":1}])")));
  EXPECT_FALSE(agrees(actual, json::parse(R"([{"a":3},{"a":1}])")));
}

}  // namespace
}  // namespace cli
