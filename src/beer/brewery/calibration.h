// What the simulated brewery is calibrated on: eight style clusters, their fields, their
// correlations.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace beer {

/// The fields of a cluster's table. Those before kTinseth are drawn; Tinseth, Rager and the
/// kettle's alpha acids are computed from the recipe that was drawn; the ibu follows from all of
/// them.
enum class Field {
  kFg,
  kOg,
  kEbc,
  kPh,
  kHopStart,
  kHopMiddle,
  kHopLate,
  kHopEnd,
  kHopFlameOut,
  kHopDry,  // grams in 20 litres
  kMaltKilograms,
  kMashCelsius,
  kFermentationCelsius,
  kHopLines,
  kTinseth,
  kRager,
  kKettleAlpha,  // IBU, IBU, mg/l
  kIbu
};
inline constexpr std::size_t kFields = 18;
inline constexpr std::size_t kDrawnFields = 14;
inline constexpr std::size_t kObservedFields = 17;  ///< all but the ibu
inline constexpr std::size_t kClusters = 8;

/// Values at 0, 5, … 100 percent; linear between.
using Quantiles = std::array<double, 21>;

/// One style cluster of the catalogue.
struct Cluster {
  double share;
  double null_ebc;  ///< rates of missing values
  double null_ph;
  double null_mash;
  double null_fermentation;
  double wheat;                          ///< mean share of wheat in the malt bill
  double dark;                           ///< mean share of roasted malt
  std::span<const Quantiles> quantiles;  ///< by Field

  const Quantiles& operator[](Field field) const {
    return quantiles[static_cast<std::size_t>(field)];
  }
};

/// In the order pale, imperial stout, hazy, sour, IPA, lager, strong ale, stout.
const std::array<Cluster, kClusters>& clusters();

using Correlation = std::array<std::array<double, kFields>, kFields>;
const Correlation& within_cluster_correlation();

}  // namespace beer
