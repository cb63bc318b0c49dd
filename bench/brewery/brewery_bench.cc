// Is the simulated brewery like the real one? The errors of the same models on both, and its speed.
//
//   brewery_bench [catalogue.json]     a JSON array of real beers is judged beside the simulated
//   ones
#include "beer/brewery/brewery.h"
#include "beer/cleaned.h"
#include "beer/families.h"
#include "beer/features.h"
#include "pipelines/model/booster.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

namespace {

constexpr std::uint32_t kFolds = 5;
constexpr int kRepeats = 2;
constexpr int kRounds = 300;
// The mission's six, with the three that derive from nothing else.
constexpr std::array kSixColumns{0, 1, 2, 3, 4, 5, 6, 7, 9};

using Rows = std::vector<beer::Cleaned>;

Rows teachable(Rows rows) {
  std::erase_if(rows, [](const auto& row) { return row.label != beer::LabelStatus::kOk; });
  return rows;
}

Rows simulated(std::uint64_t seed) {
  constexpr std::uint64_t kBeers = 415;
  beer::Brewery brewery(seed);
  Rows rows;
  for (std::uint64_t id = 1; id <= kBeers; ++id) rows.push_back(beer::clean(brewery.beer(id), {}));
  return teachable(std::move(rows));
}

Rows real(const char* path) {
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  boost::json::value root = boost::json::parse(text);
  Rows rows;
  for (const auto& beer : root.as_array()) {
    rows.push_back(beer::clean(boost::json::serialize(beer), {}));
  }
  return teachable(std::move(rows));
}

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

struct Errors {
  double mean = 0;
  double six = 0;
  double recipe = 0;
};

// Mean absolute errors under repeated cross-validation, whole families held out.
Errors judge(const Rows& rows) {
  std::vector<beer::FamilyKeys> keys;
  for (const auto& row : rows) keys.push_back(row.keys);
  std::vector<std::uint32_t> families = beer::families(keys);
  std::vector<int> six(kSixColumns.begin(), kSixColumns.end());
  std::vector<int> all(beer::features().size());
  std::iota(all.begin(), all.end(), 0);
  Errors sum;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
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
  double n = static_cast<double>(rows.size()) * kRepeats;
  return {sum.mean / n, sum.six / n, sum.recipe / n};
}

void print(std::string_view source, const Rows& rows) {
  Errors errors = judge(rows);
  fmt::print("{:<20} {:>6} {:>8.2f} {:>8.2f} {:>8.2f}\n", source, rows.size(), errors.mean,
             errors.six, errors.recipe);
}

template <class F>
void print_speed(std::string_view what, std::size_t beers, F&& work) {
  auto start = std::chrono::steady_clock::now();
  work();
  std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  fmt::print("{:<36} {:>12.0f}\n", what, static_cast<double>(beers) / seconds.count());
}

void print_speeds() {
  constexpr std::size_t kBeers = 20'000;
  beer::Brewery brewery(1);
  std::vector<std::string> texts(kBeers);
  std::vector<beer::Beer> beers(kBeers);
  fmt::print("\n{:<36} {:>12}\n", "one core", "beers/s");
  print_speed("simulate as JSON", kBeers, [&] {
    for (std::size_t i = 0; i < kBeers; ++i) texts[i] = brewery.beer(i + 1);
  });
  print_speed("parse and check", kBeers, [&] {
    for (std::size_t i = 0; i < kBeers; ++i) {
      beers[i] = beer::check(*beer::parse_beer(texts[i]).beer).beer;
    }
  });
  print_speed("compute features", kBeers, [&] {
    for (const auto& beer : beers) beer::compute_features(beer);
  });
  print_speed("clean to a line of the table", kBeers, [&] {
    for (const auto& text : texts) beer::clean(text, {}).to_json();
  });
}

}  // namespace

int main(int argc, char** argv) {
  fmt::print("{:<20} {:>6} {:>8} {:>8} {:>8}   (MAE in IBU, families held out)\n", "source",
             "beers", "mean", "six", "recipe");
  if (argc > 1) print("real", real(argv[1]));
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    print(fmt::format("simulated, seed {}", seed), simulated(seed));
  }
  print_speeds();
}
