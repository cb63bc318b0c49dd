// Each data-quality rule on a beer that it should catch.
#include "beer/quality.h"

#include "beer/testing_beers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace beer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::ordinary_beer;

TEST(Check, FindsNothingInAnOrdinaryBeer) {
  Checked checked = check(ordinary_beer());
  EXPECT_THAT(checked.findings, IsEmpty());
  EXPECT_EQ(checked.label, LabelStatus::kOk);
}

TEST(Check, LabelsABeerWithoutIbuAsMissing) {
  Beer beer = ordinary_beer();
  beer.ibu.reset();
  Checked checked = check(beer);
  EXPECT_THAT(checked.findings, ElementsAre("ibu_null"));
  EXPECT_EQ(checked.label, LabelStatus::kMissing);
}

TEST(Check, RejectsAGravityInTheIbuColumn) {
  Beer beer = ordinary_beer();
  beer.ibu = beer.target_og;
  EXPECT_EQ(check(beer).label, LabelStatus::kRejected);
}

TEST(Check, PutsIbuAboveAHundredOutOfScale) {
  Beer beer = ordinary_beer();
  beer.ibu = 100;
  EXPECT_EQ(check(beer).label, LabelStatus::kOk);
  beer.ibu = 101;
  EXPECT_EQ(check(beer).label, LabelStatus::kOutOfScale);
  beer.ibu = 300;
  EXPECT_EQ(check(beer).label, LabelStatus::kOutOfScale);
  beer.ibu = 301;
  EXPECT_EQ(check(beer).label, LabelStatus::kRejected);
}

TEST(Check, SwapsGravitiesBackBeforeItJudgesTheAlcohol) {
  Beer beer = ordinary_beer();
  std::swap(beer.target_fg, beer.target_og);
  Checked checked = check(beer);
  EXPECT_THAT(checked.findings, ElementsAre("gravities_swapped"));
  EXPECT_EQ(checked.beer.target_og, 1052);
  EXPECT_EQ(checked.beer.target_fg, 1010);
}

TEST(Check, SwapsColoursBack) {
  Beer beer = ordinary_beer();
  std::swap(beer.ebc, beer.srm);
  Checked checked = check(beer);
  EXPECT_THAT(checked.findings, ElementsAre("colours_disagree", "colours_swapped"));
  EXPECT_EQ(checked.beer.ebc, 24);
}

TEST(Check, NullsImpossibleValuesAndFlagsThem) {
  Beer beer = ordinary_beer();
  beer.ph = 79;
  beer.attenuation_level = 102.3;
  beer.fermentation_celsius = 99;
  Checked checked = check(beer);
  EXPECT_FALSE(checked.beer.ph);
  EXPECT_FALSE(checked.beer.attenuation_level);
  EXPECT_FALSE(checked.beer.fermentation_celsius);
  EXPECT_THAT(checked.findings, Contains("ph_impossible"));
  EXPECT_THAT(checked.findings, Contains("attenuation_impossible"));
  EXPECT_THAT(checked.findings, Contains("fermentation_impossible"));
}

TEST(Check, FlagsWhatItCannotRepair) {
  Beer beer = ordinary_beer();
  beer.srm = 16;
  beer.abv = 9;
  Checked checked = check(beer);
  EXPECT_THAT(checked.findings, ElementsAre("colours_disagree", "abv_disagrees"));
  EXPECT_EQ(checked.beer.abv, 9);
}

TEST(Check, ReadsMaltInThousandsOfKilogramsAsGrams) {
  Beer beer = ordinary_beer();
  beer.malts[1].kilograms = 360;
  Checked checked = check(beer);
  EXPECT_THAT(checked.findings, ElementsAre("malt_in_grams"));
  EXPECT_DOUBLE_EQ(*checked.beer.malts[1].kilograms, 0.36);
  EXPECT_DOUBLE_EQ(*checked.beer.malts[0].kilograms, 4.0);
}

TEST(Check, RejectsARecipeWithoutMalt) {
  Beer beer = ordinary_beer();
  beer.malts.clear();
  EXPECT_EQ(check(beer).label, LabelStatus::kRejected);
}

TEST(Check, NotesUnusualHopLists) {
  Beer beer = ordinary_beer();
  beer.hops.push_back({"Coffee Beans", 10, "Dry Hop", "Flavour"});
  EXPECT_THAT(check(beer).findings,
              ElementsAre("hops_with_adjuncts", "hop_add_irregular", "hop_attribute_irregular"));
}

TEST(Check, IsDoneAfterOnce) {
  Beer beer = ordinary_beer();
  std::swap(beer.target_fg, beer.target_og);
  std::swap(beer.ebc, beer.srm);
  beer.ph = 79;
  Checked once = check(beer);
  Checked twice = check(once.beer);
  EXPECT_EQ(twice.beer.target_og, once.beer.target_og);
  EXPECT_EQ(twice.beer.ebc, once.beer.ebc);
  EXPECT_THAT(twice.findings, ElementsAre("ph_null"));
}

TEST(Rules, HaveNamesOfTheirOwnAndAReason) {
  std::set<std::string_view> names;
  for (const Rule& rule : rules()) {
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_FALSE(rule.checks.empty());
    EXPECT_FALSE(rule.reason.empty());
    EXPECT_EQ(rule.name.find(','), std::string_view::npos) << "names are joined by commas";
  }
}

}  // namespace
}  // namespace beer
