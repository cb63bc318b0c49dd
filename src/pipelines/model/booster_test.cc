// XGBoost behind its wrapper: same bytes, same predictions, averages, explanations.
#include "pipelines/model/booster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace pipelines {
namespace {

constexpr std::size_t kRows = 60;
constexpr std::size_t kColumns = 3;

/// y = 10 x0 − 5 x1, with some values missing.
struct Data {
  Data() {
    for (std::size_t i = 0; i < kRows; ++i) {
      const auto a = static_cast<float>(i % 7);
      const auto b = static_cast<float>(i % 5);
      values.insert(values.end(), {i % 11 == 0 ? NAN : a, b, static_cast<float>(i % 3)});
      labels.push_back(10 * a - 5 * b);
    }
  }
  std::vector<float> values;
  std::vector<float> labels;
};

Booster grown(const Data& data, int seed, int rounds = 12) {
  const Matrix matrix(data.values, kRows, kColumns, data.labels);
  const Matrix* matrices[] = {&matrix};
  Booster booster({{"max_depth", "3"},
                   {"subsample", "0.7"},
                   {"base_score", "20"},
                   {"seed", std::to_string(seed)},
                   {"seed_per_iteration", "1"}},
                  matrices);
  for (int round = 0; round < rounds; ++round) booster.grow(round, matrix);
  return booster;
}

TEST(Booster, PredictsTheSameFromBothFormsOfItsModel) {
  const Data data;
  const Booster booster = grown(data, 1);
  const auto expected = booster.predict(data.values, kRows);
  EXPECT_EQ(Booster(booster.ubjson()).predict(data.values, kRows), expected);
  EXPECT_EQ(Booster(booster.json()).predict(data.values, kRows), expected);
  EXPECT_EQ(booster.predict(Matrix(data.values, kRows, kColumns)), expected);
  EXPECT_EQ(booster.features(), kColumns);
}

TEST(Booster, GrowsTheSameBytesFromTheSameSeed) {
  const Data data;
  EXPECT_EQ(grown(data, 1).ubjson(), grown(data, 1).ubjson());
  EXPECT_NE(grown(data, 1).ubjson(), grown(data, 2).ubjson());
}

TEST(Booster, CanPredictByItsFirstRoundsOnly) {
  const Data data;
  const Matrix matrix(data.values, kRows, kColumns);
  EXPECT_EQ(grown(data, 1, 12).predict(matrix, 5), grown(data, 1, 5).predict(matrix));
}

TEST(Booster, ExplainsAPredictionToItsSum) {
  const Data data;
  const Booster booster = grown(data, 1);
  const auto predictions = booster.predict(data.values, kRows);
  const auto shares = booster.contributions(Matrix(data.values, kRows, kColumns));
  ASSERT_EQ(shares.size(), kRows * (kColumns + 1));
  for (std::size_t i = 0; i < kRows; ++i) {
    const auto* row = shares.data() + i * (kColumns + 1);
    EXPECT_NEAR(std::accumulate(row, row + kColumns + 1, 0.0F), predictions[i], 1e-3);
  }
}

TEST(Booster, TellsWhatXgboostRefuses) {
  EXPECT_THROW(Booster("this is no model"), BoosterError);
  const Data data;
  const Matrix matrix(data.values, kRows, kColumns, data.labels);
  const Matrix* matrices[] = {&matrix};
  EXPECT_THROW(
      {
        Booster booster({{"objective", "reg:nonsense"}}, matrices);
        booster.grow(0, matrix);
      },
      BoosterError);
}

TEST(AverageModels, PredictsTheMeanOfTheModels) {
  const Data data;
  const std::vector<Booster> boosters{grown(data, 1), grown(data, 2), grown(data, 3)};
  std::vector<std::string> models;
  for (const Booster& booster : boosters) models.push_back(booster.json());
  const Booster average(average_models(models));
  const auto values = average.predict(data.values, kRows);
  for (std::size_t i = 0; i < kRows; ++i) {
    double mean = 0;
    for (const Booster& booster : boosters) mean += booster.predict(data.values, kRows)[i] / 3.0;
    EXPECT_NEAR(values[i], mean, 1e-3);
  }
  EXPECT_EQ(average_models(std::vector{models[0]}), models[0]);
}

TEST(AverageModels, WeighsTheModels) {
  const Data data;
  const std::vector<std::string> models{grown(data, 1).json(), grown(data, 2).json()};
  const auto first = Booster(models[0]).predict(data.values, kRows);
  const auto second = Booster(models[1]).predict(data.values, kRows);
  const auto both =
      Booster(average_models(models, std::vector{0.2, 0.8})).predict(data.values, kRows);
  for (std::size_t i = 0; i < both.size(); ++i) {
    EXPECT_NEAR(both[i], 0.2 * first[i] + 0.8 * second[i], 1e-3);
  }
}

}  // namespace
}  // namespace pipelines
