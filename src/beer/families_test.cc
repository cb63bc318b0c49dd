// Families and the splits that respect them.
#include "beer/families.h"

#include "beer/testing_beers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <span>

namespace beer {
namespace {

using ::testing::ElementsAre;

FamilyKeys keys(std::string name, std::string hops, std::string malts, std::string six) {
  return {std::move(name), std::move(hops), std::move(malts), std::move(six)};
}

TEST(Families, JoinRowsThatShareAnyKeyThroughOthers) {
  std::vector<FamilyKeys> rows{keys("a", "h1", "m1", "s1"), keys("b", "h2", "m2", "s2"),
                               keys("c", "h1", "m3", "s3"), keys("d", "h4", "m3", "s4"),
                               keys("b", "h5", "m5", "s5")};
  EXPECT_THAT(families(rows), ElementsAre(0, 1, 0, 0, 1));
}

TEST(Families, AreNotJoinedByEmptyKeys) {
  std::vector<FamilyKeys> rows{keys("a", "", "", ""), keys("b", "", "", "")};
  EXPECT_THAT(families(rows), ElementsAre(0, 1));
  EXPECT_TRUE(families({}).empty());
}

TEST(Families, AreTheSameInAnyOrderOfRows) {
  std::vector<FamilyKeys> rows;
  for (int i = 0; i < 600; ++i) {
    rows.push_back(keys(std::to_string(i), std::to_string(i % 301), "", std::to_string(i / 7)));
  }
  const auto joined = families(rows);
  std::vector<FamilyKeys> turned(rows.rbegin(), rows.rend());
  auto again = families(turned);
  std::reverse(again.begin(), again.end());
  std::map<std::uint32_t, std::uint32_t> other_number;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    EXPECT_EQ(other_number.try_emplace(joined[row], again[row]).first->second, again[row]);
  }
  EXPECT_EQ(count_families(joined), count_families(again));
}

TEST(Families, OfALongChainAreOne) {
  std::vector<FamilyKeys> rows;
  for (int i = 0; i < 300'000; ++i) {
    rows.push_back(keys("", "h" + std::to_string((i + 1) / 2), "m" + std::to_string(i / 2), ""));
  }
  EXPECT_EQ(count_families(families(rows)), 1U);
}

TEST(Families, AreCountedOnce) {
  EXPECT_EQ(count_families(std::vector<std::uint32_t>{4, 7, 4, 4}), 2U);
  EXPECT_EQ(count_families({}), 0U);
}

TEST(NameStem, DropsVersionsYearsAndSeries) {
  EXPECT_EQ(name_stem("King of Eights V2 (Fanzine)"), "king of eights");
  EXPECT_EQ(name_stem("Paradox Islay 2.0"), "paradox islay");
  EXPECT_EQ(name_stem("#Mashtag 2013"), "mashtag");
  EXPECT_EQ(name_stem("Rhubarb Saison - B-Sides"), "rhubarb saison");
  EXPECT_EQ(name_stem("AB:01"), "ab:01");
  EXPECT_EQ(name_stem("77 Lager"), "77 lager");
  EXPECT_EQ(name_stem("Moshi Moshi 15"), "moshi moshi 15");
  EXPECT_EQ(name_stem("2016"), "2016");
}

TEST(FamilyKeys, IgnoreTheIbuAndTheOrderOfHops) {
  Beer a = testing::ordinary_beer();
  Beer b = a;
  b.ibu = 99;
  std::swap(b.hops[0], b.hops[2]);
  EXPECT_EQ(family_keys(a).hop_bill, family_keys(b).hop_bill);
  EXPECT_EQ(family_keys(a).six_values, family_keys(b).six_values);
  b.hops[0].grams = 1;
  EXPECT_NE(family_keys(a).hop_bill, family_keys(b).hop_bill);
}

TEST(FamilyKeys, AreEmptyWhereThereIsNothingToShare) {
  Beer beer;
  beer.id = 1;
  FamilyKeys keys = family_keys(beer);
  EXPECT_EQ(keys.hop_bill, "");
  EXPECT_EQ(keys.malt_bill, "");
  EXPECT_EQ(keys.six_values, "");
}

std::vector<std::uint32_t> some_families() {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t family = 0; family < 120; ++family) {
    for (std::uint32_t i = 0; i <= family % 5; ++i) rows.push_back(family);
  }
  return rows;
}

