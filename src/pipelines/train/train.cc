// The training job.
#include "pipelines/train/train.h"

#include "beer/families.h"
#include "beer/features.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "pipelines/model/interval.h"
#include "pipelines/model/model.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <ostream>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

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

/// `bags` boosters of different seeds, as one.
Booster fit_bags(const Table& seen, const Hyperparameters& hyperparameters, int rounds) {
  std::vector<std::string> models;
  for (int bag = 0; bag < hyperparameters.bags; ++bag) {
    const auto parameters = hyperparameters.booster_parameters(
        hyperparameters.seed + static_cast<std::uint64_t>(bag), seen.mean_label());
    models.push_back(fit(seen, parameters, rounds).json());
  }
  return Booster(average_models(models));
}

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

struct Intervals {
  IntervalRule rule;
  Booster difficulty;
};

/// The difficulty is itself taken out of fold for the calibration: a booster that has seen a
/// residual would call its beer exactly as hard as it turned out, and the intervals would be too
/// narrow.
Intervals fit_intervals(const Table& seen, const Fitted& fitted,
                        const Hyperparameters& hyperparameters) {
  const auto& predictions = fitted.validation.out_of_fold;
  std::vector<float> residuals;
  for (std::size_t i = 0; i < seen.rows(); ++i) {
    residuals.push_back(static_cast<float>(std::abs(seen.labels[i] - clip_ibu(predictions[i]))));
  }
  const Table hard = difficulty_table(seen, predictions, residuals);
  std::vector<float> difficulties(seen.rows());
  for (int which = 0; which < hyperparameters.folds; ++which) {
    const auto rows = rows_of_fold(fitted.fold, static_cast<std::uint32_t>(which));
    if (rows.inside.empty() || rows.outside.empty()) continue;
    const Table learned = hard.pick_rows(rows.outside);
    const Table judged = hard.pick_rows(rows.inside);
    const Booster booster = fit(
        learned, difficulty_parameters(hyperparameters, learned.mean_label()), kDifficultyRounds);
    const auto values = booster.predict(judged.values, judged.rows());
    for (std::size_t i = 0; i < values.size(); ++i) difficulties[rows.inside[i]] = values[i];
  }
  return {calibrate(seen.labels, predictions, difficulties, hyperparameters.interval_level),
          fit(hard, difficulty_parameters(hyperparameters, hard.mean_label()), kDifficultyRounds)};
}

json::object parameters_json(const Hyperparameters& hyperparameters) {
  json::object all{{"feature_set", std::string(to_string(hyperparameters.feature_set))},
                   {"num_round", std::to_string(hyperparameters.num_round)},
                   {"early_stopping_rounds", std::to_string(hyperparameters.early_stopping_rounds)},
                   {"folds", std::to_string(hyperparameters.folds)},
                   {"bags", std::to_string(hyperparameters.bags)},
                   {"seed", std::to_string(hyperparameters.seed)},
                   {"interval_level", fmt::format("{}", hyperparameters.interval_level)},
                   {"eval_metric", hyperparameters.eval_metric}};
  for (const auto& [name, value] : hyperparameters.booster) all[name] = value;
  return all;
}

/// What a reader needs to tell where a model came from: no time and no machine, so that the same
/// training gives the same bytes.
std::string training_json(const TrainingData& data, const Fitted& fitted, const fs::path& split,
                          const Hyperparameters& hyperparameters) {
  json::object result{
      {"training_digest", base::to_hex(base::sha256(data.table.to_csv()))},
      {"rows", data.table.rows()},
      {"families", std::set<std::uint32_t>(data.families.begin(), data.families.end()).size()},
      {"mean_label", data.table.mean_label()},
      {"rounds", fitted.validation.rounds},
      {"cross_validation",
       {{"folds", hyperparameters.folds},
        {"mae", fitted.validation.mae},
        {"rmse", fitted.validation.rmse}}},
      {"hyperparameters", parameters_json(hyperparameters)}};
  if (fs::exists(split)) result["split"] = json::parse(read_file(split));
  return json::serialize(result) + "\n";
}

}  // namespace

