// The forest, and what XGBoost makes of it.
#include "pipelines/train/extra_trees.h"

#include "pipelines/train/cross_validation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace pipelines {
namespace {

/// Labels that follow the first column, where it is there; the others are noise.
Table data(std::size_t rows, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto number = [&] { return static_cast<float>(random() % 1000) / 10.0F; };
  Table table{.columns = 4, .labels = {}, .values = {}};
  for (std::size_t i = 0; i < rows; ++i) {
    const float first = number();
    const bool missing = random() % 8 == 0;
    table.labels.push_back(missing ? 90.0F : first / 2 + number() / 20);
    table.values.push_back(missing ? std::numeric_limits<float>::quiet_NaN() : first);
    for (int column = 1; column < 4; ++column) table.values.push_back(number());
  }
  return table;
}

Booster small_booster(const Table& table) {
  return fit(table, {{"base_score", "40"}, {"seed", "1"}, {"verbosity", "0"}}, 3);
}

TEST(ExtraTrees, LearnAColumnAndWhereItsMissingValuesBelong) {
  const auto forest = ExtraTrees::grow(data(400, 1), {});
  const Table fresh = data(200, 2);
  const auto values = forest.predict(fresh);
  double error = 0;
  for (std::size_t i = 0; i < values.size(); ++i) error += std::abs(values[i] - fresh.labels[i]);
  EXPECT_LT(error / 200, 5);
}

TEST(ExtraTrees, GrowTheSameFromTheSameSeed) {
  const Table table = data(120, 1);
  const std::string like = small_booster(table).json();
  const auto model = [&](std::uint64_t seed) {
    return ExtraTrees::grow(table, {10, 3, seed}).as_model(like);
  };
  EXPECT_EQ(model(1), model(1));
  EXPECT_NE(model(1), model(2));
}

TEST(ExtraTrees, SayTheSameAsXgboostOfTheirModel) {
  const Table table = data(150, 1);
  const auto forest = ExtraTrees::grow(table, {20, 2, 7});
  const Booster booster(forest.as_model(small_booster(table).json()));
  const Table fresh = data(50, 2);
  const auto ours = forest.predict(fresh);
  const auto theirs = booster.predict(fresh.values, fresh.rows());
  for (std::size_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours[i], theirs[i], 1e-3);
}

TEST(ExtraTrees, AreExplainedExactly) {
  const Table table = data(150, 1);
  const std::string like = small_booster(table).json();
  const std::vector<std::string> models{like, ExtraTrees::grow(table, {20, 2, 7}).as_model(like)};
  const std::vector<double> weights{0.25, 0.75};
  const Booster both(average_models(models, weights));
  const auto predictions = both.predict(table.values, table.rows());
  const auto shares = both.contributions(Matrix(table.values, table.rows(), table.columns));
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const float* row = shares.data() + i * (table.columns + 1);
    EXPECT_NEAR(std::accumulate(row, row + table.columns + 1, 0.0F), predictions[i], 1e-3);
  }
}

TEST(ExtraTrees, GiveTheMeanWhereNothingCanBeParted) {
  const Table table{.columns = 1, .labels = {1, 2, 6}, .values = {5, 5, 5}};
  EXPECT_FLOAT_EQ(ExtraTrees::grow(table, {3, 1, 7}).predict(table).at(0), 3);
}

}  // namespace
}  // namespace pipelines
