// Rounds and settings chosen on grouped folds; bags and forest grown on all rows and joined.
#include "pipelines/train/fit.h"

#include "beer/families.h"
#include "beer/features.h"
#include "pipelines/model/model.h"
#include "pipelines/parallel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>
#include <string_view>

namespace pipelines {
namespace {

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
  const auto bags = static_cast<std::size_t>(hyperparameters.bags);
  std::vector<std::string> models(bags);
  std::vector<double> weights(bags, (1 - forest_share) / hyperparameters.bags);
  std::optional<ExtraTrees> forest;
  const bool with_forest = hyperparameters.forest_trees > 0;
  in_parallel(bags + (with_forest ? 1 : 0), [&](std::size_t i) {
    if (i == bags) {
      forest = ExtraTrees::grow(seen, hyperparameters.forest_parameters());
    } else {
      const auto parameters =
          hyperparameters.booster_parameters(hyperparameters.seed + i, seen.mean_label());
      models[i] = fit(seen, parameters, rounds).json();
    }
  });
  if (forest) {
    models.push_back(forest->as_model(models.front()));
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

/// About as many of `count` rows as are wanted, in order. Rows rather than whole families: the
/// folds keep families apart as they would have, and a large family stays in proportion.
std::vector<std::uint32_t> some_rows(std::size_t count, std::size_t wanted, std::uint64_t seed) {
  std::vector<std::uint32_t> rows;
  std::mt19937_64 random(seed);
  for (std::size_t row = 0; row < count; ++row) {
    const std::size_t missing = wanted - std::min(wanted, rows.size());
    if (wanted >= count || random() % (count - row) < missing) {
      rows.push_back(static_cast<std::uint32_t>(row));
    }
  }
  return rows;
}

}  // namespace

ValidatedRows::ValidatedRows(const Table& seen, const Fitted& fitted)
    : all_(fitted.validated.size() == seen.rows() ? &seen : nullptr),
      some_(all_ ? Table{} : seen.pick_rows(fitted.validated)) {}

void complete(Hyperparameters& hyperparameters, std::size_t rows) {
  auto& booster = hyperparameters.booster;
  if (!given(booster, "monotone_constraints")) {
    booster.emplace_back("monotone_constraints", monotone_constraints(hyperparameters.feature_set));
  }
  if (!given(booster, "tree_method")) {
    booster.emplace_back("tree_method", rows <= kExactRows ? "exact" : "hist");
  }
  if (rows > kExactRows) {
    hyperparameters.forest_trees = 0;
    hyperparameters.bags = 1;
  }
}

Fitted fit_model(const Table& seen, std::span<const std::uint32_t> families,
                 const Hyperparameters& hyperparameters, const RoundReport& report) {
  const auto wanted = static_cast<std::size_t>(hyperparameters.validation_rows);
  Fitted fitted{.validated = some_rows(seen.rows(), wanted, hyperparameters.seed),
                .used = hyperparameters};
  std::vector<std::uint32_t> family;
  for (const std::uint32_t row : fitted.validated) family.push_back(families[row]);
  fitted.fold = beer::grouped_folds(family, static_cast<std::uint32_t>(hyperparameters.folds),
                                    hyperparameters.seed);
  const ValidatedRows rows(seen, fitted);
  fitted.validation = cross_validate(rows.table(), fitted.fold, hyperparameters, report);
  if (hyperparameters.grid) search(rows.table(), fitted);
  fitted.grown = fit_whole(seen, fitted.used, fitted.validation.rounds);
  return fitted;
}

}  // namespace pipelines
