#include "cli/cost/prices.h"

#include "cli/errors.h"
#include "test_places.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace cli {
namespace {

std::string project_prices() {
  std::ifstream file(BEER_SOURCE_DIR "/architecture/prices.yaml");
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The project's own list with one piece replaced.
std::string with(const std::string& piece, const std::string& other) {
  std::string text = project_prices();
  const auto at = text.find(piece);
  EXPECT_NE(at, std::string::npos) << piece;
  return text.replace(at, piece.size(), other);
}

std::string error_of(const std::string& text) {
  try {
    parse_prices(text, "prices.yaml");
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Prices, OfTheProjectAreReadWholeWithTheirDatesAndPages) {
  const Prices prices = parse_prices(project_prices(), "prices.yaml");
  EXPECT_EQ(prices.region, "us-east-1");
  EXPECT_DOUBLE_EQ(prices.kinesis_put_payload_unit.usd, 0.014);
  EXPECT_EQ(prices.kinesis_put_payload_unit.per, 1000000);
  EXPECT_EQ(prices.kinesis_put_payload_unit.unit, "PUT payload units");
  for (const Price& price : {prices.kinesis_shard_hour, prices.instance("ml.m5.large")}) {
    EXPECT_EQ(price.as_of.size(), 7u) << price.as_of;  // 2025-01
    EXPECT_EQ(price.page.find("https://aws.amazon.com/"), 0u) << price.page;
  }
}

TEST(Prices, NameTheFileAndItsTypesForAnUnknownInstanceType) {
  const Prices prices = parse_prices(project_prices(), "here/prices.yaml");
  try {
    prices.instance("ml.x9.huge");
    FAIL();
  } catch (const UsageError& error) {
    const std::string text = error.what();
    EXPECT_EQ(text.find("here/prices.yaml: "), 0u) << text;
    EXPECT_NE(text.find("ml.x9.huge"), std::string::npos) << text;
    EXPECT_NE(text.find("ml.m5.large"), std::string::npos) << text;
  }
}

TEST(Prices, RefuseAnUnknownAMissingAndAWrongOne) {
  EXPECT_NE(error_of(with("  s3_put:", "  s3_putt:")).find("prices.s3_put: the key is missing"),
            std::string::npos);
  EXPECT_NE(error_of(with("  s3_put: ", "  tea: 1\n  s3_put: ")).find("prices.tea: no such key"),
            std::string::npos);
  EXPECT_NE(error_of(with("usd: 0.015", "usd: -1")).find("prices.kinesis_shard_hour.usd"),
            std::string::npos);
  EXPECT_NE(
      error_of(with("ml.m5.large: 0.115", "ml.m5.large: cheap")).find("ml.m5.large: is \"cheap\""),
      std::string::npos);
  EXPECT_NE(error_of("region: [").find("not YAML"), std::string::npos);
}

TEST(Prices, ThatAreNotThereAreAUsageError) {
  EXPECT_THROW(read_prices("/nowhere/prices.yaml"), UsageError);
}

}  // namespace
}  // namespace cli
