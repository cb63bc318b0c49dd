// The feature list and what stands in it.
#include "beer/features.h"

#include "beer/quality.h"
#include "beer/testing_beers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <set>

namespace beer {
namespace {

float value(const Beer& beer, std::string_view name) {
  int index = feature_index(name);
  EXPECT_GE(index, 0) << name;
  return compute_features(beer).at(static_cast<std::size_t>(index));
}

TEST(Features, BeginWithTheMissionsSix) {
  std::vector<std::string_view> mission;
  for (const Feature& feature : features().first(6)) {
    EXPECT_TRUE(feature.mission);
    mission.push_back(feature.name);
  }
  EXPECT_EQ(mission,
            (std::vector<std::string_view>{"abv", "target_fg", "target_og", "ebc", "srm", "ph"}));
  for (const Feature& feature : features().subspan(6)) EXPECT_FALSE(feature.mission);
}

TEST(Features, HaveNamesOfTheirOwnUnitsAndMeanings) {
  std::set<std::string_view> names;
  for (const Feature& feature : features()) {
    EXPECT_TRUE(names.insert(feature.name).second) << feature.name;
    EXPECT_FALSE(feature.unit.empty());
    EXPECT_FALSE(feature.meaning.empty());
  }
}

TEST(ComputeFeatures, SumsTheRecipe) {
  Beer beer = testing::ordinary_beer();
  EXPECT_FLOAT_EQ(value(beer, "abv"), 5.5F);
  EXPECT_FLOAT_EQ(value(beer, "gravity_drop"), 42);
  EXPECT_FLOAT_EQ(value(beer, "alpha_start"), 10 * 0.13F * 1000 / 20);
  EXPECT_FLOAT_EQ(value(beer, "alpha_kettle"), (10 * 0.13F + 20 * 0.125F) * 1000 / 20);
  EXPECT_FLOAT_EQ(value(beer, "hop_grams_dry"), 5);
  EXPECT_FLOAT_EQ(value(beer, "hop_lines"), 3);
  EXPECT_FLOAT_EQ(value(beer, "hop_varieties"), 2);
  EXPECT_FLOAT_EQ(value(beer, "malt_crystal"), 0.5F / 4.5F);
  EXPECT_FLOAT_EQ(value(beer, "year"), 2012);
  EXPECT_GT(value(beer, "tinseth_ibu"), 10);
}

TEST(ComputeFeatures, NeverLooksAtTheIbu) {
  Beer beer = testing::ordinary_beer();
  std::vector<float> before = compute_features(beer);
  beer.ibu = 99;
  std::vector<float> after = compute_features(beer);
  EXPECT_EQ(std::memcmp(before.data(), after.data(), before.size() * sizeof(float)), 0);
}

TEST(ComputeFeatures, LeavesTheUnknownMissing) {
  Beer empty;
  empty.id = 1;
  std::vector<float> values = compute_features(empty);
  ASSERT_EQ(values.size(), features().size());
  for (std::size_t i = 0; i < 6; ++i) EXPECT_TRUE(std::isnan(values[i]));
  for (float value : values) EXPECT_FALSE(std::isinf(value));
}

TEST(ComputeFeatures, ScalesWithTheBatch) {
  Beer small = testing::ordinary_beer();
  Beer large = small;
  large.volume = 40;
  for (Hop& hop : large.hops) *hop.grams *= 2;
  for (Malt& malt : large.malts) *malt.kilograms *= 2;
  EXPECT_EQ(compute_features(small), compute_features(large));
}

TEST(ComputeFeatures, GrowsWithHopsWhereItPromisesTo) {
  Beer weak = testing::ordinary_beer();
  Beer strong = weak;
  for (Hop& hop : strong.hops) *hop.grams *= 1.5;
  std::vector<float> less = compute_features(weak);
  std::vector<float> more = compute_features(strong);
  for (std::size_t i = 0; i < features().size(); ++i) {
    if (features()[i].monotone <= 0) continue;
    EXPECT_LE(less[i], more[i]) << features()[i].name;
  }
}

TEST(SchemaHash, IsStableAndHexadecimal) {
  EXPECT_EQ(schema_hash().size(), 64U);
  EXPECT_EQ(schema_hash(), schema_hash());
}

}  // namespace
}  // namespace beer
