// Distances between then and now.
#include "pipelines/watch/drift.h"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace pipelines {
namespace {

namespace json = boost::json;

constexpr std::size_t kBins = 10;

/// The chance that a standard normal number is as far from 0 as `z`.
double two_sided(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

/// The chance of `hits` or more where `expected` are.
double poisson_tail(double hits, double expected) {
  double term = std::exp(-expected), below = 0;
  for (double k = 0; k < hits; ++k) {
    below += term;
    term *= expected / (k + 1);
  }
  return std::max(0.0, 1 - below);
}

/// Where a tenth, two tenths, … of the weight lie; equal ones once.
std::vector<double> deciles(const monitor::Distribution& of) {
  std::vector<double> cuts;
  double passed = 0;
  for (const auto& [value, weight] : of.numbers) {
    passed += weight;
    const double wanted =
        of.count * static_cast<double>(cuts.size() + 1) / static_cast<double>(kBins);
    if (passed >= wanted && (cuts.empty() || value > cuts.back())) cuts.push_back(value);
    if (cuts.size() == kBins - 1) break;
  }
  // Nothing is above the greatest value, but perhaps now.
  return cuts;
}

std::size_t bin_of(const std::vector<double>& cuts, double value) {
  return static_cast<std::size_t>(std::lower_bound(cuts.begin(), cuts.end(), value) - cuts.begin());
}

monitor::Distribution distribution(std::span<const double> values) {
  monitor::Distribution result;
  for (const double value : values) result.numbers.emplace_back(value, 1.0);
  std::sort(result.numbers.begin(), result.numbers.end());
  result.count = static_cast<double>(values.size());
  return result;
}

double number(const json::value& from, const char* pointer) {
  boost::system::error_code error;
  const auto* found = from.find_pointer(pointer, error);
  return found && found->is_number() ? found->to_number<double>() : 0;
}

void look_for_missing(Drift& drift, const Baseline& then, double present, double rows,
                      const DriftLimits& limits, double chance) {
  const double before = then.present + then.missing;
  drift.missing_then = before > 0 ? then.missing / before : 0;
  drift.missing_now = rows > 0 ? 1 - present / rows : 0;
  const double pooled = (then.missing + rows - present) / (before + rows);
  const double error = std::sqrt(pooled * (1 - pooled) * (1 / before + 1 / rows));
  const double difference = drift.missing_now - drift.missing_then;
  drift.missing_breach =
      std::abs(difference) > limits.missing && error > 0 && two_sided(difference / error) < chance;
}

/// Of m values of a baseline, 2 of m + 1 newer ones lie beyond by chance.
void look_for_outside(Drift& drift, const Baseline& then, std::span<const double> values,
                      const DriftLimits& limits, double chance) {
  const auto beyond =
      static_cast<double>(std::count_if(values.begin(), values.end(), [&](double value) {
        return value < then.min || value > then.max;
      }));
  const auto count = static_cast<double>(values.size());
  drift.outside = beyond / count;
  drift.range_breach = drift.outside > limits.outside &&
                       poisson_tail(beyond, 2 * count / (then.present + 1)) < chance;
}

}  // namespace

std::vector<Baseline> read_baselines(const json::value& statistics) {
  const auto* object = statistics.if_object();
  const auto* features = object ? object->if_contains("features") : nullptr;
  if (!features || !features->is_array()) {
    throw std::runtime_error("The baseline's statistics.json has no \"features\".");
  }
  std::vector<Baseline> result;
  for (const json::value& feature : features->as_array()) {
    Baseline one;
    one.name = feature.at("name").as_string().c_str();
    one.distribution = monitor::distribution_of(feature);
    one.present = number(feature, "/numerical_statistics/common/num_present");
    one.missing = number(feature, "/numerical_statistics/common/num_missing");
    one.min = number(feature, "/numerical_statistics/min");
    one.max = number(feature, "/numerical_statistics/max");
    if (one.distribution.texts.empty()) result.push_back(std::move(one));
  }
  return result;
}

Psi psi(const monitor::Distribution& then, std::span<const double> values) {
  const std::vector<double> cuts = deciles(then);
  Psi result{0, cuts.size() + 1};
  if (then.count == 0 || values.empty()) return result;
  std::vector<double> before(result.bins, 0.5), now(result.bins, 0.5);
  for (const auto& [value, weight] : then.numbers) before[bin_of(cuts, value)] += weight;
  for (const double value : values) ++now[bin_of(cuts, value)];
  const double half = 0.5 * static_cast<double>(result.bins);
  for (std::size_t i = 0; i < result.bins; ++i) {
    const double p = before[i] / (then.count + half);
    const double q = now[i] / (static_cast<double>(values.size()) + half);
    result.value += (q - p) * std::log(q / p);
  }
  return result;
}

double ks_chance(double ks, double n, double m) {
  const double root = std::sqrt(n * m / (n + m));
  const double lambda = (root + 0.12 + 0.11 / root) * ks;
  if (lambda < 0.3) return 1;
  double sum = 0, sign = 1;
  for (int j = 1; j <= 100; ++j, sign = -sign) {
    const double term = std::exp(-2 * lambda * lambda * j * j);
    sum += sign * term;
    if (term < 1e-12) break;
  }
  return std::clamp(2 * sum, 0.0, 1.0);
}

Drift drift_of(const Baseline& then, std::span<const double> values, std::size_t rows,
               const DriftLimits& limits, std::size_t features) {
  Drift drift{.name = then.name};
  const double chance = limits.chance / static_cast<double>(std::max<std::size_t>(features, 1));
  if (rows == 0) return drift;
  look_for_missing(drift, then, static_cast<double>(values.size()), static_cast<double>(rows),
                   limits, chance);
  if (values.empty() || then.present == 0) return drift;
  look_for_outside(drift, then, values, limits, chance);
  const double n = then.present, m = static_cast<double>(values.size());
  const Psi found = psi(then.distribution, values);
  drift.psi = found.value;
  drift.ks = monitor::distance(then.distribution, distribution(values));
  drift.ks_chance = ks_chance(drift.ks, n, m);
  const double by_chance = static_cast<double>(found.bins - 1) * (1 / n + 1 / m);
  drift.drifted = drift.psi > limits.psi + by_chance && drift.ks_chance < chance;
  return drift;
}

}  // namespace pipelines
