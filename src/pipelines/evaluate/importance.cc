// Shares by TreeSHAP, losses by shuffling.
#include "pipelines/evaluate/importance.h"

#include "beer/features.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <utility>

namespace pipelines {
namespace {

/// At most `count` rows, as far apart as they can be.
Table sample(const Table& rows, std::size_t count) {
  if (rows.rows() <= count) return rows;
  std::vector<std::uint32_t> chosen;
  for (std::size_t i = 0; i < count; ++i) {
    chosen.push_back(static_cast<std::uint32_t>(i * rows.rows() / count));
  }
  return rows.pick_rows(chosen);
}

double mean_error(const Model& model, const Table& rows) {
  double sum = 0;
  const auto predictions = model.predict_ibu(rows);
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    sum += std::abs(predictions[i] - rows.labels[i]) / static_cast<double>(rows.rows());
  }
  return sum;
}

/// The standard's shuffle differs between libraries; this one doesn't.
void deal_anew(Table& rows, std::size_t column, std::mt19937_64& random) {
  for (std::size_t i = rows.rows(); i > 1; --i) {
    const std::size_t other = random() % i;
    std::swap(rows.values[(i - 1) * rows.columns + column],
              rows.values[other * rows.columns + column]);
  }
}

}  // namespace

std::vector<Importance> importance(const Model& model, const Table& rows,
                                   const ImportanceOptions& options) {
  const Table looked_at = sample(rows, options.rows);
  std::map<std::string_view, double> shares;
  for (const Explanation& explanation : model.explain(looked_at)) {
    for (const Contribution& part : explanation.contributions) {
      shares[part.feature] += std::abs(part.ibu) / static_cast<double>(looked_at.rows());
    }
  }
  const double undisturbed = mean_error(model, looked_at);
  std::mt19937_64 random(options.seed);
  std::vector<Importance> result;
  for (const int place : feature_columns(model.feature_set())) {
    const auto column = static_cast<std::size_t>(place);
    Importance one{.feature = beer::features()[column].name};
    one.shap = shares[one.feature];
    for (int i = 0; i < options.permutations; ++i) {
      Table disturbed = looked_at;
      deal_anew(disturbed, column, random);
      one.permutation += (mean_error(model, disturbed) - undisturbed) / options.permutations;
    }
    result.push_back(one);
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Importance& a, const Importance& b) { return a.shap > b.shap; });
  return result;
}

}  // namespace pipelines
