// Sums up a recipe.
#include "beer/recipe.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace beer {
namespace {

// A gravity for the formulas when the recipe has none: the catalogue's median.
constexpr double kUsualGravity = 1065;
// Extract that a kilogram of malt could give, in gravity points (thousandths) times litres.
constexpr double kPointLitresPerKilogram = 300;

// Hop lists are too short for sorting to pay.
bool seen_before(const std::vector<HopUse>& hops, std::size_t place) {
  const std::string& variety = hops[place].variety;
  for (std::size_t i = 0; i < place; ++i) {
    if (hops[i].variety == variety) return true;
  }
  return false;
}

void sum_hops(Recipe& recipe) {
  for (const HopUse& hop : recipe.hops.hops) {
    auto phase = static_cast<std::size_t>(hop.phase);
    recipe.grams_by_phase[phase] += hop.grams;
    recipe.alpha_mg_by_phase[phase] += hop.grams * hop.alpha_percent * 10.0;
    ++recipe.lines_by_phase[phase];
    ++recipe.lines_by_attribute[static_cast<std::size_t>(hop.attribute)];
    recipe.longest_minutes = std::max(recipe.longest_minutes, hop.minutes);
  }
  const auto& hops = recipe.hops.hops;
  for (std::size_t i = 0; i < hops.size(); ++i) {
    if (!seen_before(hops, i)) ++recipe.varieties;
  }
}

void sum_malts(Recipe& recipe) {
  for (const Malt& malt : recipe.beer.malts) {
    double kilograms = std::max(malt.kilograms.value_or(0), 0.0);
    recipe.kilograms_by_class[static_cast<std::size_t>(read_malt(malt.name))] += kilograms;
    recipe.malt_kilograms += kilograms;
  }
}

double share_of_minutes(const Recipe& recipe) {
  if (recipe.beer.hops.empty()) return 0;
  return static_cast<double>(recipe.hops.in_minutes) / static_cast<double>(recipe.beer.hops.size());
}

}  // namespace

Recipe understand(const Beer& beer) {
  Recipe recipe{.beer = beer, .hops = read_hops(beer)};
  if (beer.volume && *beer.volume > 0) recipe.litres = *beer.volume;
  double gravity = beer.target_og.value_or(kUsualGravity);
  recipe.tinseth = tinseth_ibu(recipe.hops.hops, gravity, recipe.litres);
  recipe.rager = rager_ibu(recipe.hops.hops, gravity, recipe.litres);
  recipe.minutes_given = share_of_minutes(recipe);
  sum_hops(recipe);
  sum_malts(recipe);
  return recipe;
}

double Recipe::kettle_grams() const {
  return std::accumulate(grams_by_phase.begin(), grams_by_phase.end(), -grams(Phase::kDry));
}

double Recipe::kettle_alpha() const {
  return std::accumulate(alpha_mg_by_phase.begin(), alpha_mg_by_phase.end(), -alpha(Phase::kDry));
}

double Recipe::kettle_alpha_percent() const {
  return kettle_grams() > 0 ? kettle_alpha() / 10.0 / kettle_grams() : kMissing;
}

double Recipe::gravity_drop() const {
  return beer.target_og && beer.target_fg ? *beer.target_og - *beer.target_fg : kMissing;
}

double Recipe::attenuation() const {
  if (!beer.target_og || !beer.target_fg || *beer.target_og <= 1000) return kMissing;
  return attenuation_from_gravity(*beer.target_og, *beer.target_fg);
}

double Recipe::abv_residual() const {
  if (!beer.abv || !beer.target_og || !beer.target_fg) return kMissing;
  return *beer.abv - abv_from_gravity(*beer.target_og, *beer.target_fg);
}

double Recipe::per_gravity(double ibu) const {
  return beer.target_og && *beer.target_og > 1000 ? ibu / (*beer.target_og - 1000) : kMissing;
}

double Recipe::efficiency() const {
  if (!beer.target_og || malt_kilograms <= 0) return kMissing;
  return (*beer.target_og - 1000) * litres / (malt_kilograms * kPointLitresPerKilogram);
}

// A step of 0 degrees is the catalogue's way to say nothing.
double Recipe::mash_celsius() const {
  if (beer.mash.empty() || beer.mash.front().celsius.value_or(0) <= 0) return kMissing;
  return *beer.mash.front().celsius;
}

double Recipe::mash_minutes() const {
  double sum = 0;
  for (const MashStep& step : beer.mash) sum += step.minutes.value_or(0);
  return sum > 0 ? sum : kMissing;
}

// The last four characters of "MM/YYYY" and "YYYY".
double Recipe::year() const {
  const std::string& text = beer.first_brewed;
  if (text.size() < 4) return kMissing;
  double year = 0;
  for (char letter : std::string_view(text).substr(text.size() - 4)) {
    if (letter < '0' || letter > '9') return kMissing;
    year = year * 10 + (letter - '0');
  }
  return year;
}

}  // namespace beer
