// The training job.
#include "pipelines/train/train.h"

#include "beer/families.h"
#include "beer/features.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "pipelines/model/model.h"
#include "pipelines/train/calibration.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

json::object parameters_json(const Hyperparameters& hyperparameters) {
  json::object all{{"feature_set", std::string(to_string(hyperparameters.feature_set))},
                   {"num_round", std::to_string(hyperparameters.num_round)},
                   {"early_stopping_rounds", std::to_string(hyperparameters.early_stopping_rounds)},
                   {"folds", std::to_string(hyperparameters.folds)},
                   {"bags", std::to_string(hyperparameters.bags)},
                   {"forest_trees", std::to_string(hyperparameters.forest_trees)},
                   {"forest_leaf", std::to_string(hyperparameters.forest_leaf)},
                   {"validation_rows", std::to_string(hyperparameters.validation_rows)},
                   {"grid", hyperparameters.grid ? "on" : "off"},
                   {"seed", std::to_string(hyperparameters.seed)},
                   {"interval_level", fmt::format("{}", hyperparameters.interval_level)},
                   {"eval_metric", hyperparameters.eval_metric}};
  for (const auto& [name, value] : hyperparameters.booster) all[name] = value;
  return all;
}

json::array grid_json(const Fitted& fitted) {
  json::array points;
  for (const GridPoint& point : fitted.grid) {
    json::object one{{"mae", point.mae}};
    for (const auto& [name, value] : point.parameters) {
      if (name == "max_depth" || name == "min_child_weight") one[name] = value;
    }
    points.push_back(std::move(one));
  }
  return points;
}

/// What a reader needs to tell where a model came from: no time and no machine, so that the same
/// training gives the same bytes.
std::string training_json(const TrainingData& data, const std::string& digest, const Fitted& fitted,
                          const fs::path& split) {
  json::object result{{"training_digest", base::to_hex(digest)},
                      {"rows", data.table.rows()},
                      {"held_out_rows", data.held_out},
                      {"families", beer::count_families(data.families)},
                      {"mean_label", data.table.mean_label()},
                      {"ibu_per_gravity_point", ibu_per_gravity_point(data.table)},
                      {"rounds", fitted.validation.rounds},
                      {"cross_validation",
                       {{"folds", fitted.used.folds},
                        {"rows", fitted.validated.size()},
                        {"mae", fitted.validation.mae},
                        {"rmse", fitted.validation.rmse}}},
                      {"hyperparameters", parameters_json(fitted.used)}};
  if (!fitted.grid.empty()) result["grid"] = grid_json(fitted);
  if (fs::exists(split)) result["split"] = json::parse(read_file(split));
  return json::serialize(result) + "\n";
}

}  // namespace

TrainingData read_training_data(const fs::path& channel, const fs::path& rows_file,
                                base::Digest* digest) {
  TrainingData data{Table::read_channel(channel, digest), {}};
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

void add_held_out(TrainingData& data, const fs::path& channel, const fs::path& rows_file,
                  base::Digest* digest) {
  if (files_below(channel).empty()) return;
  const TrainingData more = read_training_data(channel, rows_file, digest);
  data.held_out = more.table.rows();
  data.table.labels.insert(data.table.labels.end(), more.table.labels.begin(),
                           more.table.labels.end());
  data.table.values.insert(data.table.values.end(), more.table.values.begin(),
                           more.table.values.end());
  data.families.insert(data.families.end(), more.families.begin(), more.families.end());
}

double ibu_per_gravity_point(const Table& table) {
  const auto column = static_cast<std::size_t>(beer::feature_index("target_og"));
  double product = 0;
  double square = 0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const double points = table.row(i)[column] - 1000.0;
    if (std::isnan(points)) continue;
    product += points * table.labels[i];
    square += points * points;
  }
  return square > 0 ? product / square : 0;
}

void train(const Folders& folders, std::ostream& log) {
  Hyperparameters hyperparameters = parse_hyperparameters(read_file(folders.hyperparameters()));
  const fs::path rows = folders.channel("rows");
  base::Digest digest(base::Digest::Kind::kSha256);
  TrainingData data =
      read_training_data(folders.channel("train"), rows / "train_rows.csv", &digest);
  add_held_out(data, folders.channel("held_out"), rows / "test_rows.csv", &digest);
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
  const Intervals intervals = fit_intervals(seen, fitted);
  log << fmt::format(
      "{} rounds; out of fold MAE {:.2f}, RMSE {:.2f}; {:.0f} % intervals hold {:.1f} % "
      "at a mean width of {:.1f}\n",
      fitted.validation.rounds, fitted.validation.mae, fitted.validation.rmse,
      100 * intervals.rule.level, 100 * intervals.rule.coverage, intervals.rule.mean_width);

  const fs::path model = folders.model();
  write_file(model / "xgboost-model", fitted.booster().ubjson());
  write_file(model / "beer" / "difficulty-model", intervals.difficulty.ubjson());
  write_file(model / "beer" / "features.json", features_json(hyperparameters.feature_set));
  write_file(model / "beer" / "interval.json", intervals.rule.to_json());
  write_file(model / "beer" / "training.json",
             training_json(data, digest.finish(), fitted, rows / "split.json"));
}

}  // namespace pipelines
