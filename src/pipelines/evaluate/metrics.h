// Errors of a regression, and how much they would differ on other beers.
#pragma once

#include <cstdint>
#include <span>

namespace pipelines {

struct Errors {
  double mae = 0;
  double mse = 0;
  double rmse = 0;
  double r2 = 0;
  double spearman = 0;  ///< correlation of the ranks: whether the order of beers is right
};

/// Throws std::invalid_argument when there is no row. r2 and spearman are 0 when all labels are
/// equal.
Errors errors_of(std::span<const float> labels, std::span<const double> predictions);

/// What the errors would be on other beers, from draws of whole families with replacement: rows of
/// a family err together, so drawing single rows would call the errors surer than they are.
struct Spread {
  Errors deviation;  ///< standard deviations
  Errors low;        ///< between low and high lie 95 % of the draws
  Errors high;
};
Spread spread_of(std::span<const float> labels, std::span<const double> predictions,
                 std::span<const std::uint32_t> families, int resamples, std::uint64_t seed);

}  // namespace pipelines
