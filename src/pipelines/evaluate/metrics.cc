// Errors and their bootstrap over families.
#include "pipelines/evaluate/metrics.h"

#include <array>
#include <cmath>
#include <map>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

namespace pipelines {
namespace {

using Members = std::vector<std::vector<std::uint32_t>>;

Members members_of(std::span<const std::uint32_t> families) {
  std::map<std::uint32_t, std::vector<std::uint32_t>> by_family;
  for (std::uint32_t row = 0; row < families.size(); ++row) by_family[families[row]].push_back(row);
  Members members;
  for (auto& [family, rows] : by_family) members.push_back(std::move(rows));
  return members;
}

/// A number below `count`. The standard's distributions differ between libraries; this one doesn't.
std::size_t draw(std::mt19937_64& random, std::size_t count) { return random() % count; }

double deviation(std::span<const double> values) {
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return values.size() < 2 ? 0 : std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace

Errors errors_of(std::span<const float> labels, std::span<const double> predictions) {
  if (labels.empty()) throw std::invalid_argument("There is no row to judge on.");
  const auto count = static_cast<double>(labels.size());
  double mean = 0;
  for (const float label : labels) mean += label / count;
  Errors errors;
  double spread = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const double error = labels[i] - predictions[i];
    errors.mae += std::abs(error) / count;
    errors.mse += error * error / count;
    spread += (labels[i] - mean) * (labels[i] - mean) / count;
  }
  errors.rmse = std::sqrt(errors.mse);
  errors.r2 = spread > 0 ? 1 - errors.mse / spread : 0;
  return errors;
}

Errors error_deviations(std::span<const float> labels, std::span<const double> predictions,
                        std::span<const std::uint32_t> families, int resamples,
                        std::uint64_t seed) {
  const Members members = members_of(families);
  std::mt19937_64 random(seed);
  std::vector<double> mae, mse, rmse, r2;
  for (int i = 0; i < resamples; ++i) {
    std::vector<float> drawn_labels;
    std::vector<double> drawn_predictions;
    for (std::size_t j = 0; j < members.size(); ++j) {
      for (const std::uint32_t row : members[draw(random, members.size())]) {
        drawn_labels.push_back(labels[row]);
        drawn_predictions.push_back(predictions[row]);
      }
    }
    const Errors errors = errors_of(drawn_labels, drawn_predictions);
    mae.push_back(errors.mae);
    mse.push_back(errors.mse);
    rmse.push_back(errors.rmse);
    r2.push_back(errors.r2);
  }
  return {deviation(mae), deviation(mse), deviation(rmse), deviation(r2)};
}

}  // namespace pipelines
