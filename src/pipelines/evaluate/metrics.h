// Errors of a regression, and how much they would differ on other beers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

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

/// The errors by name: mae, mse, rmse, r2, spearman. Nothing for another name.
using ErrorMember = double Errors::*;
std::optional<ErrorMember> find_error(std::string_view name);
/// True of r2 and spearman, false of what is an error.
bool more_is_better(ErrorMember member);

/// How two models differ on the same rows.
struct PairedDifference {
  double challenger = 0;
  double champion = 0;
  double difference = 0;  ///< challenger − champion
  double low = 0;         ///< between low and high lie 95 % of the draws' differences
  double high = 0;
  int resamples = 0;
};

/// The paired bootstrap of a difference, by families: each draw takes as many whole families as
/// there are, with replacement, and both models are judged on the same drawn rows, so what makes
/// these rows easy or hard for both falls out of the difference. `resamples` draws, fewer of very
/// many rows; the interval is that of percentiles. Deterministic by the seed. Two equal models give
/// 0 to 0. Throws std::invalid_argument when there is no row.
/// Source: B. Efron and R. Tibshirani, An Introduction to the Bootstrap (1993), 13.3 (percentile
/// interval); A. Davison and D. Hinkley, Bootstrap Methods and their Application (1997), 3.8
/// (drawing whole groups).
PairedDifference paired_difference(std::span<const float> labels,
                                   std::span<const double> challenger,
                                   std::span<const double> champion,
                                   std::span<const std::uint32_t> families, ErrorMember member,
                                   int resamples, std::uint64_t seed);

}  // namespace pipelines
