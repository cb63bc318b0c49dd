// Which texts and ARNs a pattern fits.
#include "engine/services/iam/access/wildcard.h"

#include <gtest/gtest.h>

namespace engine::iam {
namespace {

TEST(Wildcards, AStarIsAnyTextAndAQuestionMarkOneCharacter) {
  EXPECT_TRUE(fits("*", ""));
  EXPECT_TRUE(fits("a*c", "abbbc"));
  EXPECT_TRUE(fits("a?c", "abc"));
  EXPECT_FALSE(fits("a?c", "ac"));
  EXPECT_TRUE(fits("*a*b", "xaybzab"));
  EXPECT_FALSE(fits("*a*b", "xayb!"));
  EXPECT_FALSE(fits("", "a"));
}

TEST(Wildcards, ManyStarsTakeNoMoreThanTheirProduct) {
  const std::string text(20'000, 'a');
  EXPECT_FALSE(fits("*a*a*a*a*a*a*a*a*a*b", text));
}

TEST(Wildcards, ActionsAreNamedInAnyCase) {
  EXPECT_TRUE(fits_any_case("KINESIS:put*", "kinesis:PutRecords"));
  EXPECT_FALSE(fits_any_case("kinesis:Put?", "kinesis:PutRecord"));
}

TEST(Wildcards, AnArnsFieldsFitOneByOne) {
  const auto* const object = "arn:aws:s3:::lake/day=1/a:b.json";
  EXPECT_TRUE(fits_arn("arn:aws:s3:::lake/*", object));
  EXPECT_TRUE(fits_arn("arn:aws:s3:*:*:lake/*b.json", object));
  EXPECT_TRUE(fits_arn("*", object));
  EXPECT_FALSE(fits_arn("arn:aws:s3:::lake", object));
  EXPECT_FALSE(fits_arn("arn:aws:s*:lake/day=1/a:b.json:x:y", object));
  EXPECT_FALSE(fits_arn("arn:aws:kinesis:*:*:stream/*", "arn:aws:kinesis:us-east-1:1:table/stream/a"));
}

}  // namespace
}  // namespace engine::iam
