// The real catalogue through the whole domain: counts near what was measured on all 415 beers.
#include "beer/cleaned.h"
#include "beer/features.h"
#include "beer/testing_beers.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <sstream>

namespace beer {
namespace {

class RealCatalogue : public ::testing::Test {
 protected:
  void SetUp() override {
    beers_ = testing::real_beers();
    if (beers_.empty()) GTEST_SKIP() << "punk_api_beers.json is not at hand (BEER_DATA_DIR)";
  }

  std::vector<Cleaned> rows() const {
    std::vector<Cleaned> rows;
    for (const std::string& beer : beers_) rows.push_back(clean(beer, {}));
    return rows;
  }

  std::vector<std::string> beers_;
};

TEST_F(RealCatalogue, CleansWithoutAnException) {
  for (const std::string& beer : beers_) EXPECT_NO_THROW(clean(beer, {})) << beer.substr(0, 60);
}

TEST_F(RealCatalogue, IsFlaggedAboutAsOftenAsMeasured) {
  std::map<std::string, int> count;
  for (const Cleaned& row : rows()) {
    std::stringstream names(row.findings);
    for (std::string name; std::getline(names, name, ',');) ++count[name];
  }
  const std::map<std::string, int> measured{{"ibu_null", 5},
                                            {"ibu_rejected", 2},
                                            {"ibu_out_of_scale", 15},
                                            {"gravities_swapped", 14},
                                            {"colours_swapped", 4},
                                            {"ph_impossible", 1},
                                            {"colours_disagree", 9},
                                            {"abv_disagrees", 51},
                                            {"attenuation_impossible", 2},
                                            {"og_unusual", 7},
                                            {"malt_in_grams", 1},
                                            {"malt_empty", 1},
                                            {"fermentation_impossible", 1},
                                            {"hops_with_adjuncts", 67},
                                            {"hop_add_irregular", 185},
                                            {"hop_attribute_irregular", 183},
                                            {"srm_null", 16},
                                            {"yeast_null", 1}};
  // These beers are part of those 415, so a rule can't have caught more, and catches most of its
  // share: three deviations of drawing without replacement, at the least two beers.
  const double part = static_cast<double>(beers_.size()) / 415;
  for (const auto& [name, all] : measured) {
    double expected = all * part;
    double slack = std::max(2.0, 3.0 * std::sqrt(expected * (1 - part)));
    EXPECT_LE(count[name], all) << name;
    EXPECT_GE(count[name], expected - slack) << name;
  }
}

TEST_F(RealCatalogue, GivesTheSameFeaturesThroughTheTableAsDirectly) {
  for (const std::string& text : beers_) {
    std::vector<float> direct = compute_features(check(*parse_beer(text).beer).beer);
    boost::json::object row = boost::json::parse(clean(text, {}).to_json()).as_object();
    for (std::size_t i = 0; i < direct.size(); ++i) {
      const boost::json::value& cell = row.at(features()[i].name);
      if (cell.is_null()) {
        EXPECT_TRUE(std::isnan(direct[i]));
      } else {
        EXPECT_EQ(static_cast<float>(cell.to_number<double>()), direct[i]) << features()[i].name;
      }
    }
  }
}

TEST_F(RealCatalogue, FallsIntoFamiliesLikeTheWhole) {
  std::vector<FamilyKeys> keys;
  for (const Cleaned& row : rows()) keys.push_back(row.keys);
  auto family = families(keys);
  auto count = *std::max_element(family.begin(), family.end()) + 1;
  EXPECT_NEAR(count / static_cast<double>(keys.size()), 310 / 415.0, 0.03);
}

}  // namespace
}  // namespace beer
