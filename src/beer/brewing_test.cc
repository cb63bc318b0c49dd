// The brewers' formulas against their published tables, and the words of malts and yeasts.
#include "beer/brewing.h"

#include <gtest/gtest.h>

namespace beer {
namespace {

// Utilisations that Tinseth's table prints: decimals by gravity and minutes.
TEST(Tinseth, GivesTheUtilisationsOfItsTable) {
  auto utilisation = [](double minutes, double og) {
    return tinseth_ibu(10, 10, minutes, og, 20) / (10 * 0.10 * 1000 / 20);
  };
  EXPECT_NEAR(utilisation(60, 1050), 0.231, 0.001);
  EXPECT_NEAR(utilisation(60, 1100), 0.147, 0.001);
  EXPECT_NEAR(utilisation(30, 1040), 0.194, 0.001);
  EXPECT_NEAR(utilisation(5, 1050), 0.046, 0.001);
  EXPECT_EQ(utilisation(0, 1050), 0);
}

// Rager's own table: 6 % for 10 minutes, about 30 % for an hour.
TEST(Rager, GivesTheUtilisationsOfItsTable) {
  auto utilisation = [](double minutes, double og) {
    return rager_ibu(10, 10, minutes, og, 20) / (10 * 0.10 * 1000 / 20);
  };
  EXPECT_NEAR(utilisation(60, 1040), 0.307, 0.003);
  EXPECT_NEAR(utilisation(10, 1040), 0.067, 0.003);
  EXPECT_NEAR(utilisation(60, 1100), 0.307 / 1.25, 0.003);
}

TEST(Bitterness, CountsNothingForHopsThatNeverBoil) {
  std::vector<HopUse> dry{{"citra", 200, Phase::kDry, 0, HopAttribute::kAroma, 12.5}};
  EXPECT_EQ(tinseth_ibu(dry, 1050, 20), 0);
  EXPECT_EQ(rager_ibu(dry, 1050, 20), 0);
}

TEST(Gravity, PromisesAlcoholAndAttenuation) {
  EXPECT_NEAR(abv_from_gravity(1052, 1010), 5.51, 0.01);
  EXPECT_NEAR(attenuation_from_gravity(1052, 1010), 80.77, 0.01);
}

TEST(ClassifyMalt, FindsTheNarrowerWordFirst) {
  EXPECT_EQ(classify_malt("extra pale"), MaltClass::kBase);
  EXPECT_EQ(classify_malt("maris otter"), MaltClass::kBase);
  EXPECT_EQ(classify_malt("carafa special malt type 1"), MaltClass::kDark);
  EXPECT_EQ(classify_malt("carapils"), MaltClass::kCrystal);
  EXPECT_EQ(classify_malt("weyernmann pils"), MaltClass::kPils);
  EXPECT_EQ(classify_malt("double roasted crystal"), MaltClass::kCrystal);
  EXPECT_EQ(classify_malt("chocolate wheat"), MaltClass::kDark);
  EXPECT_EQ(classify_malt("torrified wheat"), MaltClass::kWheat);
  EXPECT_EQ(classify_malt("flaked oats"), MaltClass::kOats);
  EXPECT_EQ(classify_malt("oat husks"), MaltClass::kOther);
  EXPECT_EQ(classify_malt("beech smoked barley malt"), MaltClass::kSmoked);
  EXPECT_EQ(classify_malt("acidulated malt"), MaltClass::kAcid);
  EXPECT_EQ(classify_malt("roasted barley"), MaltClass::kDark);
  EXPECT_EQ(classify_malt("bitter orange"), MaltClass::kOther);
}

TEST(ClassifyYeast, KnowsTheStrains) {
  EXPECT_EQ(classify_yeast(""), YeastClass::kNone);
  EXPECT_EQ(classify_yeast("Wyeast 1272 - American Ale II™"), YeastClass::kAmericanAleII);
  EXPECT_EQ(classify_yeast("Wyeast 1056 - American Ale™ & Wyeast 1272 - American Ale II™"),
            YeastClass::kMixed);
  EXPECT_EQ(classify_yeast("Saflager W-34/70"), YeastClass::kLager);
  EXPECT_EQ(classify_yeast("House Brett Blend"), YeastClass::kBrett);
  EXPECT_EQ(classify_yeast("Champagne"), YeastClass::kOther);
}

}  // namespace
}  // namespace beer
