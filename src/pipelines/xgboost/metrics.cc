// Errors of numbers, and counts of classes taken for one another.
#include "pipelines/xgboost/metrics.h"

#include "pipelines/xgboost/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

namespace pipelines::xgboost {
namespace {

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

double mean_squared_error(std::span<const float> labels, std::span<const float> predictions) {
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) sum += std::pow(predictions[i] - labels[i], 2);
  return sum / static_cast<double>(labels.size());
}

double r2(std::span<const float> labels, std::span<const float> predictions) {
  const auto count = static_cast<double>(labels.size());
  const double mean = std::accumulate(labels.begin(), labels.end(), 0.0) / count;
  double spread = 0;
  for (const float label : labels) spread += std::pow(label - mean, 2);
  return spread > 0 ? 1 - mean_squared_error(labels, predictions) * count / spread : 0;
}

/// The class of each row.
std::vector<int> classes_of(std::span<const float> predictions, std::size_t rows,
                            std::string_view objective) {
  std::vector<int> classes(rows);
  const std::size_t each = rows == 0 ? 1 : predictions.size() / rows;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto row = predictions.subspan(i * each, each);
    if (each > 1) {
      classes[i] = static_cast<int>(std::max_element(row.begin(), row.end()) - row.begin());
    } else if (objective == "multi:softmax") {
      classes[i] = static_cast<int>(row[0]);
    } else {
      classes[i] = row[0] > (objective == "binary:logitraw" ? 0.0F : 0.5F) ? 1 : 0;
    }
  }
  return classes;
}

/// How one class was met: hits, what was taken for it, and what it is.
struct Hits {
  double right = 0;
  double predicted = 0;
  double actual = 0;

  double precision() const { return share(right, predicted); }
  double recall() const { return share(right, actual); }
  double f1() const { return share(2 * right, predicted + actual); }
};

class Counts {
 public:
  Counts(std::span<const float> labels, const std::vector<int>& classes) {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const int label = static_cast<int>(labels[i]);
      hits_[label].actual += 1;
      hits_[classes[i]].predicted += 1;
      if (label == classes[i]) hits_[label].right += 1;
    }
  }

  double accuracy() const {
    Hits all;
    for (const auto& [label, hits] : hits_) {
      all.right += hits.right;
      all.actual += hits.actual;
    }
    return all.recall();
  }
  /// The mean over the classes; over those that occur among the labels where `occurring`.
  double macro(double (Hits::*measure)() const, bool occurring = false) const {
    double sum = 0;
    double count = 0;
    for (const auto& [label, hits] : hits_) {
      if (occurring && hits.actual == 0) continue;
      sum += (hits.*measure)();
      count += 1;
    }
    return share(sum, count);
  }
  double binary(std::string_view metric, double (Hits::*measure)() const) const {
    for (const auto& [label, hits] : hits_) {
      if (label != 0 && label != 1) {
        throw UserError(fmt::format(
            "Metric {} is for two classes, 0 and 1: choose another average setting", metric));
      }
    }
    const auto at = hits_.find(1);
    return at == hits_.end() ? 0 : (at->second.*measure)();
  }

 private:
  std::map<int, Hits> hits_;
};

}  // namespace

double added_metric(std::string_view name, std::span<const float> labels,
                    std::span<const float> predictions, std::string_view objective) {
  if (name == "mse" || name == "r2") {
    if (predictions.size() != labels.size()) {
      throw UserError(fmt::format("Metric {} is for one number a row", name));
    }
    return name == "mse" ? mean_squared_error(labels, predictions) : r2(labels, predictions);
  }
  const Counts counts(labels, classes_of(predictions, labels.size(), objective));
  if (name == "balanced_accuracy") return counts.macro(&Hits::recall, true);
  if (name == "f1" || name == "f1_macro") return counts.macro(&Hits::f1);
  if (name == "f1_binary") return counts.binary(name, &Hits::f1);
  if (name == "precision") return counts.binary(name, &Hits::precision);
  if (name == "recall") return counts.binary(name, &Hits::recall);
  if (name == "precision_macro") return counts.macro(&Hits::precision);
  if (name == "recall_macro") return counts.macro(&Hits::recall);
  // Over all classes together, what is taken for one is what another lacks: both micro averages
  // are the accuracy.
  return counts.accuracy();
}

bool more_is_better(std::string_view metric) {
  const std::string_view name = metric.substr(0, metric.find('@'));
  for (const char* one : {"accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary",
                          "f1_macro", "map", "ndcg", "precision", "r2", "recall", "precision_macro",
                          "precision_micro", "recall_macro", "recall_micro"}) {
    if (name == one) return true;
  }
  return false;
}

}  // namespace pipelines::xgboost
