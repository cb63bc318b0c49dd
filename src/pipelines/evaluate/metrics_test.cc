// Errors by hand and by resampling.
#include "pipelines/evaluate/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace pipelines {
namespace {

const std::vector<float> kLabels{10, 20, 30, 40};
const std::vector<double> kPredictions{12, 18, 30, 44};
const std::vector<std::uint32_t> kAlone{0, 1, 2, 3};

TEST(Errors, AreThoseComputedByHand) {
  const Errors errors = errors_of(kLabels, kPredictions);
  EXPECT_DOUBLE_EQ(errors.mae, 2);
  EXPECT_DOUBLE_EQ(errors.mse, 6);
  EXPECT_DOUBLE_EQ(errors.rmse, std::sqrt(6.0));
  EXPECT_DOUBLE_EQ(errors.r2, 1 - 6.0 / 125);
}

TEST(Errors, NeedARowAndSurviveEqualLabels) {
  EXPECT_THROW(errors_of({}, {}), std::invalid_argument);
  const std::vector<float> equal{5, 5};
  EXPECT_EQ(errors_of(equal, std::vector<double>{4, 6}).r2, 0);
}

TEST(Spearman, LooksAtTheOrderAlone) {
  EXPECT_DOUBLE_EQ(errors_of(kLabels, std::vector<double>{1, 2, 3, 90}).spearman, 1);
  EXPECT_DOUBLE_EQ(errors_of(kLabels, std::vector<double>{4, 3, 2, 1}).spearman, -1);
  // Ranks 0.5, 0.5, 2.5, 2.5 against 0, 1, 2, 3.
  EXPECT_DOUBLE_EQ(errors_of(kLabels, std::vector<double>{5, 5, 8, 8}).spearman,
                   4 / std::sqrt(4.0 * 5.0));
}

TEST(Spread, AreRepeatableAndNullForARowThatNeverErrs) {
  const Spread one = spread_of(kLabels, kPredictions, kAlone, 100, 7);
  const Spread two = spread_of(kLabels, kPredictions, kAlone, 100, 7);
  EXPECT_EQ(one.deviation.mae, two.deviation.mae);
  EXPECT_GT(one.deviation.mae, 0);
  EXPECT_LT(one.low.mae, 2);
  EXPECT_GT(one.high.mae, 2);
  const std::vector<double> exact(kLabels.begin(), kLabels.end());
  EXPECT_EQ(spread_of(kLabels, exact, kAlone, 100, 7).deviation.mae, 0);
}

TEST(Spread, GrowWhenRelativesErrTogether) {
  std::vector<float> labels(60, 0);
  std::vector<double> predictions(60);
  std::vector<std::uint32_t> alone(60), families(60);
  for (std::uint32_t i = 0; i < 60; ++i) {
    predictions[i] = i / 10;
    alone[i] = i;
    families[i] = i / 10;
  }
  EXPECT_GT(spread_of(labels, predictions, families, 400, 7).deviation.mae,
            2 * spread_of(labels, predictions, alone, 400, 7).deviation.mae);
}

}  // namespace
}  // namespace pipelines
