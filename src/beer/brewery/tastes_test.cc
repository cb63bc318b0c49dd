// Tastes that move: where to, and that nothing else does.
#include "beer/brewery/tastes.h"

#include "beer/brewery/brewery.h"
#include "beer/features.h"
#include "beer/reading.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace beer {
namespace {

constexpr std::uint64_t kBeers = 1500;

/// The mean of a feature over some beers, those without it left out.
double mean_feature(const Brewery& brewery, std::uint64_t first, std::string_view name) {
  const auto place = static_cast<std::size_t>(feature_index(name));
  double sum = 0, count = 0;
  for (std::uint64_t id = first; id < first + kBeers; ++id) {
    const float value = read_beer(brewery.beer(id)).features[place];
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  return sum / count;
}

double mean_ibu(const Brewery& brewery, std::uint64_t first) {
  double sum = 0, count = 0;
  for (std::uint64_t id = first; id < first + kBeers; ++id) {
    const Reading reading = read_beer(brewery.beer(id));
    if (reading.label != LabelStatus::kOk) continue;
    sum += *reading.beer.ibu;
    ++count;
  }
  return sum / count;
}

TEST(Tastes, AreTheCataloguesWithoutADrift) {
  const Brewery still(5);
  const Brewery also(5, Brewery::kDefaultCatalogue, 0);
  for (std::uint64_t id : {1, 415, 9999}) EXPECT_EQ(still.beer(id), also.beer(id));
  EXPECT_NEAR(mean_ibu(still, 1), mean_ibu(still, 8001), 3);
  EXPECT_NEAR(mean_feature(still, 1, "hop_grams_dry"), mean_feature(still, 8001, "hop_grams_dry"),
              0.6);
}

TEST(Tastes, MoveToHazyAndMildBeers) {
  const Brewery drifting(5, Brewery::kDefaultCatalogue, 0.5);
  constexpr std::uint64_t kLater = 6001;  // three years
  EXPECT_LT(mean_ibu(drifting, kLater), mean_ibu(drifting, 1) - 8);
  EXPECT_GT(mean_feature(drifting, kLater, "hop_grams_dry"),
            1.4 * mean_feature(drifting, 1, "hop_grams_dry"));
  EXPECT_LT(mean_feature(drifting, kLater, "rager_ibu"),
            0.8 * mean_feature(drifting, 1, "rager_ibu"));
  EXPECT_GT(mean_feature(drifting, kLater, "year"), mean_feature(drifting, 1, "year") + 1.5);
}

TEST(Tastes, SettleInTheEnd) {
  EXPECT_EQ(Tastes(1000).years(), Tastes::kSettled);
  EXPECT_EQ(Tastes(-1).years(), 0);
  EXPECT_FALSE(Tastes(0).moved());
}

TEST(Brewery, BringsOutANewBeerWithEachDrawWhenTastesDrift) {
  Brewery drifting(5, 100, 1);
  EXPECT_EQ(drifting.catalogue(), 100U);
  std::set<std::int64_t> late;
  for (int draw = 0; draw < 1000; ++draw) {
    const std::int64_t id = read_beer(drifting.random()).beer.id;
    EXPECT_LE(id, static_cast<std::int64_t>(drifting.catalogue()));
    EXPECT_GT(id, draw);
    if (draw >= 900) late.insert(id);
  }
  EXPECT_EQ(drifting.catalogue(), 1100U);
  EXPECT_GT(late.size(), 60U);
}

// Siblings are brewed to their family's tastes, or they were none.
TEST(Brewery, KeepsFamiliesTogetherWhileTastesDrift) {
  const Brewery still(9), drifting(9, Brewery::kDefaultCatalogue, 2);
  std::multiset<std::string> names_still, names_drifting;
  for (std::uint64_t id = 1; id <= 830; ++id) {
    names_still.insert(read_beer(still.beer(id)).beer.name.substr(0, 12));
    names_drifting.insert(read_beer(drifting.beer(id)).beer.name.substr(0, 12));
  }
  EXPECT_EQ(names_still, names_drifting);
}

TEST(Tastes, ChangeAtOnceWhenTheBreweryTurns) {
  Brewery turning(5, 830, 0, Tastes::kSettled);
  const Brewery still(5, 830);
  for (std::uint64_t id = 1; id <= 830; id += 83) EXPECT_EQ(turning.beer(id), still.beer(id));
  EXPECT_LT(mean_ibu(turning, 831), mean_ibu(still, 831) - 8);
  for (int i = 0; i < 50; ++i) EXPECT_LE(read_beer(turning.random()).beer.id, 830);
  turning.turn();
  EXPECT_EQ(turning.catalogue(), 1660U);
  for (int i = 0; i < 50; ++i) {
    const std::int64_t id = read_beer(turning.random()).beer.id;
    EXPECT_GT(id, 830);
    EXPECT_LE(id, 1660);
  }
}

}  // namespace
}  // namespace beer
