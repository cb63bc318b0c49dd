// Grouped cross-validation: how many rounds to grow, and what a model says of rows it never saw.
#pragma once

#include "pipelines/table.h"
#include "pipelines/train/hyperparameters.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace pipelines {

struct CrossValidation {
  int rounds = 0;                  ///< the number with the best mean metric over the folds
  std::vector<float> out_of_fold;  ///< for each row, what a model of its fold's others predicts
  double mae = 0;                  ///< of out_of_fold clipped to the scale
  double rmse = 0;
};

/// Called after each round with the mean metric on the folds' training and validation rows.
using RoundReport = std::function<void(int round, double train, double validation)>;

/// Grows one booster a fold, all by a round at a time, and stops when the mean validation metric
/// has not improved for early_stopping_rounds; the forest, which has no rounds, joins in for what
/// is said out of fold. `fold` gives each row's fold (0..folds-1).
CrossValidation cross_validate(const Table& table, std::span<const std::uint32_t> fold,
                               const Hyperparameters& hyperparameters,
                               const RoundReport& report = nullptr);

/// The row numbers in and outside one fold.
struct FoldRows {
  std::vector<std::uint32_t> inside;
  std::vector<std::uint32_t> outside;
};
FoldRows rows_of_fold(std::span<const std::uint32_t> fold, std::uint32_t which);

/// A booster grown on all rows, for `rounds`.
Booster fit(const Table& table, const Booster::Parameters& parameters, int rounds);

}  // namespace pipelines
