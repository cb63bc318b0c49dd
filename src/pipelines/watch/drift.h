// How far newly arrived values are from a model's baseline: PSI, Kolmogorov and Smirnov's
// distance, missing values, values out of range.
#pragma once

#include "pipelines/monitor/statistics.h"

#include <boost/json/fwd.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace pipelines {

/// When a difference is one to act upon: it must be large, and must not be chance. Some eighty
/// features are looked at each time, so `chance` is shared among them (Bonferroni).
struct DriftLimits {
  double psi = 0.25;      ///< more is called a major shift by convention
  double chance = 0.001;  ///< of a false alarm, over all features
  double missing = 0.1;   ///< by which a share of missing values may differ
  double outside = 0.05;  ///< share of values that the baseline's range may not hold
};

/// What a feature was like in the baseline, out of its part of statistics.json.
struct Baseline {
  std::string name;
  monitor::Distribution distribution;
  double present = 0, missing = 0;  ///< rows
  double min = 0, max = 0;
};
/// Every numeric feature of a statistics.json. Throws std::runtime_error when it is none.
std::vector<Baseline> read_baselines(const boost::json::value& statistics);

/// One feature then and now.
struct Drift {
  std::string name;
  double psi = 0;
  double ks = 0;         ///< the largest difference of the cumulated shares
  double ks_chance = 1;  ///< of a distance as large between draws of one distribution
  double missing_then = 0, missing_now = 0;
  double outside = 0;    ///< share of the present values
  bool drifted = false;  ///< psi is above its limit and what chance gives, and ks is no chance
  bool missing_breach = false, range_breach = false;

  bool breached() const { return drifted || missing_breach || range_breach; }
};

/// `values` are those that are there, of `rows`; `features` are looked at in all.
Drift drift_of(const Baseline& then, std::span<const double> values, std::size_t rows,
               const DriftLimits& limits, std::size_t features);

/// Population stability index over the deciles of `then` (fewer where values repeat), half a value
/// added to each share's count so that none is 0. Without a shift it is about
/// (bins − 1)(1/n + 1/m).
/// Source: B. Yurdakul, Statistical Properties of Population Stability Index (2018).
struct Psi {
  double value = 0;
  std::size_t bins = 1;
};
Psi psi(const monitor::Distribution& then, std::span<const double> values);

/// The chance of a distance of `ks` or more between n and m draws of one distribution.
/// Source: M. Stephens, Journal of the Royal Statistical Society B 32 (1970).
double ks_chance(double ks, double n, double m);

}  // namespace pipelines
