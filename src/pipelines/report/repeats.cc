// Folds within folds.
#include "pipelines/report/repeats.h"

#include "beer/families.h"
#include "pipelines/train/calibration.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

namespace pipelines {
namespace {

constexpr double kStrong = 65;
/// Away from the seeds that anything was chosen by.
constexpr std::uint64_t kFirstSeed = 20'000;

/// Whole families in a random order, until `most` rows are reached.
std::vector<std::uint32_t> some_of(const std::vector<std::uint32_t>& rows,
                                   std::span<const std::uint32_t> families, std::size_t most,
                                   std::uint64_t seed) {
  if (most == 0 || rows.size() <= most) return rows;
  std::map<std::uint32_t, std::vector<std::uint32_t>> members;
  for (const std::uint32_t row : rows) members[families[row]].push_back(row);
  std::vector<std::uint32_t> order;
  order.reserve(members.size());
  for (const auto& [family, in] : members) order.push_back(family);
  std::mt19937_64 random(seed);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
  std::vector<std::uint32_t> chosen;
  for (const std::uint32_t family : order) {
    if (chosen.size() + members[family].size() > most) continue;
    chosen.insert(chosen.end(), members[family].begin(), members[family].end());
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

Repeat measure(const Table& rows, std::span<const Prediction> predictions) {
  Repeat result;
  double squares = 0, strong = 0, strong_held = 0;
  const auto count = static_cast<double>(rows.rows());
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const double error = predictions[i].ibu - rows.labels[i];
    result.mae += std::abs(error) / count;
    squares += error * error / count;
    if (!predictions[i].interval) continue;
    const bool held = predictions[i].interval->holds(rows.labels[i]);
    result.coverage += held / count;
    result.mean_width += predictions[i].interval->width() / count;
    if (rows.labels[i] <= kStrong) continue;
    ++strong;
    strong_held += held;
  }
  result.rmse = std::sqrt(squares);
  result.strong_coverage = strong > 0 ? strong_held / strong : 0;
  return result;
}

}  // namespace

std::vector<Prediction> predict_unseen(const Beers& beers, std::span<const std::uint32_t> fold,
                                       const Hyperparameters& wanted, std::size_t most,
                                       bool intervals) {
  const Table seen = beers.table.pick_columns(feature_columns(wanted.feature_set));
  const std::uint32_t folds = *std::max_element(fold.begin(), fold.end()) + 1;
  std::vector<Prediction> predictions(seen.rows());
  for (std::uint32_t which = 0; which < folds; ++which) {
    const FoldRows rows = rows_of_fold(fold, which);
    const auto learned_rows = some_of(rows.outside, beers.families, most, wanted.seed + which);
    const Table learned = seen.pick_rows(learned_rows);
    const Table judged = seen.pick_rows(rows.inside);
    std::vector<std::uint32_t> families;
    families.reserve(learned_rows.size());
    for (const std::uint32_t row : learned_rows) families.push_back(beers.families[row]);
    Hyperparameters hyperparameters = wanted;
    complete(hyperparameters, learned.rows());
    const Fitted fitted = fit_model(learned, families, hyperparameters);
    const auto values = fitted.booster().predict(judged.values, judged.rows());
    for (std::size_t i = 0; i < values.size(); ++i) {
      predictions[rows.inside[i]].ibu = clip_ibu(values[i]);
    }
    if (!intervals) continue;
    const Intervals width = fit_intervals(learned, fitted);
    const auto difficulties =
        width.difficulty.predict(difficulty_table(judged, values).values, judged.rows());
    for (std::size_t i = 0; i < values.size(); ++i) {
      predictions[rows.inside[i]].interval =
          width.rule.around(clip_ibu(values[i]), difficulties[i]);
    }
  }
  return predictions;
}

double Repeats::mean(double Repeat::*member) const {
  double sum = 0;
  for (const Repeat& one : each) sum += one.*member / static_cast<double>(each.size());
  return sum;
}

double Repeats::deviation(double Repeat::*member) const {
  if (each.size() < 2) return 0;
  const double middle = mean(member);
  double squares = 0;
  for (const Repeat& one : each) squares += (one.*member - middle) * (one.*member - middle);
  return std::sqrt(squares / static_cast<double>(each.size() - 1));
}

Repeats repeat(const Beers& beers, const Hyperparameters& wanted, int repeats, int folds,
               std::size_t most, bool intervals) {
  Repeats result;
  for (int i = 0; i < repeats; ++i) {
    const std::uint64_t seed = kFirstSeed + static_cast<std::uint64_t>(i);
    Hyperparameters hyperparameters = wanted;
    hyperparameters.seed = seed;
    const auto fold = beer::grouped_folds(beers.families, static_cast<std::uint32_t>(folds), seed);
    auto predictions = predict_unseen(beers, fold, hyperparameters, most, intervals);
    result.each.push_back(measure(beers.table, predictions));
    result.predictions.push_back(std::move(predictions));
  }
  return result;
}

}  // namespace pipelines
