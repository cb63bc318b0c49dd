// The artifact: reading it, checking that it fits this program, predicting with it.
#include "pipelines/model/model.h"

#include "beer/features.h"
#include "pipelines/files.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;

std::string text_of(std::string_view view) { return std::string(view); }

/// Refuses a model whose columns mean something else than what this program would put into them.
FeatureSet check_features(const json::value& features) {
  const json::string& hash = features.at("schema_hash").as_string();
  const std::string compiled = beer::schema_hash();
  if (std::string_view(hash.data(), hash.size()) != compiled) {
    throw std::runtime_error(fmt::format(
        "The model was trained on the feature list {} (version {}), this program computes {} "
        "(version "
        "{}): train it again, or serve it with the program it was trained by.",
        std::string_view(hash.data(), std::min<std::size_t>(hash.size(), 12)),
        json::serialize(features.at("version")), compiled.substr(0, 12), beer::kFeatureVersion));
  }
  const json::string& set = features.at("feature_set").as_string();
  return set == "mission" ? FeatureSet::kMission : FeatureSet::kRecipe;
}

/// A booster that came alone says how many columns it was trained on, not which.
FeatureSet set_of(std::size_t columns) {
  for (const FeatureSet set : {FeatureSet::kRecipe, FeatureSet::kMission}) {
    if (feature_columns(set).size() == columns) return set;
  }
  throw std::runtime_error(fmt::format(
      "it was trained on {} columns; the feature sets of this program have {} (recipe) and {} "
      "(mission)",
      columns, feature_columns(FeatureSet::kRecipe).size(),
      feature_columns(FeatureSet::kMission).size()));
}

}  // namespace

std::vector<int> feature_columns(FeatureSet set) {
  std::vector<int> columns;
  const auto features = beer::features();
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (set == FeatureSet::kRecipe || features[i].mission) columns.push_back(static_cast<int>(i));
  }
  return columns;
}

std::string features_json(FeatureSet set) {
  json::array list;
  for (const int column : feature_columns(set)) {
    const beer::Feature& feature = beer::features()[static_cast<std::size_t>(column)];
    list.push_back(json::object{{"name", text_of(feature.name)},
                                {"unit", text_of(feature.unit)},
                                {"monotone", feature.monotone}});
  }
  return json::serialize(json::object{{"version", beer::kFeatureVersion},
                                      {"schema_hash", beer::schema_hash()},
                                      {"feature_set", text_of(to_string(set))},
                                      {"features", std::move(list)}}) +
         "\n";
}

Model::Model(TreeModel trees, FeatureSet set)
    : trees_(std::move(trees)), feature_set_(set), columns_(feature_columns(set)) {}

Model Model::load(const std::filesystem::path& folder) {
  try {
    return std::filesystem::exists(folder / "beer") ? read_ours(folder)
                                                    : read_alone(folder / "xgboost-model");
  } catch (const std::exception& error) {
    throw std::runtime_error(
        fmt::format("The model in {} can't be used: {}", folder.string(), error.what()));
  }
}

Model Model::read_ours(const std::filesystem::path& folder) {
  // The hash first: with other columns nothing else is worth reading.
  const FeatureSet set = check_features(json::parse(read_file(folder / "beer" / "features.json")));
  Model model(TreeModel(read_file(folder / "xgboost-model")), set);
  model.calibration_ = {TreeModel(read_file(folder / "beer" / "difficulty-model")),
                        IntervalRule::from_json(read_file(folder / "beer" / "interval.json")),
                        read_file(folder / "beer" / "training.json")};
  if (model.trees_.columns() != model.columns_.size()) {
    throw std::runtime_error(fmt::format("its booster has {} columns, its feature list {}",
                                         model.trees_.columns(), model.columns_.size()));
  }
  // A difficulty is told from the model's own columns and its prediction.
  if (model.calibration_->difficulty.columns() != model.columns_.size() + 1) {
    throw std::runtime_error(fmt::format("its intervals are made of {} columns instead of {}",
                                         model.calibration_->difficulty.columns(),
                                         model.columns_.size() + 1));
  }
  return model;
}

Model Model::read_alone(const std::filesystem::path& file) {
  TreeModel trees(read_file(file));
  const std::size_t columns = trees.columns();
  Model model(std::move(trees), set_of(columns));
  // One row without features tells how many values it gives.
  const std::vector<float> row(columns, std::numeric_limits<float>::quiet_NaN());
  const auto values = model.trees_.predict(row, 1);
  if (values.size() != 1) {
    throw std::runtime_error(
        fmt::format("it gives {} values a beer: a model of the IBU gives one", values.size()));
  }
  return model;
}

Table Model::seen_of(const Table& rows) const {
  return columns_.size() == rows.columns ? rows : rows.pick_columns(columns_);
}

std::vector<Prediction> Model::predict(const Table& rows) const {
  const Table seen = seen_of(rows);
  const auto found = trees_.predict(seen.values, seen.rows());
  std::vector<Prediction> predictions;
  predictions.reserve(found.size());
  for (const float value : found) predictions.push_back({clip_ibu(value), std::nullopt});
  if (!calibration_) return predictions;
  const auto difficulties =
      calibration_->difficulty.predict(difficulty_table(seen, found).values, seen.rows());
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    predictions[i].interval = calibration_->interval.around(predictions[i].ibu, difficulties[i]);
  }
  return predictions;
}

std::vector<double> Model::predict_ibu(const Table& rows) const {
  std::vector<double> predictions;
  predictions.reserve(rows.rows());
  const Table seen = seen_of(rows);
  for (const float value : trees_.predict(seen.values, seen.rows())) {
    predictions.push_back(clip_ibu(value));
  }
  return predictions;
}

std::vector<Explanation> Model::explain(const Table& rows) const {
  if (rows.rows() == 0) return {};
  const Table seen = seen_of(rows);
  const std::vector<float> values = trees_.contributions(seen.values, seen.rows());
  std::vector<Explanation> explanations(rows.rows());
  const float* value = values.data();
  for (Explanation& explanation : explanations) {
    for (const int column : columns_) {
      explanation.contributions.push_back(
          {beer::features()[static_cast<std::size_t>(column)].name, *value++});
    }
    explanation.expected = *value++;
    std::stable_sort(
        explanation.contributions.begin(), explanation.contributions.end(),
        [](const auto& a, const auto& b) { return std::abs(a.ibu) > std::abs(b.ibu); });
  }
  return explanations;
}

}  // namespace pipelines
