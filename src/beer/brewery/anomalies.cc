// The faults, one by one.
#include "beer/brewery/anomalies.h"

#include <array>
#include <cmath>
#include <utility>

namespace beer {
namespace {

constexpr double kCatalogue = 415;

constexpr auto kOutOfScaleIbu =
    std::to_array<double>({120, 125, 130, 130, 132, 149, 150, 175, 198, 200, 250, 250, 250, 250});

struct Adjunct {
  std::string_view name;
  double grams;
  std::string_view add;
};
constexpr auto kAdjuncts = std::to_array<Adjunct>({
    {"Coffee", 20, "end"},
    {"Ground Coffee", 40, "dry hop"},
    {"Lemon Peel", 30, "end"},
    {"Ginger Powder", 5, "end"},
    {"Coriander Seed", 12.5, "end"},
    {"Honey", 500, "Flame Out"},
    {"Cocoa Nibs", 60, "dry hop"},
    {"Vanilla", 2, "dry hop"},
    {"Raspberry Juice", 900, "Kettle"},
    {"Oak Chips", 50, "Wood Ageing"},
    {"Lactose", 300, "middle"},
    {"Orange Peel", 25, "end"},
    {"Juniper Berries", 10, "end"},
    {"Mango Puree", 800, "FV"},
    {"Maple Syrup", 250, "middle"},
    {"Cinnamon", 3, "end"},
});

void add_adjuncts(Beer& beer, Random& random) {
  std::size_t lines = 1 + random.below(3);
  for (std::size_t i = 0; i < lines; ++i) {
    const Adjunct& adjunct = kAdjuncts[random.below(kAdjuncts.size())];
    beer.hops.push_back(
        {std::string(adjunct.name), adjunct.grams, std::string(adjunct.add), "flavour"});
  }
}

constexpr std::array kAnomalies{
    Anomaly{"ibu null", 5, [](Beer& beer, Random&) { beer.ibu.reset(); }},
    Anomaly{"ibu out of scale", 15,
            [](Beer& beer, Random& random) {
              beer.ibu = kOutOfScaleIbu[random.below(kOutOfScaleIbu.size())];
            }},
    Anomaly{"ibu is og", 2, [](Beer& beer, Random&) { beer.ibu = beer.target_og; }},
    Anomaly{"gravities swapped", 14,
            [](Beer& beer, Random&) { std::swap(beer.target_fg, beer.target_og); }},
    Anomaly{"colours swapped", 4, [](Beer& beer, Random&) { std::swap(beer.ebc, beer.srm); }},
    Anomaly{"colours disagree", 5,
            [](Beer& beer, Random& random) {
              if (beer.srm) *beer.srm = std::ceil(*beer.srm * (random.chance(0.5) ? 0.6 : 1.4));
            }},
    Anomaly{"ph absurd", 1, [](Beer& beer, Random&) { beer.ph = 79; }},
    Anomaly{"attenuation absurd", 2, [](Beer& beer, Random&) { beer.attenuation_level = 102.3; }},
    Anomaly{"fg null", 1, [](Beer& beer, Random&) { beer.target_fg.reset(); }},
    Anomaly{"og null", 1, [](Beer& beer, Random&) { beer.target_og.reset(); }},
    Anomaly{"srm null", 16, [](Beer& beer, Random&) { beer.srm.reset(); }},
    Anomaly{"attenuation null", 11, [](Beer& beer, Random&) { beer.attenuation_level.reset(); }},
    Anomaly{"yeast null", 1, [](Beer& beer, Random&) { beer.yeast.clear(); }},
    Anomaly{"fermentation absurd", 1, [](Beer& beer, Random&) { beer.fermentation_celsius = 99; }},
    Anomaly{"malt in grams", 1,
            [](Beer& beer, Random&) {
              for (Malt& malt : beer.malts) *malt.kilograms *= 1000;
            }},
    Anomaly{"malt empty", 1, [](Beer& beer, Random&) { beer.malts.clear(); }},
    Anomaly{"hops empty", 1, [](Beer& beer, Random&) { beer.hops.clear(); }},
    Anomaly{"mash of 0 degrees", 4, [](Beer& beer, Random&) { beer.mash.front().celsius = 0; }},
    Anomaly{"mash without minutes", 58,
            [](Beer& beer, Random&) { beer.mash.front().minutes.reset(); }},
    Anomaly{"alpha in attribute", 9,
            [](Beer& beer, Random&) {
              for (Hop& hop : beer.hops) {
                if (hop.name == "Magnum") hop.attribute = "14% Alpha";
                if (hop.name == "Saaz") hop.attribute = "3% Alpha";
              }
            }},
    Anomaly{"adjuncts", 67, add_adjuncts},
};

}  // namespace

std::span<const Anomaly> anomalies() { return kAnomalies; }

void damage(Beer& beer, const Cluster& cluster, Random& random) {
  if (random.chance(cluster.null_ebc)) beer.ebc.reset();
  if (random.chance(cluster.null_ph)) beer.ph.reset();
  if (random.chance(cluster.null_mash)) beer.mash.front().celsius.reset();
  if (random.chance(cluster.null_fermentation)) beer.fermentation_celsius.reset();
  for (const Anomaly& anomaly : kAnomalies) {
    if (random.chance(anomaly.beers_of_415 / kCatalogue)) anomaly.apply(beer, random);
  }
}

}  // namespace beer
