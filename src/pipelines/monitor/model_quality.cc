// Regression metrics, their spread, and thresholds on them.
#include "pipelines/monitor/model_quality.h"

#include "pipelines/evaluate/metrics.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <random>
#include <stdexcept>
#include <utility>
#include <vector>

namespace pipelines::monitor {
namespace {

namespace json = boost::json;

constexpr std::pair<const char*, double Errors::*> kMetrics[] = {
    {"mae", &Errors::mae}, {"mse", &Errors::mse}, {"rmse", &Errors::rmse}, {"r2", &Errors::r2}};
constexpr std::size_t kFewestForDeviations = 200;
constexpr int kDraws = 5;

const Column& column(const Dataset& data, const std::string& name, const char* what) {
  if (const Column* found = data.find(name)) return *found;
  const std::string_view digits = std::string_view(name).substr(name.starts_with("_c") ? 2 : 0);
  std::size_t place = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), place);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (whole && place < data.columns.size()) return data.columns[place];
  throw std::runtime_error(fmt::format("The {} \"{}\" is no column of the dataset, which has {}.",
                                       what, name, data.columns.size()));
}

double number_in(const Column& column, std::size_t row) {
  const auto number = number_of(*column.values[row]);
  if (number) return *number;
  throw std::runtime_error(fmt::format("The column {} has \"{}\" in row {}, which is no number.",
                                       column.name, *column.values[row], row + 1));
}

struct Pairs {
  std::vector<float> truth;
  std::vector<double> inference;
};

Pairs pairs_of(const Dataset& data, const QualityColumns& columns) {
  const Column& inference = column(data, columns.inference, "inference_attribute");
  const Column& truth = column(data, columns.ground_truth, "ground_truth_attribute");
  Pairs pairs;
  for (std::size_t row = 0; row < data.rows; ++row) {
    if (!inference.values[row] || !truth.values[row]) continue;
    pairs.truth.push_back(static_cast<float>(number_in(truth, row)));
    pairs.inference.push_back(number_in(inference, row));
  }
  if (pairs.truth.empty()) {
    throw std::runtime_error("No row of the dataset has both a prediction and the truth.");
  }
  return pairs;
}

/// The metrics of five draws of four fifths of the rows, without replacement.
std::vector<Errors> draws_of(const Pairs& pairs) {
  std::mt19937_64 random(7);
  std::vector<std::size_t> order(pairs.truth.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<Errors> drawn;
  for (int draw = 0; draw < kDraws; ++draw) {
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
    Pairs some;
    for (std::size_t i = 0; i < order.size() * 4 / 5; ++i) {
      some.truth.push_back(pairs.truth[order[i]]);
      some.inference.push_back(pairs.inference[order[i]]);
    }
    drawn.push_back(errors_of(some.truth, some.inference));
  }
  return drawn;
}

json::value deviation(const std::vector<Errors>& drawn, double Errors::*member) {
  if (drawn.empty()) return "NaN";
  double mean = 0, squares = 0;
  for (const Errors& one : drawn) mean += one.*member / kDraws;
  for (const Errors& one : drawn) squares += (one.*member - mean) * (one.*member - mean);
  return std::sqrt(squares / (kDraws - 1));
}

bool worse(double value, double threshold, std::string_view comparison) {
  return comparison == "LessThanThreshold" ? value < threshold : value > threshold;
}

}  // namespace

json::object regression_quality(const Dataset& data, const QualityColumns& columns) {
  const Pairs pairs = pairs_of(data, columns);
  const Errors errors = errors_of(pairs.truth, pairs.inference);
  const auto drawn =
      pairs.truth.size() < kFewestForDeviations ? std::vector<Errors>() : draws_of(pairs);
  json::object metrics;
  for (const auto& [name, member] : kMetrics) {
    metrics[name] = {{"value", errors.*member}, {"standard_deviation", deviation(drawn, member)}};
  }
  return {{"version", 0.0},
          {"dataset", {{"item_count", pairs.truth.size()}}},
          {"regression_metrics", std::move(metrics)}};
}

json::object suggest_quality_constraints(const json::object& quality) {
  json::object constraints;
  for (const auto& [name, member] : kMetrics) {
    constraints[name] = {{"threshold", quality.at("regression_metrics").at(name).at("value")},
                         {"comparison_operator",
                          more_is_better(member) ? "LessThanThreshold" : "GreaterThanThreshold"}};
  }
  return {{"version", 0.0}, {"regression_constraints", std::move(constraints)}};
}

json::object check_quality(const json::object& quality, const json::value& constraints) {
  const auto* object = constraints.if_object();
  const auto* wanted = object ? object->if_contains("regression_constraints") : nullptr;
  if (!wanted || !wanted->is_object()) {
    throw std::runtime_error("The baseline's constraints have no \"regression_constraints\".");
  }
  json::array violations;
  for (const auto& [name, constraint] : wanted->as_object()) {
    const auto* metric = quality.at("regression_metrics").as_object().if_contains(name);
    if (!metric) continue;
    const double value = metric->at("value").to_number<double>();
    const double threshold = constraint.at("threshold").to_number<double>();
    const std::string comparison(constraint.at("comparison_operator").as_string());
    if (!worse(value, threshold, comparison)) continue;
    violations.push_back(json::object{
        {"constraint_check_type", comparison},
        {"description",
         fmt::format("Metric {} with {:g} was {} '{:g}'",
                     std::string_view(name.data(), name.size()), value, comparison, threshold)},
        {"metric_name", name}});
  }
  return {{"violations", std::move(violations)}};
}

}  // namespace pipelines::monitor