/// The rows' numbers, for who doesn't care which beers they are.
std::vector<std::int64_t> some_ids(std::size_t count) {
  std::vector<std::int64_t> ids(count);
  std::iota(ids.begin(), ids.end(), 1);
  return ids;
}

TEST(GroupedSplit, KeepsFamiliesTogetherAndTheSizeAsked) {
  auto rows = some_families();
  Split split = grouped_split(rows, some_ids(rows.size()), 0.2, 42);
  EXPECT_EQ(split.train.size() + split.test.size(), rows.size());
  EXPECT_NEAR(static_cast<double>(split.test.size()), 0.2 * static_cast<double>(rows.size()), 2);
  std::set<std::uint32_t> tested;
  for (auto row : split.test) tested.insert(rows[row]);
  for (auto row : split.train) EXPECT_FALSE(tested.contains(rows[row]));
}

TEST(GroupedSplit, FollowsTheSeed) {
  auto rows = some_families();
  EXPECT_EQ(grouped_split(rows, some_ids(rows.size()), 0.2, 1).test,
            grouped_split(rows, some_ids(rows.size()), 0.2, 1).test);
  EXPECT_NE(grouped_split(rows, some_ids(rows.size()), 0.2, 1).test,
            grouped_split(rows, some_ids(rows.size()), 0.2, 2).test);
}

TEST(GroupedSplit, LeavesNearlyEveryBeerOnItsSideWhenTheCatalogueGrows) {
  const auto rows = some_families();
  const auto ids = some_ids(rows.size());
  const std::size_t before = rows.size() * 9 / 10;
  const auto test_of = [&](std::size_t count) {
    std::set<std::uint32_t> tested;
    const auto split =
        grouped_split(std::span(rows).first(count), std::span(ids).first(count), 0.2, 7);
    for (const auto row : split.test) tested.insert(row);
    return tested;
  };
  const auto small = test_of(before), large = test_of(rows.size());
  std::size_t stayed = 0;
  for (const auto row : small) stayed += large.count(row);
  EXPECT_GT(static_cast<double>(stayed), 0.8 * static_cast<double>(small.size()));
}

TEST(GroupedSplit, KnowsItsEdges) {
  auto rows = some_families();
  EXPECT_TRUE(grouped_split(rows, some_ids(rows.size()), 0, 1).test.empty());
  EXPECT_TRUE(grouped_split(rows, some_ids(rows.size()), 1, 1).train.empty());
  EXPECT_TRUE(grouped_split({}, {}, 0.5, 1).test.empty());
}

TEST(GroupedFolds, AreEvenAndKeepFamiliesTogether) {
  auto rows = some_families();
  auto folds = grouped_folds(rows, 5, 7);
  std::map<std::uint32_t, std::set<std::uint32_t>> folds_of_family;
  std::map<std::uint32_t, int> sizes;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    folds_of_family[rows[row]].insert(folds[row]);
    ++sizes[folds[row]];
  }
  for (const auto& [family, in] : folds_of_family) EXPECT_EQ(in.size(), 1U);
  for (const auto& [fold, size] : sizes) EXPECT_NEAR(size, rows.size() / 5.0, 2);
  EXPECT_EQ(folds, grouped_folds(rows, 5, 7));
  EXPECT_THROW(grouped_folds(rows, 1, 7), std::invalid_argument);
}

}  // namespace
}  // namespace beer