TrainingData read_training_data(const fs::path& channel, const fs::path& rows_file) {
  TrainingData data{Table::read_channel(channel), {}};
  const std::size_t expected = beer::features().size();
  if (data.table.columns != expected) {
    throw std::runtime_error(fmt::format("The rows in {} have {} features, this program knows {}.",
                                         channel.string(), data.table.columns, expected));
  }
  if (!fs::exists(rows_file)) {
    data.families.resize(data.table.rows());
    std::iota(data.families.begin(), data.families.end(), 0);
    return data;
  }
  for (const RowKey& row : read_row_keys(rows_file)) data.families.push_back(row.family);
  if (data.families.size() != data.table.rows()) {
    throw std::runtime_error(fmt::format("{} names {} rows, the data has {}.", rows_file.string(),
                                         data.families.size(), data.table.rows()));
  }
  return data;
}

Fitted fit_model(const Table& seen, std::span<const std::uint32_t> families,
                 const Hyperparameters& hyperparameters, const RoundReport& report) {
  auto fold = beer::grouped_folds(families, static_cast<std::uint32_t>(hyperparameters.folds),
                                  hyperparameters.seed);
  auto validation = cross_validate(seen, fold, hyperparameters, report);
  Booster booster = fit_bags(seen, hyperparameters, validation.rounds);
  return {std::move(validation), std::move(fold), std::move(booster)};
}

void complete(Hyperparameters& hyperparameters, std::size_t rows) {
  auto& booster = hyperparameters.booster;
  if (!given(booster, "monotone_constraints")) {
    booster.emplace_back("monotone_constraints", monotone_constraints(hyperparameters.feature_set));
  }
  if (!given(booster, "tree_method")) {
    booster.emplace_back("tree_method", rows <= kExactRows ? "exact" : "hist");
  }
}

void train(const Folders& folders, std::ostream& log) {
  Hyperparameters hyperparameters = parse_hyperparameters(read_file(folders.hyperparameters()));
  const fs::path rows = folders.channel("rows");
  const TrainingData data = read_training_data(folders.channel("train"), rows / "train_rows.csv");
  complete(hyperparameters, data.table.rows());
  if (fs::exists(folders.channel("validation"))) {
    log << "The channel validation isn't used: folds of the training rows choose the rounds.\n";
  }
  const Table seen = data.table.pick_columns(feature_columns(hyperparameters.feature_set));

  const Fitted fitted = fit_model(
      seen, data.families, hyperparameters, [&](int round, double train, double validation) {
        log << fmt::format("[{0}]\ttrain-{1}:{2:.5f}\tvalidation-{1}:{3:.5f}\n", round,
                           hyperparameters.eval_metric, train, validation);
      });
  const Intervals intervals = fit_intervals(seen, fitted, hyperparameters);
  log << fmt::format(
      "{} rounds; out of fold MAE {:.2f}, RMSE {:.2f}; {:.0f} % intervals hold {:.1f} % "
      "at a mean width of {:.1f}\n",
      fitted.validation.rounds, fitted.validation.mae, fitted.validation.rmse,
      100 * intervals.rule.level, 100 * intervals.rule.coverage, intervals.rule.mean_width);

  const fs::path model = folders.model();
  write_file(model / "xgboost-model", fitted.booster.ubjson());
  write_file(model / "beer" / "difficulty-model", intervals.difficulty.ubjson());
  write_file(model / "beer" / "features.json", features_json(hyperparameters.feature_set));
  write_file(model / "beer" / "interval.json", intervals.rule.to_json());
  write_file(model / "beer" / "training.json",
             training_json(data, fitted, rows / "split.json", hyperparameters));
}

}  // namespace pipelines
