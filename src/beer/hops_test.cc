// The catalogue's words about hops.
#include "beer/hops.h"

#include "beer/testing_beers.h"

#include <gtest/gtest.h>

namespace beer {
namespace {

TEST(NormaliseName, DropsCaseAccentsAndBlanks) {
  EXPECT_EQ(normalise_name("Hallertauer Mittelfrüh"), "hallertauer mittelfruh");
  EXPECT_EQ(normalise_name("  NZ\tNelson   Sauvin "), "nz nelson sauvin");
  EXPECT_EQ(normalise_name("Mittelfru\u0308h"), "mittelfruh");
  EXPECT_EQ(normalise_name("American Ale™"), "american ale");
  EXPECT_EQ(normalise_name(""), "");
  EXPECT_NO_THROW(normalise_name("\xC3"));
}

TEST(ReadAddition, UnderstandsWordsMinutesAndPlaces) {
  auto is = [](std::string_view add, Phase phase, double minutes) {
    Addition addition = read_addition(add);
    EXPECT_EQ(addition.phase, phase) << add;
    EXPECT_EQ(addition.minutes, minutes) << add;
  };
  is("start", Phase::kStart, 60);
  is("Start", Phase::kStart, 60);
  is("FWH", Phase::kStart, 60);
  is("First Wort Hops", Phase::kStart, 60);
  is("Mash", Phase::kStart, 60);
  is("middle", Phase::kMiddle, 30);
  is("End", Phase::kEnd, 5);
  is("90", Phase::kStart, 90);
  is("30", Phase::kMiddle, 30);
  is("15", Phase::kLate, 15);
  is("10 min", Phase::kLate, 10);
  is("0", Phase::kFlameOut, 0);
  is("-5", Phase::kFlameOut, 0);
  is("Flame Out", Phase::kFlameOut, 0);
  is("Whirlpool", Phase::kFlameOut, 0);
  is("WHP", Phase::kFlameOut, 0);
  is("dry hop", Phase::kDry, 0);
  is("Dry Hop, at Day 8", Phase::kDry, 0);
  is("FV Addition", Phase::kDry, 0);
  is("Wood Ageing", Phase::kDry, 0);
  is("", Phase::kDry, 0);
}

TEST(ReadAddition, CallsOnlyTheFourWordsCanonical) {
  for (std::string_view add : {"start", "middle", "end", "dry hop"}) {
    EXPECT_TRUE(read_addition(add).canonical);
  }
  for (std::string_view add : {"Start", "60", "Dry Hop", ""}) {
    EXPECT_FALSE(read_addition(add).canonical);
  }
}

TEST(ReadAttribute, ForgivesSpelling) {
  EXPECT_EQ(read_attribute("Bittering"), HopAttribute::kBitter);
  EXPECT_EQ(read_attribute("Bitering"), HopAttribute::kBitter);
  EXPECT_EQ(read_attribute("flavoour"), HopAttribute::kFlavour);
  EXPECT_EQ(read_attribute(" aroma"), HopAttribute::kAroma);
  EXPECT_EQ(read_attribute("aroma / bitter"), HopAttribute::kBitter);
  EXPECT_EQ(read_attribute("14% Alpha"), HopAttribute::kOther);
}

TEST(AlphaInAttribute, IsReadWhereItIsGiven) {
  EXPECT_EQ(alpha_in_attribute("14% Alpha"), 14);
  EXPECT_EQ(alpha_in_attribute("16.2% Alpha"), 16.2);
  EXPECT_FALSE(alpha_in_attribute("Bitter"));
  EXPECT_FALSE(alpha_in_attribute("Alpha"));
  EXPECT_FALSE(alpha_in_attribute("900% Alpha"));
}

TEST(IsAdjunct, TellsHopsFromTheRestOfTheKitchen) {
  for (std::string_view name : {"coffee beans", "lemon peel", "oak chips", "caramalt", "honey",
                                "lactose", "juniper berries", "mandarin segements"}) {
    EXPECT_TRUE(is_adjunct(name)) << name;
  }
  for (std::string_view name :
       {"mandarina bavaria", "simcoe", "co2 extract", "some new hop", "h. blanc", "sorachi ace"}) {
    EXPECT_FALSE(is_adjunct(name)) << name;
  }
}

TEST(ReadHops, TakesAlphaFromTheRecipeThenTheVarietyThenTheDefault) {
  Beer beer = testing::ordinary_beer();
  beer.hops = {{"Magnum", 2, "90", "14% Alpha"},
               {"Magnum", 2, "90", "Bitter"},
               {"Some New Hop", 2, "90", "Bitter"},
               {"Coffee", 20, "end", "flavour"}};
  HopBill bill = read_hops(beer);
  ASSERT_EQ(bill.hops.size(), 3U);
  EXPECT_EQ(bill.adjuncts, 1);
  EXPECT_EQ(bill.hops[0].alpha_percent, 14);
  EXPECT_EQ(bill.hops[1].alpha_percent, 13);
  EXPECT_EQ(bill.hops[2].alpha_percent, kDefaultAlphaPercent);
}

}  // namespace
}  // namespace beer
