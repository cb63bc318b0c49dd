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

TEST(ErrorDeviations, AreRepeatableAndNullForARowThatNeverErrs) {
  const Errors one = error_deviations(kLabels, kPredictions, kAlone, 100, 7);
  const Errors two = error_deviations(kLabels, kPredictions, kAlone, 100, 7);
  EXPECT_EQ(one.mae, two.mae);
  EXPECT_GT(one.mae, 0);
  const std::vector<double> exact(kLabels.begin(), kLabels.end());
  EXPECT_EQ(error_deviations(kLabels, exact, kAlone, 100, 7).mae, 0);
}

TEST(ErrorDeviations, GrowWhenRelativesErrTogether) {
  std::vector<float> labels(60, 0);
  std::vector<double> predictions(60);
  std::vector<std::uint32_t> alone(60), families(60);
  for (std::uint32_t i = 0; i < 60; ++i) {
    predictions[i] = i / 10;
    alone[i] = i;
    families[i] = i / 10;
  }
  EXPECT_GT(error_deviations(labels, predictions, families, 400, 7).mae,
            2 * error_deviations(labels, predictions, alone, 400, 7).mae);
}

}  // namespace
}  // namespace pipelines
