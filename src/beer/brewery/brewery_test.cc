// The simulated brewery: repeatable, complete, as faulty as the real catalogue, and judged like it.
#include "beer/brewery/brewery.h"

#include "beer/brewery/anomalies.h"
#include "beer/brewery/beer_json.h"
#include "beer/brewery/copula.h"
#include "beer/brewery/invent.h"
#include "beer/brewery/names.h"
#include "beer/cleaned.h"
#include "beer/features.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>

namespace beer {
namespace {

TEST(Brewery, GivesTheSameBeerForTheSameSeedAndId) {
  Brewery one(1), again(1), other(2);
  EXPECT_EQ(one.beer(17), again.beer(17));
  EXPECT_NE(one.beer(17), other.beer(17));
  EXPECT_NE(one.beer(17), one.beer(18));
  EXPECT_EQ(one.random(), again.random());
  EXPECT_EQ(one.random(), again.random());
}

TEST(Brewery, IsParsedWithoutAFindingInBothShapes) {
  Brewery brewery(3);
  for (std::uint64_t id = 1; id <= 2000; ++id) {
    for (Shape shape : {Shape::kV2, Shape::kV3}) {
      ParseResult result = parse_beer(brewery.beer(id, shape));
      ASSERT_TRUE(result) << result.reason;
      EXPECT_TRUE(result.findings.empty()) << result.findings.front().detail;
      EXPECT_EQ(result.beer->id, static_cast<std::int64_t>(id));
    }
  }
}

TEST(Brewery, NamesTheImageAsEachVersionDoes) {
  Brewery brewery(1);
  auto v2 = boost::json::parse(brewery.beer(1, Shape::kV2)).as_object();
  auto v3 = boost::json::parse(brewery.beer(1, Shape::kV3)).as_object();
  EXPECT_TRUE(v2.contains("image_url"));
  EXPECT_FALSE(v2.contains("image"));
  EXPECT_TRUE(v3.contains("image"));
}

TEST(Brewery, ShowsManyBeersInFewDrawsAndRepeatsItself) {
  Brewery brewery(5);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 500; ++i) seen.insert(parse_beer(brewery.random()).beer->id);
  EXPECT_GT(seen.size(), 380U);
  EXPECT_LT(seen.size(), 470U);
}

TEST(Brewery, PagesThroughItsCatalogueOnce) {
  Brewery brewery(5, 103);
  std::vector<std::int64_t> ids;
  for (std::uint64_t page = 1;; ++page) {
    boost::json::array beers = boost::json::parse(brewery.page(page, 25)).as_array();
    if (beers.empty()) break;
    for (const auto& beer : beers) ids.push_back(beer.at("id").as_int64());
  }
  ASSERT_EQ(ids.size(), 103U);
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(ids[i], static_cast<std::int64_t>(i) + 1);
  EXPECT_EQ(brewery.page(0, 25), "[]");
  EXPECT_EQ(brewery.page(~0ULL, 80), "[]");
}

TEST(Brewery, IsAsFaultyAsTheCatalogue) {
  constexpr int kBeers = 8300;  // twenty catalogues
  std::map<std::string, double> count;
  for (std::uint64_t id = 1; id <= kBeers; ++id) {
    std::stringstream names(clean(Brewery(9).beer(id), {}).findings);
    for (std::string name; std::getline(names, name, ',');) count[name] += 415.0 / kBeers;
  }
  auto near = [&](const char* name, double expected, double slack) {
    EXPECT_NEAR(count[name], expected, slack) << name;
  };
  near("ibu_null", 5, 2);
  near("ibu_out_of_scale", 15, 4);
  near("ibu_rejected", 2, 1.5);
  near("gravities_swapped", 14, 4);
  near("colours_swapped", 4, 2);
  near("colours_disagree", 9, 3);
  near("abv_disagrees", 51, 12);
  near("srm_null", 16, 4);
  near("ph_null", 13, 5);
  near("hops_with_adjuncts", 67, 8);
  near("hop_add_irregular", 185, 40);
  near("hop_attribute_irregular", 183, 40);
}

TEST(Brewery, HasTheCataloguesFamilies) {
  Brewery brewery(4);
  std::vector<FamilyKeys> keys;
  for (std::uint64_t id = 1; id <= 415; ++id) keys.push_back(clean(brewery.beer(id), {}).keys);
  auto family = families(keys);
  auto count = *std::max_element(family.begin(), family.end()) + 1;
  EXPECT_NEAR(count, 310, 15);
}

TEST(Brewery, IsAsBitterAsTheCatalogue) {
  double sum = 0, squares = 0, n = 0;
  for (std::uint64_t id = 1; id <= 4150; ++id) {
    Cleaned row = clean(Brewery(6).beer(id), {});
    if (row.label != LabelStatus::kOk) continue;
    sum += *row.ibu;
    squares += *row.ibu * *row.ibu;
    ++n;
  }
  double mean = sum / n;
  EXPECT_NEAR(mean, 48.5, 4);
  EXPECT_NEAR(std::sqrt(squares / n - mean * mean), 24.8, 2.5);
}

TEST(BeerJson, IsReadBackAsItWas) {
  for (std::uint64_t id = 1; id <= 300; ++id) {
    Beer beer = invent(8, id);
    std::string once, twice;
    append_beer_json(once, beer, Shape::kV2);
    append_beer_json(twice, *parse_beer(once).beer, Shape::kV2);
    EXPECT_EQ(once, twice);
  }
}

TEST(FamilyName, IsNeverGivenTwice) {
  std::set<std::string> names;
  for (std::uint64_t i = 0; i < 140'000; ++i) {
    EXPECT_TRUE(names.insert(family_name(77, i)).second) << i;
  }
}

TEST(Copula, FollowsItsQuantilesAndInvertsThem) {
  const Quantiles& og = clusters()[4][Field::kOg];
  EXPECT_EQ(quantile(og, 0), og.front());
  EXPECT_EQ(quantile(og, 1), og.back());
  EXPECT_EQ(quantile(og, 0.5), og[10]);
  EXPECT_NEAR(quantile(og, probability(og, 1068.3)), 1068.3, 1e-9);
  EXPECT_NEAR(probability(og, 0), 0.01, 1e-9);
  EXPECT_NEAR(probability(og, 5000), 0.99, 1e-9);
  for (double z : {-2.0, -0.5, 0.0, 1.3}) EXPECT_NEAR(normal_quantile(normal_cdf(z)), z, 1e-5);
}

TEST(Copula, DrawsGravityAndMaltTogether) {
  Random random(1);
  double both = 0, n = 20'000;
  for (int i = 0; i < n; ++i) {
    Draw draw = draw_fields(clusters()[4], random);
    both += draw.scores[static_cast<std::size_t>(Field::kOg)] *
            draw.scores[static_cast<std::size_t>(Field::kMaltKilograms)];
  }
  const auto& correlation = within_cluster_correlation();
  EXPECT_NEAR(both / n,
              correlation[static_cast<std::size_t>(Field::kOg)]
                         [static_cast<std::size_t>(Field::kMaltKilograms)],
              0.04);
}

}  // namespace
}  // namespace beer
