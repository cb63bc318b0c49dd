// The same training under three splits.
#include "pipelines/report/lesson.h"

#include "beer/families.h"

#include <cmath>
#include <numeric>
#include <random>

namespace pipelines {
namespace {

/// Every row a family of its own.
Beers strangers(Table table) {
  Beers beers{std::move(table), {}};
  beers.families.resize(beers.table.rows());
  std::iota(beers.families.begin(), beers.families.end(), 0U);
  return beers;
}

double error_of(const Beers& beers, const Hyperparameters& hyperparameters, std::uint64_t seed) {
  constexpr std::uint32_t kFolds = 5;
  const auto fold = beer::grouped_folds(beers.families, kFolds, seed);
  const auto predictions = predict_unseen(beers, fold, hyperparameters, 0, false);
  double sum = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    sum += std::abs(predictions[i].ibu - beers.table.labels[i]);
  }
  return sum / static_cast<double>(predictions.size());
}

}  // namespace

ThreeSplits three_splits(const Beers& beers, const Hyperparameters& hyperparameters,
                         std::size_t draws, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint32_t> drawn;
  for (std::size_t i = 0; i < draws; ++i) {
    drawn.push_back(static_cast<std::uint32_t>(random() % beers.table.rows()));
  }
  return {draws, error_of(strangers(beers.table.pick_rows(drawn)), hyperparameters, seed),
          error_of(strangers(beers.table), hyperparameters, seed),
          error_of(beers, hyperparameters, seed)};
}

}  // namespace pipelines
