// Errors and their bootstrap over families.
#include "pipelines/evaluate/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string_view>
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

/// The value that a share of `share` of the sorted values stays under.
double quantile(std::span<const double> sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const double part = place - static_cast<double>(below);
  const double above = sorted[std::min(below + 1, sorted.size() - 1)];
  return sorted[below] * (1 - part) + above * part;
}

/// The place of each value in their order; equal values share the mean of their places.
template <class Value>
std::vector<double> ranks(std::span<const Value> values) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i) {
      result[order[i]] = static_cast<double>(begin + end - 1) / 2;
    }
    begin = end;
  }
  return result;
}

double correlation(std::span<const double> a, std::span<const double> b) {
  const double mean = static_cast<double>(a.size() - 1) / 2;  // of ranks, whatever their ties
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - mean) * (b[i] - mean);
    aa += (a[i] - mean) * (a[i] - mean);
    bb += (b[i] - mean) * (b[i] - mean);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

constexpr std::array kMembers{&Errors::mae, &Errors::mse, &Errors::rmse, &Errors::r2,
                              &Errors::spearman};
constexpr std::array<std::string_view, kMembers.size()> kNames{"mae", "mse", "rmse", "r2",
                                                               "spearman"};

/// Everything but the ranks, which cost the most.
Errors distances_of(std::span<const float> labels, std::span<const double> predictions) {
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

double error_of(std::span<const float> labels, std::span<const double> predictions,
                ErrorMember member) {
  return (member == &Errors::spearman ? errors_of(labels, predictions)
                                      : distances_of(labels, predictions)).*
         member;
}

/// Drawing more rows than that in all would tell nothing more, and take seconds.
int draws_for(std::size_t rows, int wanted) {
  constexpr std::size_t kDrawnRows = 20'000'000;
  constexpr int kLeast = 100;
  return std::clamp(static_cast<int>(kDrawnRows / rows), std::min(kLeast, wanted), wanted);
}

}  // namespace

Errors errors_of(std::span<const float> labels, std::span<const double> predictions) {
  Errors errors = distances_of(labels, predictions);
  errors.spearman = correlation(ranks<float>(labels), ranks<double>(predictions));
  return errors;
}

Spread spread_of(std::span<const float> labels, std::span<const double> predictions,
                 std::span<const std::uint32_t> families, int resamples, std::uint64_t seed) {
  const Members members = members_of(families);
  std::mt19937_64 random(seed);
  std::array<std::vector<double>, kMembers.size()> drawn;
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
    for (std::size_t m = 0; m < kMembers.size(); ++m) drawn[m].push_back(errors.*kMembers[m]);
  }
  Spread spread;
  for (std::size_t m = 0; m < kMembers.size(); ++m) {
    std::sort(drawn[m].begin(), drawn[m].end());
    spread.deviation.*kMembers[m] = deviation(drawn[m]);
    spread.low.*kMembers[m] = quantile(drawn[m], 0.025);
    spread.high.*kMembers[m] = quantile(drawn[m], 0.975);
  }
  return spread;
}

std::optional<ErrorMember> find_error(std::string_view name) {
  const auto at = std::find(kNames.begin(), kNames.end(), name);
  if (at == kNames.end()) return std::nullopt;
  return kMembers[static_cast<std::size_t>(at - kNames.begin())];
}

bool more_is_better(ErrorMember member) {
  return member == &Errors::r2 || member == &Errors::spearman;
}

PairedDifference paired_difference(std::span<const float> labels,
                                   std::span<const double> challenger,
                                   std::span<const double> champion,
                                   std::span<const std::uint32_t> families, ErrorMember member,
                                   int resamples, std::uint64_t seed) {
  PairedDifference result;
  result.challenger = error_of(labels, challenger, member);
  result.champion = error_of(labels, champion, member);
  result.difference = result.challenger - result.champion;
  result.resamples = draws_for(labels.size(), resamples);
  const Members members = members_of(families);
  std::mt19937_64 random(seed);
  std::vector<double> differences, one, other;
  std::vector<float> drawn;
  for (int i = 0; i < result.resamples; ++i) {
    drawn.clear(), one.clear(), other.clear();
    for (std::size_t j = 0; j < members.size(); ++j) {
      for (const std::uint32_t row : members[draw(random, members.size())]) {
        drawn.push_back(labels[row]);
        one.push_back(challenger[row]);
        other.push_back(champion[row]);
      }
    }
    differences.push_back(error_of(drawn, one, member) - error_of(drawn, other, member));
  }
  std::sort(differences.begin(), differences.end());
  result.low = quantile(differences, 0.025);
  result.high = quantile(differences, 0.975);
  return result;
}

}  // namespace pipelines
