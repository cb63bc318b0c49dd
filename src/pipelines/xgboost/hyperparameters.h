// The hyperparameters of SageMaker's XGBoost image 1.7-1: which there are, and what each may be.
#pragma once

#include "pipelines/model/booster.h"

#include <string>
#include <string_view>
#include <vector>

namespace pipelines::xgboost {

struct Hyperparameters {
  int num_round = 0;
  int early_stopping_rounds = 0;  ///< 0: never
  bool csv_weights = false;       ///< the second column of a CSV file holds weights
  bool save_model_on_termination = false;
  std::vector<std::string> eval_metrics;  ///< in the order given; with none, the objective's own
  std::string tuning_metric;              ///< "rmse" of "validation:rmse"; may be empty

  /// All the rest, as XGBoost takes it.
  Booster::Parameters booster;

  /// The metric early stopping watches: the tuning metric, else the last that was asked for.
  /// Empty when none was, and then the image doesn't stop early either.
  std::string watched_metric() const;
};

/// Reads hyperparameters.json. Names, ranges and what depends on what are the image's. Throws
/// UserError with a sentence that names the hyperparameter that is unknown, missing, no number or
/// out of its range, or that this machine can't do: graphics cards, and cross-validation by _kfold.
Hyperparameters parse_hyperparameters(std::string_view json);

/// Whether a metric is one that XGBoost itself doesn't know and that metrics.h computes.
bool is_added_metric(std::string_view name);

}  // namespace pipelines::xgboost
