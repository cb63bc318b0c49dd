// The simulated brewery beside what was measured on the whole catalogue, where that is at hand.
#include "beer/brewery/brewery.h"
#include "beer/features.h"
#include "beer/reading.h"
#include "beer/testing_beers.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

namespace beer {
namespace {

namespace json = boost::json;

class Calibration : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kBeers = 8300;  // twenty catalogues

  static void SetUpTestSuite() {
    const Brewery brewery(17);
    readings_.clear();
    for (std::uint64_t id = 1; id <= kBeers; ++id) readings_.push_back(read_beer(brewery.beer(id)));
  }

  void SetUp() override {
    std::ifstream file(testing::data_folder() / "beer_stats.json");
    if (!file) GTEST_SKIP() << "beer_stats.json is not at hand (BEER_DATA_DIR)";
    const std::string text((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    stats_ = json::parse(text);
  }

  /// A feature of all beers that have it, ascending.
  static std::vector<double> values(std::string_view name) {
    const auto place = static_cast<std::size_t>(feature_index(name));
    std::vector<double> values;
    for (const Reading& reading : readings_) {
      if (!std::isnan(reading.features[place])) values.push_back(reading.features[place]);
    }
    std::sort(values.begin(), values.end());
    return values;
  }
  static double at(const std::vector<double>& sorted, double share) {
    return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
  }
  double measured(const std::string& pointer) const {
    return stats_.at_pointer(pointer).to_number<double>();
  }
  /// Quartiles and tails within a part of what lies between the catalogue's tails.
  void expect_like(std::string_view feature, const std::string& pointer, double part) const {
    const std::vector<double> sorted = values(feature);
    const double width = measured(pointer + "/q95") - measured(pointer + "/q05");
    for (const auto& [name, share] :
         {std::pair{"/q05", 0.05}, {"/q25", 0.25}, {"/q50", 0.5}, {"/q75", 0.75}, {"/q95", 0.95}}) {
      EXPECT_NEAR(at(sorted, share), measured(pointer + name), part * width) << feature << name;
    }
  }

  static inline std::vector<Reading> readings_;
  json::value stats_;
};

TEST_F(Calibration, HasTheCataloguesMarginals) {
  for (const char* field : {"abv", "target_fg", "target_og", "ebc", "srm"}) {
    expect_like(field, std::string("/fields_clean/") + field, 0.12);
  }
}

TEST_F(Calibration, HasTheCataloguesMaltAndEfficiency) {
  const std::vector<double> malt = values("malt_kilograms");
  EXPECT_NEAR(at(malt, 0.5) * 20, measured("/malt/kg_total/q50"), 0.5);
  EXPECT_NEAR(at(malt, 0.95) * 20, measured("/malt/kg_total/q95"), 1.5);
  expect_like("efficiency", "/malt/brewhouse_efficiency_20l_300ptl", 0.25);
}

TEST_F(Calibration, HasTheCataloguesHopSchedules) {
  const std::map<std::string, std::string> phases{
      {"start", "hop_lines_start"}, {"middle", "hop_lines_middle"},     {"late", "hop_lines_late"},
      {"end", "hop_lines_end"},     {"flameout", "hop_lines_flameout"}, {"dry", "hop_lines_dry"}};
  for (const auto& [phase, feature] : phases) {
    const std::vector<double> lines = values(feature);
    const auto none = std::upper_bound(lines.begin(), lines.end(), 0) - lines.begin();
    const double share = 1 - static_cast<double>(none) / static_cast<double>(lines.size());
    EXPECT_NEAR(share, measured("/hops/by_timing/" + phase + "/share_of_beers"), 0.08) << phase;
  }
}

/// Spearman's correlation of a feature with the ibu, over beers that can teach.
double rank_correlation(const std::vector<Reading>& readings, std::string_view name) {
  const auto place = static_cast<std::size_t>(feature_index(name));
  std::vector<std::pair<double, double>> pairs;
  for (const Reading& reading : readings) {
    if (reading.label != LabelStatus::kOk || std::isnan(reading.features[place])) continue;
    pairs.emplace_back(reading.features[place], *reading.beer.ibu);
  }
  const auto ranks = [&](auto value) {
    std::vector<std::size_t> order(pairs.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return value(pairs[a]) < value(pairs[b]); });
    std::vector<double> ranks(pairs.size());
    for (std::size_t i = 0; i < order.size();) {
      std::size_t end = i;
      while (end < order.size() && value(pairs[order[end]]) == value(pairs[order[i]])) ++end;
      for (std::size_t k = i; k < end; ++k) ranks[order[k]] = static_cast<double>(i + end) / 2;
      i = end;
    }
    return ranks;
  };
  const auto a = ranks([](const auto& pair) { return pair.first; });
  const auto b = ranks([](const auto& pair) { return pair.second; });
  const double mean = static_cast<double>(a.size()) / 2;
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean) * (b[i] - mean);
    aa += (a[i] - mean) * (a[i] - mean);
    bb += (b[i] - mean) * (b[i] - mean);
  }
  return ab / std::sqrt(aa * bb);
}

TEST_F(Calibration, TiesTheIbuToTheRecipeAsTheCatalogueDoes) {
  const std::map<std::string, std::string> ties{{"abv", "abv"},
                                                {"target_og", "target_og"},
                                                {"ebc", "ebc"},
                                                {"malt_kilograms", "malt_kg"},
                                                {"hop_grams_start", "hop_g_start"},
                                                {"hop_grams_end", "hop_g_end"},
                                                {"hop_grams_dry", "hop_g_dry"},
                                                {"alpha_kettle", "alpha_mg_per_l_kettle"},
                                                {"tinseth_ibu", "tinseth_ibu_60_30_5"},
                                                {"rager_ibu", "rager_ibu_60_30_5"}};
  for (const auto& [feature, field] : ties) {
    EXPECT_NEAR(rank_correlation(readings_, feature),
                measured("/correlation_spearman/ibu/" + field), 0.12)
        << feature;
  }
}

}  // namespace
}  // namespace beer
