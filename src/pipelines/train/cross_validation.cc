// Grouped cross-validation with early stopping on the mean of the folds.
#include "pipelines/train/cross_validation.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace pipelines {
namespace {

/// The booster of one fold with the rows it learns from and the rows it is judged on.
class Fold {
 public:
  Fold(const Table& table, FoldRows rows, const Hyperparameters& hyperparameters)
      : rows_(std::move(rows)),
        learned_(table.pick_rows(rows_.outside)),
        judged_(table.pick_rows(rows_.inside)),
        train_(learned_.values, learned_.rows(), table.columns, learned_.labels),
        validation_(judged_.values, judged_.rows(), table.columns, judged_.labels),
        both_{&train_, &validation_},
        booster_(hyperparameters.booster_parameters(hyperparameters.seed, learned_.mean_label()),
                 both_) {}
  Fold(const Fold&) = delete;

  /// The metric on both sides after one more round.
  std::vector<double> grow(int round) {
    booster_.grow(round, train_);
    return booster_.evaluate(round, both_);
  }

  void predict(int rounds, const Hyperparameters& hyperparameters,
               std::vector<float>& out_of_fold) const {
    auto values = booster_.predict(validation_, rounds);
    if (hyperparameters.forest_trees > 0) {
      const auto forest = ExtraTrees::grow(learned_, hyperparameters.forest_parameters());
      const auto others = forest.predict(judged_);
      for (std::size_t i = 0; i < values.size(); ++i) {
        values[i] = static_cast<float>((1 - kForestShare) * values[i] + kForestShare * others[i]);
      }
    }
    for (std::size_t i = 0; i < values.size(); ++i) out_of_fold[rows_.inside[i]] = values[i];
  }

  double weight() const { return static_cast<double>(judged_.rows()); }

 private:
  FoldRows rows_;
  Table learned_;
  Table judged_;
  Matrix train_;
  Matrix validation_;
  std::array<const Matrix*, 2> both_;
  Booster booster_;
};

std::vector<std::unique_ptr<Fold>> make_folds(const Table& table,
                                              std::span<const std::uint32_t> fold,
                                              const Hyperparameters& hyperparameters) {
  std::vector<std::unique_ptr<Fold>> folds;
  for (int which = 0; which < hyperparameters.folds; ++which) {
    FoldRows rows = rows_of_fold(fold, static_cast<std::uint32_t>(which));
    // With fewer families than folds some folds stay empty.
    if (rows.inside.empty() || rows.outside.empty()) continue;
    folds.push_back(std::make_unique<Fold>(table, std::move(rows), hyperparameters));
  }
  if (folds.size() < 2) {
    throw std::runtime_error(
        "All training rows belong to one family: nothing is left to judge on.");
  }
  return folds;
}

void measure(const Table& table, CrossValidation& result) {
  double absolute = 0;
  double squared = 0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const double error = table.labels[i] - clip_ibu(result.out_of_fold[i]);
    absolute += std::abs(error);
    squared += error * error;
  }
  result.mae = absolute / static_cast<double>(table.rows());
  result.rmse = std::sqrt(squared / static_cast<double>(table.rows()));
}

}  // namespace

CrossValidation cross_validate(const Table& table, std::span<const std::uint32_t> fold,
                               const Hyperparameters& hyperparameters, const RoundReport& report) {
  const auto folds = make_folds(table, fold, hyperparameters);
  CrossValidation result;
  double best = std::numeric_limits<double>::infinity();
  for (int round = 0; round < hyperparameters.num_round; ++round) {
    double train = 0;
    double validation = 0;
    for (const auto& each : folds) {
      const auto metrics = each->grow(round);
      train += metrics.at(0) * each->weight() / static_cast<double>(table.rows());
      validation += metrics.at(1) * each->weight() / static_cast<double>(table.rows());
    }
    if (report) report(round, train, validation);
    if (validation < best) {
      best = validation;
      result.rounds = round + 1;
    } else if (round + 1 - result.rounds >= hyperparameters.early_stopping_rounds) {
      break;
    }
  }
  if (result.rounds == 0) throw std::runtime_error("The validation metric was never a number.");
  result.out_of_fold.resize(table.rows());
  for (const auto& each : folds) each->predict(result.rounds, hyperparameters, result.out_of_fold);
  measure(table, result);
  return result;
}

FoldRows rows_of_fold(std::span<const std::uint32_t> fold, std::uint32_t which) {
  FoldRows rows;
  for (std::uint32_t i = 0; i < fold.size(); ++i) {
    (fold[i] == which ? rows.inside : rows.outside).push_back(i);
  }
  return rows;
}

Booster fit(const Table& table, const Booster::Parameters& parameters, int rounds) {
  const Matrix matrix(table.values, table.rows(), table.columns, table.labels);
  const Matrix* matrices[] = {&matrix};
  Booster booster(parameters, matrices);
  for (int round = 0; round < rounds; ++round) booster.grow(round, matrix);
  return booster;
}

}  // namespace pipelines
