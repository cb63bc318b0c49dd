// Errors by hand and by resampling.
#include "pipelines/evaluate/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
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

/// Two models of `rows` rows in families of three: the second errs by `more` more.
struct Pair {
  std::vector<float> labels;
  std::vector<double> one, other;
  std::vector<std::uint32_t> families;
};
Pair two_models(std::size_t rows, double more, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto noise = [&] { return static_cast<double>(random() % 2001) / 100 - 10; };
  Pair pair;
  for (std::size_t i = 0; i < rows; ++i) {
    const double label = static_cast<double>(random() % 101), error = noise();
    pair.labels.push_back(static_cast<float>(label));
    pair.one.push_back(label + error);
    pair.other.push_back(label + error + (error < 0 ? -more : more) + noise() / 5);
    pair.families.push_back(static_cast<std::uint32_t>(i / 3));
  }
  return pair;
}

TEST(PairedDifference, IsNothingAtAllBetweenAModelAndItself) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Pair pair = two_models(60, 0, seed);
    for (const char* name : {"mae", "mse", "rmse", "r2", "spearman"}) {
      const auto found = paired_difference(pair.labels, pair.one, pair.one, pair.families,
                                           find_error(name).value(), 50, seed);
      EXPECT_EQ(found.difference, 0) << name;
      EXPECT_EQ(found.low, 0) << name;
      EXPECT_EQ(found.high, 0) << name;
    }
  }
}

TEST(PairedDifference, SeesWhoIsClearlyWorseAndTurnsAroundWithTheModels) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Pair pair = two_models(60, 4, seed);
    const auto worse = paired_difference(pair.labels, pair.other, pair.one, pair.families,
                                         &Errors::mae, 400, seed);
    EXPECT_GT(worse.low, 2) << seed;
    EXPECT_LE(worse.low, worse.difference);
    EXPECT_GE(worse.high, worse.difference);
    const auto better = paired_difference(pair.labels, pair.one, pair.other, pair.families,
                                          &Errors::mae, 400, seed);
    EXPECT_DOUBLE_EQ(better.difference, -worse.difference);
    EXPECT_NEAR(better.low, -worse.high, 1e-9);
  }
}

TEST(PairedDifference, HoldsTheTrueDifferenceAboutAsOftenAsItSays) {
  // Equal but for noise: 0 lies inside about 95 of 100 intervals.
  int held = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const Pair pair = two_models(90, 0, seed);
    std::vector<double> rival(pair.one.size());
    std::mt19937_64 random(seed + 1000);
    for (std::size_t i = 0; i < rival.size(); ++i) {
      rival[i] = pair.labels[i] + static_cast<double>(random() % 2001) / 100 - 10;
    }
    const auto found =
        paired_difference(pair.labels, pair.one, rival, pair.families, &Errors::mae, 300, seed);
    held += found.low <= 0 && found.high >= 0;
  }
  EXPECT_GE(held, 86);
}

TEST(PairedDifference, IsRepeatableAndNarrowerThanTwoSeparateOnes) {
  const Pair pair = two_models(60, 0.5, 3);
  const auto first =
      paired_difference(pair.labels, pair.one, pair.other, pair.families, &Errors::mae, 500, 7);
  const auto again =
      paired_difference(pair.labels, pair.one, pair.other, pair.families, &Errors::mae, 500, 7);
  EXPECT_EQ(first.low, again.low);
  EXPECT_EQ(first.high, again.high);
  const Spread alone = spread_of(pair.labels, pair.one, pair.families, 500, 7);
  EXPECT_LT(first.high - first.low, alone.high.mae - alone.low.mae);
}

}  // namespace
}  // namespace pipelines
