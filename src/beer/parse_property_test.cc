// What must hold of the parser whatever it is given: beers changed at random, values and bytes.
#include "beer/beer.h"
#include "beer/brewery/brewery.h"
#include "beer/brewery/random.h"
#include "beer/features.h"
#include "beer/reading.h"
#include "beer/testing_beers.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace beer {
namespace {

namespace json = boost::json;

// Real beers where they are at hand, and simulated ones.
const std::vector<std::string>& texts() {
  static const std::vector<std::string> kTexts = [] {
    std::vector<std::string> all = testing::real_beers();
    const Brewery brewery(21);
    for (std::uint64_t id = 1; id <= 200; ++id) all.push_back(brewery.beer(id));
    return all;
  }();
  return kTexts;
}

// A value whose type has to be so, and what the parser calls it.
struct Place {
  std::string pointer;
  std::string field;
};

void add_lines(const json::value& root, const std::string& at, const std::string& field,
               std::vector<Place>& places) {
  const std::size_t lines = root.at_pointer(at).as_array().size();
  for (std::size_t i = 0; i < lines; ++i) {
    places.push_back({fmt::format("{}/{}/name", at, i), field});
    places.push_back({fmt::format("{}/{}/amount/value", at, i), field});
    if (field == "hops") {
      places.push_back({fmt::format("{}/{}/add", at, i), "hops_add"});
      places.push_back({fmt::format("{}/{}/attribute", at, i), "hops_attribute"});
    }
  }
}

std::vector<Place> places_of(const json::value& root) {
  std::vector<Place> places;
  for (const char* field : {"name", "tagline", "first_brewed", "abv", "ibu", "target_fg",
                            "target_og", "ebc", "srm", "ph", "attenuation_level"}) {
    places.push_back({fmt::format("/{}", field), field});
  }
  places.push_back({"/volume/value", "volume"});
  places.push_back({"/boil_volume/value", "boil_volume"});
  places.push_back({"/method/twist", "twist"});
  places.push_back({"/method/fermentation/temp/value", "fermentation"});
  places.push_back({"/ingredients/yeast", "yeast"});
  const std::size_t steps = root.at_pointer("/method/mash_temp").as_array().size();
  for (std::size_t i = 0; i < steps; ++i) {
    places.push_back({fmt::format("/method/mash_temp/{}/temp/value", i), "mash_temp"});
    places.push_back({fmt::format("/method/mash_temp/{}/duration", i), "mash_duration"});
  }
  add_lines(root, "/ingredients/malt", "malt", places);
  add_lines(root, "/ingredients/hops", "hops", places);
  return places;
}

json::value strange_value(Random& random) {
  switch (random.below(3)) {
    case 0:
      return random.chance(0.5);
    case 1:
      return json::array{1, "2"};
    default:
      return json::object{{"value", 1}};
  }
}

std::multiset<std::string> names(const ParseResult& result) {
  std::multiset<std::string> names;
  for (const Finding& finding : result.findings) names.insert(finding.name);
  return names;
}

TEST(ParseBeerAlways, TellsOfEachValueOfAWrongType) {
  Random random(1);
  for (const std::string& text : texts()) {
    json::value root = json::parse(text);
    std::multiset<std::string> expected = names(parse_beer(text));
    for (const Place& place : places_of(root)) {
      if (!random.chance(0.2)) continue;
      root.at_pointer(place.pointer) = strange_value(random);
      expected.insert("wrong_type." + place.field);
    }
    const ParseResult result = parse_beer(json::serialize(root));
    ASSERT_TRUE(result) << result.reason;
    std::multiset<std::string> found = names(result);
    // An amount that can't be read has no unit to be wrong.
    for (auto it = expected.begin(); it != expected.end();) {
      it = it->starts_with("unknown_unit") ? expected.erase(it) : std::next(it);
    }
    for (auto it = found.begin(); it != found.end();) {
      it = it->starts_with("unknown_unit") ? found.erase(it) : std::next(it);
    }
    EXPECT_EQ(found, expected) << text;
  }
}

TEST(ParseBeerAlways, TellsOfEachMemberThatNobodyKnows) {
  for (const std::string& text : texts()) {
    json::value root = json::parse(text);
    const std::size_t before = parse_beer(text).findings.size();
    root.as_object()["new"] = 1;
    root.at_pointer("/method").as_object()["sparge"] = json::object{};
    root.at_pointer("/volume").as_object()["approx"] = true;
    root.at_pointer("/ingredients").as_object()["water"] = "soft";
    const ParseResult result = parse_beer(json::serialize(root));
    EXPECT_EQ(result.findings.size(), before + 4);
    EXPECT_TRUE(names(result).contains("unknown_member.volume"));
  }
}

void expect_sound(const std::string& text) {
  const ParseResult parsed = parse_beer(text);
  EXPECT_EQ(parsed.reason.empty(), parsed.beer.has_value()) << text;
  if (!parsed) {
    EXPECT_THROW(read_beer(text), InvalidBeer);
    return;
  }
  const Reading reading = read_beer(text);
  ASSERT_EQ(reading.features.size(), features().size());
  for (float value : reading.features) EXPECT_FALSE(std::isinf(value)) << text;
  std::set<std::string> flags(reading.flags.begin(), reading.flags.end());
  EXPECT_EQ(flags.size(), reading.flags.size()) << "a flag is raised twice";
  for (const Finding& finding : parsed.findings) EXPECT_TRUE(flags.contains(finding.name));
}

TEST(ParseBeerAlways, SurvivesBytesChangedAtRandom) {
  Random random(2);
  constexpr int kRounds = 12;
  for (const std::string& text : texts()) {
    for (int round = 0; round < kRounds; ++round) {
      std::string changed = text;
      for (std::size_t i = 0, n = 1 + random.below(4); i < n; ++i) {
        const std::size_t at = random.below(changed.size());
        switch (random.below(4)) {
          case 0:
            changed[at] = static_cast<char>(random.below(256));
            break;
          case 1:
            changed.erase(at, 1 + random.below(8));
            break;
          case 2:
            changed.insert(at, std::string(1, "{}[]\",:-.0e"[random.below(11)]));
            break;
          default:
            changed.insert(at, changed.substr(random.below(changed.size()), random.below(40)));
        }
      }
      expect_sound(changed);
    }
  }
}

// Numbers from everywhere: the formulas must bear them all.
TEST(ParseBeerAlways, SurvivesAbsurdNumbers) {
  Random random(3);
  constexpr auto kAbsurd = std::to_array<double>(
      {0, -0.0, -1, 1e-300, 1e300, -1e300, 999.9999, 1000, 1e9, 2.5, 4503599627370497.5});
  for (const std::string& text : texts()) {
    json::value root = json::parse(text);
    for (const Place& place : places_of(root)) {
      json::value& value = root.at_pointer(place.pointer);
      if (value.is_number() && random.chance(0.4)) value = kAbsurd[random.below(kAbsurd.size())];
    }
    expect_sound(json::serialize(root));
  }
}

// However the source writes a number, it is the one that other readers of the file see.
TEST(ParseBeerAlways, ReadsDecimalsAsEveryoneDoes) {
  Random random(4);
  for (int i = 0; i < 20'000; ++i) {
    const std::string digits = fmt::format("{}.{:0{}}", random.below(2000), random.below(1000), 3);
    const ParseResult result = parse_beer(fmt::format(R"({{"id":1,"abv":{}}})", digits));
    EXPECT_EQ(*result.beer->abv, std::strtod(digits.c_str(), nullptr)) << digits;
  }
}

}  // namespace
}  // namespace beer
