// Draws the fields of a simulated beer: a Gaussian copula inside one style cluster.
#pragma once

#include "beer/brewery/calibration.h"
#include "beer/brewery/random.h"

#include <array>

namespace beer {

/// The value at `probability` (0..1).
double quantile(const Quantiles& quantiles, double probability);
/// Its inverse, the middle where the quantiles stand still; never quite 0 or 1.
double probability(const Quantiles& quantiles, double value);

/// The normal distribution's cumulative probability, and its inverse for 0 < p < 1.
double normal_cdf(double z);
double normal_quantile(double p);

/// One draw: values by Field up to kDrawnFields, with the normal scores behind them.
struct Draw {
  std::array<double, kDrawnFields> scores;
  std::array<double, kDrawnFields> values;

  double operator[](Field field) const { return values[static_cast<std::size_t>(field)]; }
};
Draw draw_fields(const Cluster& cluster, Random& random);

/// The ibu that goes with a drawn beer whose recipe came out with these three numbers: what the
/// measured correlations tell, plus noise of the size they leave unexplained. 0..100.
double draw_ibu(const Cluster& cluster, const Draw& draw, double tinseth, double rager,
                double kettle_alpha, Random& random);

}  // namespace beer
