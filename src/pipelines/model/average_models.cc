// Several boosters as one: their trees side by side, every leaf times its model's weight.
#include "pipelines/model/booster.h"

#include <boost/json.hpp>

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

namespace pipelines {
namespace {

namespace json = boost::json;

json::object& trees_of(json::value& model) {
  return model.at("learner").at("gradient_booster").at("model").as_object();
}

/// In XGBoost's JSON a node without a left child is a leaf, and its value stands in
/// split_conditions. base_weights are scaled too: explanations are made of them.
void scale_leaves(json::object& tree, double factor) {
  const json::array& left = tree.at("left_children").as_array();
  json::array& values = tree.at("split_conditions").as_array();
  json::array& weights = tree.at("base_weights").as_array();
  for (std::size_t node = 0; node < left.size(); ++node) {
    if (left[node].as_int64() == -1) values[node] = values[node].to_number<double>() * factor;
    weights[node] = weights[node].to_number<double>() * factor;
  }
}

}  // namespace

std::string average_models(std::span<const std::string> models, std::span<const double> weights) {
  if (models.empty()) throw std::invalid_argument("No model to average.");
  if (models.size() == 1) return models.front();
  json::value whole = json::parse(models.front());
  json::object& merged = trees_of(whole);
  json::array trees;
  for (std::size_t i = 0; i < models.size(); ++i) {
    json::value one = json::parse(models[i]);
    const double weight = weights.empty() ? 1.0 / static_cast<double>(models.size()) : weights[i];
    for (json::value& tree : trees_of(one).at("trees").as_array()) {
      json::object& grown = tree.as_object();
      scale_leaves(grown, weight);
      grown["id"] = static_cast<std::int64_t>(trees.size());
      trees.push_back(std::move(grown));
    }
  }
  merged["tree_info"] = json::array(trees.size(), json::value(0));
  merged.at("gbtree_model_param").as_object()["num_trees"] = std::to_string(trees.size());
  merged["trees"] = std::move(trees);
  return json::serialize(whole);
}

}  // namespace pipelines
