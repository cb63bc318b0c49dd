// A beer with its hops, malts and process summed up: what features are read from.
#pragma once

#include "beer/beer.h"
#include "beer/brewing.h"
#include "beer/hops.h"

#include <array>
#include <cstdint>
#include <limits>

namespace beer {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// Sums over one recipe, made once for all its features. Values that can't be known are kMissing.
struct Recipe {
  const Beer& beer;  ///< must outlive the recipe
  double litres = kBatchLitres;
  HopBill hops;
  std::array<double, 6> grams_by_phase{};
  std::array<double, 6> alpha_mg_by_phase{};
  std::array<int, 6> lines_by_phase{};
  std::array<int, 4> lines_by_attribute{};
  int varieties = 0;
  double longest_minutes = 0;
  double minutes_given = 0;  ///< share of hop lines whose `add` is a number
  double tinseth = 0;
  double rager = 0;
  std::array<double, kMaltClasses> kilograms_by_class{};
  double malt_kilograms = 0;
  std::uint32_t style_words = 0;  ///< bits of style.h

  double grams(Phase phase) const { return grams_by_phase[static_cast<std::size_t>(phase)]; }
  double alpha(Phase phase) const { return alpha_mg_by_phase[static_cast<std::size_t>(phase)]; }
  int lines(Phase phase) const { return lines_by_phase[static_cast<std::size_t>(phase)]; }
  int attribute(HopAttribute a) const { return lines_by_attribute[static_cast<std::size_t>(a)]; }
  double malt(MaltClass c) const { return kilograms_by_class[static_cast<std::size_t>(c)]; }

  double kettle_grams() const;
  double kettle_alpha() const;  ///< milligrams of alpha acids
  double kettle_alpha_percent() const;
  double gravity_drop() const;
  double attenuation() const;
  double abv_residual() const;
  double per_gravity(double ibu) const;
  double efficiency() const;
  double mash_celsius() const;
  double mash_minutes() const;
  double year() const;
};

Recipe understand(const Beer& beer);

}  // namespace beer
