// Prefix expressions and Java's time patterns.
#include "engine/services/firehose/prefix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace engine::firehose {
namespace {

// Friday
const base::Timestamp kTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2} +
                            std::chrono::hours(15) + std::chrono::minutes(4) +
                            std::chrono::milliseconds(5'006)};

TEST(JavaTime, WritesTheLettersAPrefixUses) {
  EXPECT_EQ(format_java(kTime, "yyyy/MM/dd/HH"), "2026/01/02/15");
  EXPECT_EQ(format_java(kTime, "yy-M-d"), "26-1-2");
  EXPECT_EQ(format_java(kTime, "HH:mm:ss.SSS"), "15:04:05.006");
  EXPECT_EQ(format_java(kTime, "hh a"), "03 PM");
  EXPECT_EQ(format_java(kTime, "EEE EEEE MMM MMMM"), "Fri Friday Jan January");
  EXPECT_EQ(format_java(kTime, "DDD"), "002");
  EXPECT_EQ(format_java(kTime, "'year='yyyy'/o''clock'"), "year=2026/o'clock");
  EXPECT_EQ(format_java(kTime, "XXX z"), "Z UTC");
}

TEST(JavaTime, TellsAWeeksYearFromTheYear) {
  const base::Timestamp last{std::chrono::sys_days{std::chrono::year{2025} / 12 / 31}};
  EXPECT_EQ(format_java(last, "yyyy"), "2025");
  EXPECT_EQ(format_java(last, "YYYY"), "2026");
  EXPECT_EQ(format_java(last, "w"), "1");
}

TEST(JavaTime, RefusesWhatItCannotWrite) {
  EXPECT_THROW(format_java(kTime, "yyyy'"), PrefixError);
  EXPECT_THROW(format_java(kTime, "G"), PrefixError);
}

TEST(Prefix, AppendsTheHourWhenItSaysNoTime) {
  base::Ids ids(1);
  EXPECT_EQ(Prefix("").evaluate(kTime, ids), "2026/01/02/15/");
  EXPECT_EQ(Prefix("raw/").evaluate(kTime, ids), "raw/2026/01/02/15/");
  EXPECT_EQ(Prefix("y=!{timestamp:yyyy}/").evaluate(kTime, ids), "y=2026/");
}

TEST(Prefix, GivesElevenNewCharactersForEachRandomString) {
  base::Ids ids(1);
  const std::string key =
      Prefix("!{firehose:random-string}-!{firehose:random-string}!{timestamp:'/'}")
          .evaluate(kTime, ids);
  ASSERT_EQ(key.size(), 24u);
  EXPECT_NE(key.substr(0, 11), key.substr(12, 11));
}

TEST(Prefix, NamesTheKindOfError) {
  base::Ids ids(1);
  EXPECT_EQ(Prefix("bad/!{firehose:error-output-type}/!{timestamp:yyyy}/")
                .evaluate_error(kTime, "processing-failed", ids),
            "bad/processing-failed/2026/");
  EXPECT_EQ(Prefix("bad/").evaluate_error(kTime, "processing-failed", ids),
            "bad/processing-failed/2026/01/02/15/");
}

TEST(Prefix, PutsPartitionKeysInWithoutATimeBehindThem) {
  base::Ids ids(1);
  const Prefix prefix("s=!{partitionKeyFromQuery:style}/b=!{partitionKeyFromLambda:brewery}/");
  EXPECT_THAT(prefix.query_keys(), ::testing::ElementsAre("style"));
  EXPECT_THAT(prefix.lambda_keys(), ::testing::ElementsAre("brewery"));
  EXPECT_EQ(prefix.evaluate(kTime, ids, {{{"style", "IPA"}}, {{"brewery", "Dog"}}}),
            "s=IPA/b=Dog/");
}

TEST(Prefix, KeepsNoExpressionLiterally) {
  EXPECT_THROW(Prefix("!{partitionKeyFromQuery:}/"), PrefixError);
  EXPECT_THROW(Prefix("!{firehose:nonsense}/"), PrefixError);
  EXPECT_THROW(Prefix("!{timestamp:yyyy"), PrefixError);
  EXPECT_THROW(Prefix("!{}"), PrefixError);
}

}  // namespace
}  // namespace engine::firehose
