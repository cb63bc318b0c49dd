// The models: depth 4, 300 rounds, as the real catalogue was measured with.
#include "judge.h"

#include "beer/brewery/brewery.h"
#include "beer/families.h"
#include "beer/features.h"
#include "pipelines/model/booster.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

namespace bench {
namespace {

constexpr std::uint32_t kFolds = 5;
constexpr int kRounds = 300;
// The mission's six, with the three that derive from nothing else.
constexpr std::array kSixColumns{0, 1, 2, 3, 4, 5, 6, 7, 9};

// The chosen columns of the chosen rows, one after the other.
std::vector<float> values_of(const Rows& rows, const std::vector<std::uint32_t>& chosen,
                             const std::vector<int>& columns) {
  std::vector<float> values;
  for (std::uint32_t row : chosen) {
    for (int column : columns) {
      values.push_back(rows[row].features[static_cast<std::size_t>(column)]);
    }
  }
  return values;
}

std::vector<float> labels_of(const Rows& rows, const std::vector<std::uint32_t>& chosen) {
  std::vector<float> labels;
  for (std::uint32_t row : chosen) labels.push_back(static_cast<float>(*rows[row].ibu));
  return labels;
}

double mean_of(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<float> predict(const Rows& rows, const std::vector<std::uint32_t>& train,
                           const std::vector<std::uint32_t>& test,
                           const std::vector<int>& columns) {
  std::vector<float> labels = labels_of(rows, train);
  pipelines::Matrix matrix(values_of(rows, train, columns), train.size(), columns.size(), labels);
  const pipelines::Matrix* matrices[] = {&matrix};
  pipelines::Booster booster({{"max_depth", "4"},
                              {"eta", "0.03"},
                              {"subsample", "0.7"},
                              {"colsample_bynode", "0.4"},
                              {"min_child_weight", "4"},
                              {"lambda", "2"},
                              {"tree_method", "exact"},
                              {"base_score", std::to_string(mean_of(labels))},
                              {"seed", "1"}},
                             matrices);
  for (int round = 0; round < kRounds; ++round) booster.grow(round, matrix);
  return booster.predict(values_of(rows, test, columns), test.size());
}

}  // namespace

Rows teachable(Rows rows) {
  std::erase_if(rows, [](const auto& row) { return row.label != beer::LabelStatus::kOk; });
  return rows;
}

Rows simulated(std::uint64_t seed, std::uint64_t beers) {
  const beer::Brewery brewery(seed);
  Rows rows;
  for (std::uint64_t id = 1; id <= beers; ++id) rows.push_back(beer::clean(brewery.beer(id), {}));
  return teachable(std::move(rows));
}

Errors judge(const Rows& rows, int repeats) {
  std::vector<beer::FamilyKeys> keys;
  for (const auto& row : rows) keys.push_back(row.keys);
  std::vector<std::uint32_t> families = beer::families(keys);
  std::vector<int> six(kSixColumns.begin(), kSixColumns.end());
  std::vector<int> all(beer::features().size());
  std::iota(all.begin(), all.end(), 0);
  Errors sum;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    auto folds = beer::grouped_folds(families, kFolds, static_cast<std::uint64_t>(repeat));
    for (std::uint32_t fold = 0; fold < kFolds; ++fold) {
      std::vector<std::uint32_t> train, test;
      for (std::uint32_t row = 0; row < rows.size(); ++row) {
        (folds[row] == fold ? test : train).push_back(row);
      }
      double mean = mean_of(labels_of(rows, train));
      std::vector<float> by_six = predict(rows, train, test, six);
      std::vector<float> by_all = predict(rows, train, test, all);
      for (std::size_t i = 0; i < test.size(); ++i) {
        double ibu = *rows[test[i]].ibu;
        sum.mean += std::abs(ibu - mean);
        sum.six += std::abs(ibu - std::clamp(double{by_six[i]}, 0.0, 100.0));
        sum.recipe += std::abs(ibu - std::clamp(double{by_all[i]}, 0.0, 100.0));
      }
    }
  }
  double n = static_cast<double>(rows.size()) * repeats;
  return {sum.mean / n, sum.six / n, sum.recipe / n};
}

}  // namespace bench
