// Malt classes, their usual names and shares.
#include "beer/brewery/malt_bill.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace beer {
namespace {

constexpr std::size_t kImperialStout = 1, kHazy = 2, kSour = 3, kLager = 5, kStrong = 6, kStout = 7;

using Names = std::span<const std::string_view>;
constexpr std::array<std::string_view, 4> kBaseNames{"Extra Pale", "Pale Ale", "Maris Otter",
                                                     "Maris Otter Extra Pale"};
constexpr std::array<std::string_view, 3> kPilsNames{"Pilsner", "Pilsner Malt", "Lager Malt"};
constexpr std::array<std::string_view, 3> kWheatNames{"Wheat", "Wheat Malt", "Torrified Wheat"};
constexpr std::array<std::string_view, 2> kOatNames{"Flaked Oats", "Flaked Oat Malt"};
constexpr std::array<std::string_view, 2> kRyeNames{"Rye", "Rye Malt"};
constexpr std::array<std::string_view, 4> kMunichNames{"Munich", "Munich Malt", "Amber", "Vienna"};
constexpr std::array<std::string_view, 6> kCrystalNames{"Caramalt", "Dark Crystal",   "Crystal 150",
                                                        "Crystal",  "Medium Crystal", "Carapils"};
constexpr std::array<std::string_view, 6> kDarkNames{"Chocolate",
                                                     "Carafa Special Malt Type 1",
                                                     "Carafa Special Malt Type 3",
                                                     "Roasted Barley",
                                                     "Brown Malt",
                                                     "Black Malt"};
constexpr std::array<std::string_view, 2> kSmokedNames{"Smoked Malt", "Peated Malt"};
constexpr std::array<std::string_view, 2> kSugarNames{"Dextrose", "Cane Sugar"};
constexpr std::array<std::string_view, 1> kAcidNames{"Acidulated Malt"};

// A malt beside the base: how often it is there and between which shares of the bill.
struct Special {
  Names names;
  double rate;
  double low;
  double high;
};

std::vector<Special> list_specials(std::size_t cluster) {
  const Cluster& style = clusters()[cluster];
  bool black = cluster == kImperialStout || cluster == kStout;
  std::vector<Special> all;
  all.push_back({kCrystalNames, 0.66, 0.03, 0.17});
  if (cluster == kSour) {
    all.push_back({kWheatNames, 0.97, 0.2, 0.5});
  } else {
    all.push_back({kWheatNames, std::min(1.0, style.wheat / 0.12), 0.03, 0.21});
  }
  if (black) {
    all.push_back({kDarkNames, 1.0, style.dark * 0.4, style.dark});
    all.push_back({kDarkNames, 0.7, style.dark * 0.2, style.dark * 0.7});
  } else {
    all.push_back({kDarkNames, std::min(1.0, style.dark / 0.05 + 0.08), 0.005, 0.07});
  }
  all.push_back({kOatNames, cluster == kHazy || black ? 0.5 : 0.2, 0.04, 0.14});
  all.push_back({kMunichNames, cluster == kLager || cluster == kStrong ? 0.5 : 0.22, 0.04, 0.2});
  all.push_back({kRyeNames, 0.096, 0.03, 0.15});
  all.push_back({kSmokedNames, 0.05, 0.002, 0.1});
  all.push_back({kSugarNames, cluster == kStrong ? 0.15 : 0.03, 0.03, 0.14});
  all.push_back({kAcidNames, cluster == kSour ? 0.25 : 0.015, 0.02, 0.1});
  return all;
}

const std::vector<Special>& specials(std::size_t cluster) {
  static const std::array<std::vector<Special>, kClusters> kAll = [] {
    std::array<std::vector<Special>, kClusters> all;
    for (std::size_t i = 0; i < kClusters; ++i) all[i] = list_specials(i);
    return all;
  }();
  return kAll[cluster];
}

double round_kilograms(double kilograms) { return std::round(kilograms * 100.0) / 100.0; }

struct Yeast {
  std::string_view name;
  double share;
};
constexpr auto kAleYeasts = std::to_array<Yeast>({
    {"Wyeast 1272 - American Ale II™", 0.43},
    {"Wyeast 1056 - American Ale™", 0.36},
    {"Wyeast 3522 - Belgian Ardennes™", 0.03},
    {"Wyeast 3711 - French Saison™", 0.03},
    {"WLP099 - Super High Gravity Ale", 0.015},
    {"Wyeast 3638 - Bavarian Wheat™", 0.012},
    {"WLP351 - Bavarian Weizen", 0.01},
    {"Safale US-05", 0.05},
});
constexpr auto kLagerYeasts = std::to_array<Yeast>({
    {"Wyeast 2007 - Pilsen Lager™", 0.45},
    {"W34/70", 0.25},
    {"Wyeast 2126 - Bohemian Lager™", 0.18},
    {"Saflager S189", 0.12},
});

}  // namespace

std::vector<Malt> draw_malts(std::size_t cluster, double kilograms, Random& random) {
  std::vector<Malt> malts;
  malts.reserve(specials(cluster).size() + 1);
  double pils_rate = cluster == kLager ? 0.8 : cluster == kSour ? 0.3 : 0.05;
  Names base = random.chance(pils_rate) ? Names(kPilsNames) : Names(kBaseNames);
  malts.push_back({std::string(random.pick(base)), 0.0});
  double left = kilograms;
  for (const Special& special : specials(cluster)) {
    if (!random.chance(special.rate)) continue;
    double share = random.between(special.low, special.high);
    double part = round_kilograms(kilograms * share);
    if (part <= 0 || part >= left) continue;
    left -= part;
    malts.push_back({std::string(random.pick(special.names)), part});
  }
  malts.front().kilograms = std::max(0.01, round_kilograms(left));
  return malts;
}

std::string draw_yeast(std::size_t cluster, Random& random) {
  auto share = [](const Yeast& yeast) { return yeast.share; };
  if (cluster == kLager) {
    return std::string(kLagerYeasts[random.weighted(kLagerYeasts, share)].name);
  }
  if (cluster == kSour && random.chance(0.25)) return "House Brett Blend";
  return std::string(kAleYeasts[random.weighted(kAleYeasts, share)].name);
}

}  // namespace beer
