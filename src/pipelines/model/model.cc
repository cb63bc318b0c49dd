// The artifact: reading it, checking that it fits this program, predicting with it.
#include "pipelines/model/model.h"

#include "beer/features.h"
#include "pipelines/files.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
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

Model::Model(Booster booster, Booster difficulty)
    : booster_(std::move(booster)), difficulty_(std::move(difficulty)) {}

Model Model::load(const std::filesystem::path& folder) {
  try {
    // The hash first: with other columns nothing else is worth reading.
    const FeatureSet set =
        check_features(json::parse(read_file(folder / "beer" / "features.json")));
    Model model(Booster(read_file(folder / "xgboost-model")),
                Booster(read_file(folder / "beer" / "difficulty-model")));
    model.feature_set_ = set;
    model.columns_ = feature_columns(set);
    model.interval_ = IntervalRule::from_json(read_file(folder / "beer" / "interval.json"));
    model.training_ = read_file(folder / "beer" / "training.json");
    if (model.booster_.features() != model.columns_.size()) {
      throw std::runtime_error(fmt::format("its booster has {} columns, its feature list {}",
                                           model.booster_.features(), model.columns_.size()));
    }
    return model;
  } catch (const std::exception& error) {
    throw std::runtime_error(
        fmt::format("The model in {} can't be used: {}", folder.string(), error.what()));
  }
}

std::vector<Prediction> Model::predict(const Table& rows) const {
  const Table seen = rows.pick_columns(columns_);
  const auto values = booster_.predict(seen.values, seen.rows());
  const auto difficulties = difficulty_.predict(difficulty_table(seen, values).values, seen.rows());
  std::vector<Prediction> predictions;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double ibu = clip_ibu(values[i]);
    const auto bounds = interval_.around(ibu, difficulties[i]);
    predictions.push_back({ibu, bounds.low, bounds.high});
  }
  return predictions;
}

std::vector<Explanation> Model::explain(const Table& rows) const {
  const Table seen = rows.pick_columns(columns_);
  const Matrix matrix(seen.values, seen.rows(), seen.columns);
  std::vector<float> values;
  {
    const std::lock_guard lock(*explaining_);
    values = booster_.contributions(matrix);
  }
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
