#include "engine/sql/json_scalar.h"

#include <gtest/gtest.h>

namespace engine::sql {
namespace {

class JsonScalar : public testing::Test {
 protected:
  Json json(const std::string& text) { return parser_.parse(text).value(); }

 private:
  simdjson::dom::parser parser_;
};

TEST_F(JsonScalar, AWholeNumberMayBeTextOrEndInNoughtButNoFraction) {
  EXPECT_EQ(whole(json("7")), 7);
  EXPECT_EQ(whole(json("\" -7 \"")), -7);
  EXPECT_EQ(whole(json("7.0")), 7);
  EXPECT_EQ(whole(json("7.5")), std::nullopt);
  EXPECT_EQ(whole(json("18446744073709551615")), std::nullopt);
  EXPECT_EQ(whole(json("\"7 kg\"")), std::nullopt);
}

TEST_F(JsonScalar, EachKindOfIntegerHasItsRange) {
  EXPECT_TRUE(in_range(-128, HiveKind::kTinyint));
  EXPECT_FALSE(in_range(128, HiveKind::kTinyint));
  EXPECT_TRUE(in_range(32767, HiveKind::kSmallint));
  EXPECT_FALSE(in_range(-32769, HiveKind::kSmallint));
  EXPECT_FALSE(in_range(2147483648, HiveKind::kInt));
  EXPECT_TRUE(in_range(std::numeric_limits<std::int64_t>::min(), HiveKind::kBigint));
}

TEST_F(JsonScalar, TimesAreTextOrEpochsOfSecondsOrMilliseconds) {
  const auto noon = timestamp(json("\"2026-11-23T12:00:00Z\""));
  ASSERT_TRUE(noon);
  EXPECT_EQ(timestamp(json("\"2026-11-23 12:00:00\"")), noon);
  EXPECT_EQ(timestamp(json("1795435200")), noon);
  EXPECT_EQ(timestamp(json("1795435200000")), noon);
  EXPECT_EQ(timestamp(json("\"2026-11-23\"")), *noon - std::chrono::hours(12));
  EXPECT_EQ(timestamp(json("\"noon\"")), std::nullopt);
}

TEST(Decimal, IsRoundedHalfAwayFromZero) {
  EXPECT_EQ(decimal("1.005", 10, 2), duck::Wide{101});
  EXPECT_EQ(decimal("-1.005", 10, 2), duck::Wide{-101});
  EXPECT_EQ(decimal("1.0049", 10, 2), duck::Wide{100});
  EXPECT_EQ(decimal("-12.345e1", 10, 2), duck::Wide{-12345});
  EXPECT_EQ(decimal("4e-9", 10, 2), duck::Wide{0});
}

TEST(Decimal, RefusesWhatNeedsMoreDigitsThanItsPrecision) {
  EXPECT_EQ(decimal("999.99", 5, 2), duck::Wide{99999});
  EXPECT_EQ(decimal("999.995", 5, 2), std::nullopt);
  EXPECT_EQ(decimal("1e4", 5, 2), std::nullopt);
  EXPECT_EQ(decimal("1e999999999", 38, 0), std::nullopt);
  EXPECT_EQ(decimal("0e999999999", 38, 0), duck::Wide{0});
  EXPECT_EQ(decimal("1,5", 5, 2), std::nullopt);
  EXPECT_EQ(decimal("", 5, 2), std::nullopt);
}

}  // namespace
}  // namespace engine::sql
