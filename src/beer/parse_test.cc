// Strict reading of the Punk API's JSON.
#include "beer/beer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace beer {
namespace {

std::vector<std::string> names(const ParseResult& result) {
  std::vector<std::string> names;
  for (const Finding& finding : result.findings) names.push_back(finding.name);
  return names;
}

constexpr std::string_view kWhole =
    R"({"id":5,"name":"Hop","tagline":"Lager","first_brewed":"04/2007",
  "image":"005.png","abv":5.5,"ibu":40,"target_fg":1010,"target_og":1052,"ebc":25,"srm":12,"ph":4.2,
  "attenuation_level":80.7,"volume":{"value":20,"unit":"litres"},
  "boil_volume":{"value":25,"unit":"litres"},
  "method":{"mash_temp":[{"temp":{"value":65,"unit":"celsius"},"duration":75}],
            "fermentation":{"temp":{"value":10,"unit":"celsius"}},"twist":null},
  "ingredients":{"malt":[{"name":"Munich","amount":{"value":0.31,"unit":"kilograms"}}],
    "hops":[{"name":"Saaz","amount":{"value":12.5,"unit":"grams"},"add":"start","attribute":"bitter"}],
    "yeast":"Saflager S189"}})";

TEST(ParseBeer, ReadsEveryFieldOfABeer) {
  ParseResult result = parse_beer(kWhole);
  ASSERT_TRUE(result) << result.reason;
  EXPECT_TRUE(result.findings.empty());
  const Beer& beer = *result.beer;
  EXPECT_EQ(beer.id, 5);
  EXPECT_EQ(beer.name, "Hop");
  EXPECT_EQ(beer.first_brewed, "04/2007");
  EXPECT_EQ(beer.abv, 5.5);
  EXPECT_EQ(beer.target_og, 1052);
  EXPECT_EQ(beer.attenuation_level, 80.7);
  EXPECT_EQ(beer.volume, 20);
  ASSERT_EQ(beer.mash.size(), 1U);
  EXPECT_EQ(beer.mash[0].celsius, 65);
  EXPECT_EQ(beer.mash[0].minutes, 75);
  EXPECT_EQ(beer.fermentation_celsius, 10);
  EXPECT_EQ(beer.twist, "");
  ASSERT_EQ(beer.malts.size(), 1U);
  EXPECT_EQ(beer.malts[0].kilograms, 0.31);
  ASSERT_EQ(beer.hops.size(), 1U);
  EXPECT_EQ(beer.hops[0].grams, 12.5);
  EXPECT_EQ(beer.hops[0].add, "start");
  EXPECT_EQ(beer.yeast, "Saflager S189");
}

TEST(ParseBeer, TakesNullAndAbsentAsMissingWithoutAFinding) {
  ParseResult result = parse_beer(R"({"id":1,"abv":null,"ingredients":{"yeast":null}})");
  ASSERT_TRUE(result);
  EXPECT_TRUE(result.findings.empty());
  EXPECT_FALSE(result.beer->abv);
  EXPECT_FALSE(result.beer->ibu);
}

TEST(ParseBeer, MakesAFieldOfAWrongTypeMissingAndTells) {
  ParseResult result = parse_beer(
      R"({"id":1,"name":3,"abv":"5.5","ibu":true,"method":[],"ingredients":{"malt":{},"hops":[1]}})");
  ASSERT_TRUE(result);
  EXPECT_FALSE(result.beer->abv);
  EXPECT_THAT(names(result), ::testing::UnorderedElementsAre("wrong_type.name", "wrong_type.abv",
                                                             "wrong_type.ibu", "wrong_type.method",
                                                             "wrong_type.malt", "wrong_type.hops"));
}

TEST(ParseBeer, ConvertsMassesAndRefusesOtherUnits) {
  ParseResult result = parse_beer(R"({"id":1,"ingredients":{
    "malt":[{"name":"Peel","amount":{"value":10,"unit":"grams"}}],
    "hops":[{"name":"Juice","amount":{"value":1,"unit":"kilogram"}},
            {"name":"Coffee","amount":{"value":160,"unit":"ml"}}]}})");
  ASSERT_TRUE(result);
  EXPECT_DOUBLE_EQ(*result.beer->malts[0].kilograms, 0.01);
  EXPECT_DOUBLE_EQ(*result.beer->hops[0].grams, 1000);
  EXPECT_FALSE(result.beer->hops[1].grams);
  EXPECT_THAT(names(result), ::testing::ElementsAre("unknown_unit.hops"));
}

TEST(ParseBeer, FailsForWhatIsNoObjectWithASentence) {
  EXPECT_THAT(parse_beer("").reason, ::testing::HasSubstr("not valid JSON"));
  EXPECT_THAT(parse_beer("{\"id\":1").reason, ::testing::HasSubstr("not valid JSON"));
  EXPECT_EQ(parse_beer("[{\"id\":1}]").reason, "The beer is an array, not a JSON object.");
  EXPECT_EQ(parse_beer("null").reason, "The beer is null, not a JSON object.");
  EXPECT_FALSE(parse_beer("\xff"));
}

TEST(ParseBeer, FailsWithoutAUsableId) {
  EXPECT_EQ(parse_beer("{}").reason, "The beer has no id.");
  EXPECT_EQ(parse_beer(R"({"id":null})").reason, "The beer has no id.");
  for (std::string_view id :
       {"0", "-3", "1.5", "\"7\"", "true", "[]", "1e300", "18446744073709551615"}) {
    ParseResult result = parse_beer("{\"id\":" + std::string(id) + "}");
    EXPECT_FALSE(result) << id;
    EXPECT_THAT(result.reason, ::testing::HasSubstr("not a positive whole number"));
  }
  EXPECT_EQ(parse_beer(R"({"id":7.0})").beer->id, 7);
}

TEST(ParseBeer, SurvivesEveryTruncationOfABeer) {
  for (std::size_t length = 0; length < kWhole.size(); ++length) {
    EXPECT_FALSE(parse_beer(kWhole.substr(0, length)));
  }
}

TEST(ParseBeer, RefusesNestingWithoutEnd) {
  EXPECT_FALSE(parse_beer("{\"id\":1,\"x\":" + std::string(100'000, '[')));
}

}  // namespace
}  // namespace beer
