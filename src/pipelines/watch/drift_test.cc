// Distances between two distributions: nothing without a shift, and the textbook's values.
#include "pipelines/watch/drift.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace pipelines {
namespace {

namespace json = boost::json;

std::vector<double> normals(std::size_t count, double mean, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<double> values;
  values.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double u = static_cast<double>((random() >> 11) + 1) * 0x1.0p-53;
    const double v = static_cast<double>(random() >> 11) * 0x1.0p-53;
    values.push_back(mean + std::sqrt(-2 * std::log(u)) * std::cos(2 * M_PI * v));
  }
  return values;
}

Baseline baseline(const std::vector<double>& values, std::size_t rows) {
  return read_baselines(
             json::object{{"features", json::array{monitor::number_statistics(
                                           "x", monitor::Type::kFractional, values, rows)}}})
      .at(0);
}

TEST(Psi, IsZeroOfTheSameValuesAndTheTextbooksOtherwise) {
  std::vector<double> values;
  values.reserve(1000);
  for (int i = 0; i < 1000; ++i) values.push_back(i);
  EXPECT_NEAR(psi(baseline(values, 1000).distribution, values).value, 0, 1e-9);
  // Half of the values move from the lower five bins to the upper five:
  // 5 × (0.05 − 0.1) ln(0.5) + 5 × (0.15 − 0.1) ln(1.5).
  std::vector<double> moved;
  moved.reserve(1000);
  for (int i = 0; i < 1000; ++i) moved.push_back(i < 250 ? i * 2 : 500 + (i - 250) * 500.0 / 750);
  EXPECT_NEAR(psi(baseline(values, 1000).distribution, moved).value,
              5 * (-0.05) * std::log(0.5) + 5 * 0.05 * std::log(1.5), 0.01);
}

TEST(Psi, KnowsValuesThatRepeat) {
  const std::vector<double> flags{0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
  const Psi found = psi(baseline(flags, 10).distribution, std::vector<double>{1, 1, 1, 1});
  EXPECT_GT(found.value, 1);
  EXPECT_LE(found.bins, 3U);
}

TEST(KsChance, IsTheTablesCriticalValue) {
  // D = 1.358 √((n + m) / nm) is exceeded 5 times of 100, 1.628 once.
  const double root = std::sqrt(2000.0 / (1000.0 * 1000.0));
  EXPECT_NEAR(ks_chance(1.358 * root, 1000, 1000), 0.05, 0.003);
  EXPECT_NEAR(ks_chance(1.628 * root, 1000, 1000), 0.01, 0.001);
  EXPECT_EQ(ks_chance(0, 50, 50), 1);
}

TEST(DriftOf, RarelyCriesWithoutAShiftAndAlwaysWithOne) {
  int cried = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Baseline then = baseline(normals(240, 0, seed), 240);
    cried += drift_of(then, normals(100, 0, seed + 1000), 100, {}, 1).breached();
    EXPECT_TRUE(drift_of(then, normals(100, 1.2, seed + 2000), 100, {}, 80).drifted) << seed;
  }
  EXPECT_LE(cried, 2);
}

TEST(DriftOf, SeesMissingValuesAndValuesOutOfRange) {
  const Baseline then = baseline(normals(200, 0, 3), 200);
  const Drift missing = drift_of(then, normals(50, 0, 4), 100, {}, 80);
  EXPECT_TRUE(missing.missing_breach);
  EXPECT_DOUBLE_EQ(missing.missing_now, 0.5);
  std::vector<double> far = normals(100, 0, 5);
  for (std::size_t i = 0; i < 20; ++i) far[i] = 50;
  const Drift outside = drift_of(then, far, 100, {}, 80);
  EXPECT_TRUE(outside.range_breach);
  EXPECT_NEAR(outside.outside, 0.2, 0.03);
}

TEST(DriftOf, SaysNothingOfAColumnThatWasNeverThere) {
  const Drift drift = drift_of(baseline({}, 100), normals(100, 0, 1), 100, {}, 1);
  EXPECT_EQ(drift.psi, 0);
  EXPECT_FALSE(drift.drifted);
}

TEST(Baselines, RefuseWhatIsNoStatistics) {
  EXPECT_THROW(read_baselines(json::value("no")), std::runtime_error);
}

}  // namespace
}  // namespace pipelines
