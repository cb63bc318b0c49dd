// The hyperparameters of SageMaker's XGBoost images: which there are, and what each may be.
#pragma once

#include "pipelines/model/booster.h"

#include <string>
#include <string_view>
#include <vector>

namespace pipelines::xgboost {

/// Which of the images is stood for, by its tag: "1.7-1", "3.0-5".
enum class Version { k1_7, k3_0 };

struct Hyperparameters {
  int num_round = 0;
  int early_stopping_rounds = 0;  ///< 0: never
  bool csv_weights = false;       ///< the second column of a CSV file holds weights
  bool save_model_on_termination = false;
  std::vector<std::string> eval_metrics;  ///< in the order given; with none, the objective's own
  std::string tuning_metric;              ///< "rmse" of "validation:rmse"; may be empty

  /// All the rest, as XGBoost takes it.
  Booster::Parameters booster;
  /// The base score is to be estimated from the labels, as XGBoost does from 2.0 on.
  bool estimate_base_score = false;
  /// Those that the image takes and its XGBoost no longer knows: they do nothing.
  std::vector<std::string> unused;

  /// The metric early stopping watches: the tuning metric, else the last that was asked for.
  /// Empty when none was, and then the image doesn't stop early either.
  std::string watched_metric() const;
};

/// Reads hyperparameters.json. Names, ranges and what depends on what are the image's. Throws
/// UserError with a sentence that names the hyperparameter that is unknown, missing, no number or
/// out of its range, or that this machine can't do: graphics cards, and cross-validation by _kfold.
///
/// The images check the same; what their libraries make of it differs. XGBoost 3.0 takes `hist`
/// where 1.7 takes `exact` for few rows, estimates the base score, has no predictor to choose, and
/// no updaters distcol, grow_local_histmaker and grow_skmaker.
Hyperparameters parse_hyperparameters(std::string_view json, Version version = Version::k1_7);

/// Whether a metric is one that XGBoost itself doesn't know and that metrics.h computes.
bool is_added_metric(std::string_view name);

}  // namespace pipelines::xgboost
