// Rounds and settings chosen on grouped folds; bags and forest grown on all rows and joined.
#include "pipelines/train/fit.h"

#include "beer/families.h"
#include "beer/features.h"
#include "pipelines/model/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

namespace pipelines {
namespace {

/// Up to here every split is tried; above it, the search over a histogram is many times faster and
/// loses nothing.
constexpr std::size_t kExactRows = 20'000;

/// The constraints of the columns a model sees, as XGBoost writes them: "(1,0,-1)".
std::string monotone_constraints(FeatureSet set) {
  std::vector<int> signs;
  for (const int column : feature_columns(set)) {
    signs.push_back(beer::features()[static_cast<std::size_t>(column)].monotone);
  }
  return fmt::format("({})", fmt::join(signs, ","));
}

bool given(const Booster::Parameters& parameters, std::string_view name) {
  return std::any_of(parameters.begin(), parameters.end(),
                     [&](const auto& parameter) { return parameter.first == name; });
}

void replace(Booster::Parameters& parameters, const std::string& name, const std::string& value) {
  std::erase_if(parameters, [&](const auto& parameter) { return parameter.first == name; });
  parameters.emplace_back(name, value);
}

/// `bags` boosters of different seeds and the forest, as one model.
Booster fit_whole(const Table& seen, const Hyperparameters& hyperparameters, int rounds) {
  const double forest_share = hyperparameters.forest_trees > 0 ? kForestShare : 0.0;
  std::vector<std::string> models;
  std::vector<double> weights;
  for (int bag = 0; bag < hyperparameters.bags; ++bag) {
    const auto parameters = hyperparameters.booster_parameters(
        hyperparameters.seed + static_cast<std::uint64_t>(bag), seen.mean_label());
    models.push_back(fit(seen, parameters, rounds).json());
    weights.push_back((1 - forest_share) / hyperparameters.bags);
  }
  if (hyperparameters.forest_trees > 0) {
    models.push_back(
        ExtraTrees::grow(seen, hyperparameters.forest_parameters()).as_model(models.front()));
    weights.push_back(forest_share);
  }
  return Booster(average_models(models, weights));
}

double mean_error(const Table& seen, const CrossValidation& validation,
                  std::span<const std::uint32_t> fold, std::uint32_t which) {
  double sum = 0;
  double rows = 0;
  for (std::size_t i = 0; i < seen.rows(); ++i) {
    if (fold[i] != which) continue;
    sum += std::abs(seen.labels[i] - clip_ibu(validation.out_of_fold[i]));
    ++rows;
  }
  return rows > 0 ? sum / rows : 0;
}

/// Whether `challenger` errs less than `standing` by more than a standard error of that difference.
bool clearly_better(const Table& seen, std::span<const std::uint32_t> fold, int folds,
                    const CrossValidation& challenger, const CrossValidation& standing) {
  std::vector<double> gains;
  for (int k = 0; k < folds; ++k) {
    const auto which = static_cast<std::uint32_t>(k);
    gains.push_back(mean_error(seen, standing, fold, which) -
                    mean_error(seen, challenger, fold, which));
  }
  double mean = 0;
  for (const double gain : gains) mean += gain / folds;
  double squares = 0;
  for (const double gain : gains) squares += (gain - mean) * (gain - mean);
  return mean > std::sqrt(squares / (folds - 1) / folds);
}

/// Tries the grid's other points; leaves the best in `fitted`.
void search(const Table& seen, Fitted& fitted) {
  Hyperparameters standing = fitted.used;
  fitted.grid.push_back({standing.booster, fitted.validation.mae});
  for (const char* depth : {"3", "4", "6"}) {
    for (const char* weight : {"3", "6", "12"}) {
      Hyperparameters other = standing;
      replace(other.booster, "max_depth", depth);
      replace(other.booster, "min_child_weight", weight);
      auto validation = cross_validate(seen, fitted.fold, other);
      fitted.grid.push_back({other.booster, validation.mae});
      if (validation.mae < fitted.validation.mae &&
          clearly_better(seen, fitted.fold, standing.folds, validation, fitted.validation)) {
        fitted.validation = std::move(validation);
        fitted.used = other;
      }
    }
  }
}

}  // namespace

void complete(Hyperparameters& hyperparameters, std::size_t rows) {
  auto& booster = hyperparameters.booster;
  if (!given(booster, "monotone_constraints")) {
    booster.emplace_back("monotone_constraints", monotone_constraints(hyperparameters.feature_set));
  }
  if (!given(booster, "tree_method")) {
    booster.emplace_back("tree_method", rows <= kExactRows ? "exact" : "hist");
  }
  if (rows > kExactRows) hyperparameters.forest_trees = 0;
}

Fitted fit_model(const Table& seen, std::span<const std::uint32_t> families,
                 const Hyperparameters& hyperparameters, const RoundReport& report) {
  auto fold = beer::grouped_folds(families, static_cast<std::uint32_t>(hyperparameters.folds),
                                  hyperparameters.seed);
  auto validation = cross_validate(seen, fold, hyperparameters, report);
  Fitted fitted{std::move(validation), std::move(fold), {}, hyperparameters, std::nullopt};
  if (hyperparameters.grid) search(seen, fitted);
  fitted.grown = fit_whole(seen, fitted.used, fitted.validation.rounds);
  return fitted;
}

}  // namespace pipelines
