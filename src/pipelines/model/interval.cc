// Normalised split-conformal intervals, calibrated on out-of-fold residuals.
#include "pipelines/model/interval.h"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>

namespace pipelines {
namespace {

namespace json = boost::json;

/// No beer counts as easier than this share of the mean residual.
constexpr double kFloorShare = 0.35;

}  // namespace

IntervalRule::Bounds IntervalRule::around(double prediction, double difficulty) const {
  const double half = quantile * std::max(difficulty, floor);
  return {clip_ibu(prediction - half), clip_ibu(prediction + half)};
}

std::string IntervalRule::to_json() const {
  return json::serialize(
             json::object{{"method", "conformal, residual divided by difficulty, out of fold"},
                          {"level", level},
                          {"quantile", quantile},
                          {"floor", floor},
                          {"rows", rows},
                          {"coverage", coverage},
                          {"mean_width", mean_width}}) +
         "\n";
}

IntervalRule IntervalRule::from_json(std::string_view text) {
  const json::value value = json::parse(json::string_view(text.data(), text.size()));
  IntervalRule rule;
  rule.level = value.at("level").to_number<double>();
  rule.quantile = value.at("quantile").to_number<double>();
  rule.floor = value.at("floor").to_number<double>();
  rule.rows = value.at("rows").to_number<std::size_t>();
  rule.coverage = value.at("coverage").to_number<double>();
  rule.mean_width = value.at("mean_width").to_number<double>();
  return rule;
}

IntervalRule calibrate(std::span<const float> labels, std::span<const float> predictions,
                       std::span<const float> difficulties, double level) {
  std::vector<double> residuals;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    residuals.push_back(std::abs(labels[i] - clip_ibu(predictions[i])));
  }
  const auto count = static_cast<double>(labels.size());
  IntervalRule rule{.level = level, .rows = labels.size()};
  const double mean = std::accumulate(residuals.begin(), residuals.end(), 0.0) / count;
  rule.floor = std::max(kFloorShare * mean, 1e-3);

  std::vector<double> scores;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    scores.push_back(residuals[i] / std::max<double>(difficulties[i], rule.floor));
  }
  std::sort(scores.begin(), scores.end());
  const auto rank = static_cast<std::size_t>(std::ceil((count + 1) * level));
  rule.quantile = scores[std::min(rank, scores.size()) - 1];

  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto bounds = rule.around(clip_ibu(predictions[i]), difficulties[i]);
    rule.coverage += bounds.holds(labels[i]) / count;
    rule.mean_width += bounds.width() / count;
  }
  return rule;
}

Table difficulty_table(const Table& table, std::span<const float> predictions,
                       std::vector<float> residuals) {
  if (residuals.empty()) residuals.assign(table.rows(), 0);
  Table result{table.columns + 1, std::move(residuals), {}};
  result.values.reserve(table.rows() * result.columns);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto row = table.row(i);
    result.values.insert(result.values.end(), row.begin(), row.end());
    result.values.push_back(predictions[i]);
  }
  return result;
}

}  // namespace pipelines
