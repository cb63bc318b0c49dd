// What a training job is told: hyperparameters.json, every value a string.
#pragma once

#include "pipelines/model/booster.h"
#include "pipelines/train/extra_trees.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace pipelines {

/// Which columns of the feature vector a model sees.
enum class FeatureSet { kRecipe, kMission };
std::string_view to_string(FeatureSet set);

/// What the forest counts for in the model; the boosters have the rest.
inline constexpr double kForestShare = 0.5;

/// XGBoost's own names as SageMaker's container takes them, and ours: feature_set, bags, folds,
/// forest_trees, forest_leaf, grid, validation_rows, interval_level. Defaults are those that did
/// well on some hundred beers, over folds of many seeds.
struct Hyperparameters {
  FeatureSet feature_set = FeatureSet::kRecipe;
  int num_round = 200;             ///< at most; the folds choose how many
  int early_stopping_rounds = 15;  ///< without a better mean over the folds
  int folds = 5;
  int bags = 3;  ///< boosters of different seeds whose mean is the boosted half
  /// Extremely randomised trees, the model's other half; 0: there is none.
  int forest_trees = 100;
  int forest_leaf = 3;  ///< the least rows in a leaf of those
  bool grid = false;    ///< whether the folds also choose depth and leaf weight
  /// The folds are made of so many rows at most, chosen by the seed; the model learns from all. Of
  /// fifty thousand, an error is known to a hundredth of an IBU and an interval to a tenth of a
  /// percent.
  int validation_rows = 50'000;
  std::uint64_t seed = 7;
  double interval_level = 0.9;  ///< the share of beers an interval should hold
  std::string eval_metric = "mae";

  /// Everything that goes to XGBoost as it came: eta, max_depth, subsample, lambda, …
  Booster::Parameters booster;

  ForestParameters forest_parameters() const { return {forest_trees, forest_leaf, seed}; }
  /// Parameters of one booster: ours put into XGBoost's words, with the given seed and base score.
  Booster::Parameters booster_parameters(std::uint64_t booster_seed, double base_score) const;
};

/// Reads hyperparameters.json. Throws std::runtime_error with a sentence that names the one that is
/// unknown, not a number or out of its range.
Hyperparameters parse_hyperparameters(std::string_view json);

}  // namespace pipelines
