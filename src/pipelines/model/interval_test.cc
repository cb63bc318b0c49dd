// Intervals: coverage, width, scale.
#include "pipelines/model/interval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace pipelines {
namespace {

struct Sample {
  std::vector<float> labels, predictions, difficulties;
};

/// Residuals whose size the difficulty knows.
Sample sample(int rows, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> noise;
  Sample result;
  for (int i = 0; i < rows; ++i) {
    const float spread = i % 2 ? 2 : 8;
    result.predictions.push_back(50);
    result.labels.push_back(50 + spread * noise(random));
    result.difficulties.push_back(spread);
  }
  return result;
}

TEST(Interval, CoversTheAskedShareOfBeersItWasNotCalibratedOn) {
  const Sample known = sample(2000, 1);
  const IntervalRule rule = calibrate(known.labels, known.predictions, known.difficulties, 0.9);
  EXPECT_GE(rule.coverage, 0.9);
  const Sample fresh = sample(20'000, 2);
  double held = 0;
  for (std::size_t i = 0; i < fresh.labels.size(); ++i) {
    held += rule.around(fresh.predictions[i], fresh.difficulties[i]).holds(fresh.labels[i]);
  }
  EXPECT_NEAR(held / 20'000, 0.9, 0.02);
}

TEST(Interval, IsWiderWhereTheBeerIsHarderAndStaysWithinTheScale) {
  const Sample known = sample(500, 1);
  const IntervalRule rule = calibrate(known.labels, known.predictions, known.difficulties, 0.9);
  EXPECT_GT(rule.around(50, 8).width(), rule.around(50, 4).width());
  EXPECT_EQ(rule.around(50, 0).width(), rule.around(50, rule.floor).width());
  EXPECT_EQ(rule.around(1, 8).low, 0);
  EXPECT_EQ(rule.around(99, 8).high, 100);
}

TEST(Interval, ComesBackFromItsFile) {
  const Sample known = sample(300, 1);
  const IntervalRule rule = calibrate(known.labels, known.predictions, known.difficulties, 0.8);
  const IntervalRule read = IntervalRule::from_json(rule.to_json());
  EXPECT_DOUBLE_EQ(read.quantile, rule.quantile);
  EXPECT_DOUBLE_EQ(read.floor, rule.floor);
  EXPECT_DOUBLE_EQ(read.mean_width, rule.mean_width);
  EXPECT_EQ(read.rows, 300U);
}

}  // namespace
}  // namespace pipelines
