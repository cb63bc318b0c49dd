// Beers sorted into groups.
#include "pipelines/evaluate/breakdown.h"

#include "beer/features.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace pipelines {
namespace {

/// Four beers of 10, 30, 60 and 90 IBU.
struct Beers {
  Beers() {
    table.columns = beer::features().size();
    table.labels = {10, 30, 60, 90};
    table.values.resize(table.columns * 4, 0);
    for (const double ibu : {12.0, 30.0, 50.0, 70.0}) {
      predictions.push_back({ibu, IntervalRule::Bounds{ibu - 15, ibu + 15}});
    }
  }
  void set(std::size_t row, std::string_view feature, float value) {
    table.values[row * table.columns + static_cast<std::size_t>(beer::feature_index(feature))] =
        value;
  }
  Table table;
  std::vector<Prediction> predictions;
};

TEST(Breakdown, TellsTheStrongFromTheLight) {
  const Beers beers;
  const auto groups = by_strength(beers.table, beers.predictions);
  ASSERT_EQ(groups.size(), 4U);
  EXPECT_EQ(groups.back().name, "65 to 100");
  EXPECT_EQ(groups.back().bias, -20) << "predicted too low";
  EXPECT_EQ(groups.back().coverage, 0);
  EXPECT_EQ(groups.front().coverage, 1);
  EXPECT_EQ(groups.front().mean_width, 30);
  EXPECT_EQ(by_predicted_strength(beers.table, beers.predictions).size(), 4U);
}

TEST(Breakdown, TakesTheStyleFromTheWordsOfTheNameAndTheLargestFirst) {
  Beers beers;
  beers.set(0, "says_lager", 1);
  for (const std::size_t row : {1, 2, 3}) beers.set(row, "says_ipa", 1);
  beers.set(3, "says_dark", 1);
  const auto groups = by_style(beers.table, beers.predictions);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].name, "ipa");
  EXPECT_EQ(groups[0].rows, 3U);
  EXPECT_EQ(groups[1].name, "lager");
}

TEST(Breakdown, KeepsBeersOfAnUnknownYearApart) {
  Beers beers;
  for (const std::size_t row : {0, 1, 2}) beers.set(row, "year", 2012);
  beers.set(3, "year", std::numeric_limits<float>::quiet_NaN());
  const auto groups = by_year(beers.table, beers.predictions);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].name, "2012");
  EXPECT_EQ(groups[1].name, "unknown");
}

}  // namespace
}  // namespace pipelines
