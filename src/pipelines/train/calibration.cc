// A second, small booster of how hard a beer is, and the rule calibrated on both.
#include "pipelines/train/calibration.h"

#include "pipelines/parallel.h"

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace pipelines {
namespace {

/// A small booster of the absolute residual: shallow and slow, since residuals are mostly noise.
Booster::Parameters difficulty_parameters(const Hyperparameters& hyperparameters,
                                          double base_score) {
  Booster::Parameters parameters = {{"eta", "0.1"},
                                    {"max_depth", "2"},
                                    {"min_child_weight", "10"},
                                    {"subsample", "0.8"},
                                    {"colsample_bytree", "0.3"},
                                    {"lambda", "5"},
                                    {"base_score", fmt::format("{}", base_score)},
                                    {"seed", std::to_string(hyperparameters.seed)},
                                    {"seed_per_iteration", "1"},
                                    {"verbosity", "0"}};
  for (const auto& parameter : hyperparameters.booster) {
    if (parameter.first == "tree_method") parameters.push_back(parameter);
  }
  return parameters;
}
constexpr int kDifficultyRounds = 30;

}  // namespace

Intervals fit_intervals(const Table& all, const Fitted& fitted) {
  const ValidatedRows rows_validated(all, fitted);
  const Table& seen = rows_validated.table();
  const Hyperparameters& hyperparameters = fitted.used;
  const auto& predictions = fitted.validation.out_of_fold;
  std::vector<float> residuals;
  for (std::size_t i = 0; i < seen.rows(); ++i) {
    residuals.push_back(static_cast<float>(std::abs(seen.labels[i] - clip_ibu(predictions[i]))));
  }
  const Table hard = difficulty_table(seen, predictions, residuals);
  std::vector<float> difficulties(seen.rows());
  in_parallel(static_cast<std::size_t>(hyperparameters.folds), [&](std::size_t which) {
    const auto rows = rows_of_fold(fitted.fold, static_cast<std::uint32_t>(which));
    if (rows.inside.empty() || rows.outside.empty()) return;
    const Table learned = hard.pick_rows(rows.outside);
    const Table judged = hard.pick_rows(rows.inside);
    const Booster booster = fit(
        learned, difficulty_parameters(hyperparameters, learned.mean_label()), kDifficultyRounds);
    const auto values = booster.predict(judged.values, judged.rows());
    for (std::size_t i = 0; i < values.size(); ++i) difficulties[rows.inside[i]] = values[i];
  });
  return {calibrate(seen.labels, predictions, difficulties, hyperparameters.interval_level),
          fit(hard, difficulty_parameters(hyperparameters, hard.mean_label()), kDifficultyRounds)};
}

}  // namespace pipelines
