// Flat trees say what XGBoost says, to the last bit, of any booster and any row.
#include "pipelines/model/flat_trees.h"

#include "pipelines/model/booster.h"
#include "pipelines/model/ubjson.h"
#include "pipelines/test_beers.h"
#include "pipelines/train/train.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
using Random = std::mt19937;

float between(Random& random, float low, float high) {
  return std::uniform_real_distribution<float>(low, high)(random);
}
std::size_t below(Random& random, std::size_t count) { return random() % count; }

struct Data {
  std::size_t columns;
  std::vector<float> values, labels;
};

/// Columns of few and of many values, a share of them missing.
Data random_data(Random& random) {
  Data data{1 + below(random, 12), {}, {}};
  const std::size_t rows = 20 + below(random, 150);
  const float missing = between(random, 0, 0.4F);
  for (std::size_t i = 0; i < rows; ++i) {
    float label = 0;
    for (std::size_t column = 0; column < data.columns; ++column) {
      const float value =
          column % 3 == 0 ? static_cast<float>(below(random, 4)) - 1 : between(random, -50, 50);
      label += value / static_cast<float>(column + 1);
      data.values.push_back(between(random, 0, 1) < missing ? NAN : value);
    }
    data.labels.push_back(label + between(random, -5, 5));
  }
  return data;
}

Booster random_booster(Random& random, const Data& data) {
  const char* const methods[] = {"exact", "hist", "approx"};
  const char* const objectives[] = {"reg:squarederror", "reg:absoluteerror",
                                    "reg:pseudohubererror"};
  const Matrix matrix(data.values, data.labels.size(), data.columns, data.labels);
  const Matrix* matrices[] = {&matrix};
  Booster booster({{"tree_method", methods[below(random, 3)]},
                   {"objective", objectives[below(random, 3)]},
                   {"max_depth", std::to_string(1 + below(random, 9))},
                   {"eta", std::to_string(between(random, 0.05F, 0.9F))},
                   {"subsample", std::to_string(between(random, 0.4F, 1))},
                   {"min_child_weight", std::to_string(below(random, 4))},
                   {"num_parallel_tree", std::to_string(1 + below(random, 3))},
                   {"base_score", std::to_string(between(random, -40, 40))},
                   {"seed", std::to_string(random() % 1000)}},
                  matrices);
  const int rounds = static_cast<int>(below(random, 25));
  for (int round = 0; round < rounds; ++round) booster.grow(round, matrix);
  return booster;
}

/// The thresholds of every column, as the model file has them.
std::vector<std::vector<float>> thresholds(const Booster& booster, std::size_t columns) {
  std::vector<std::vector<float>> all(columns);
  const json::value model = json::parse(booster.json());
  for (const json::value& tree :
       model.at_pointer("/learner/gradient_booster/model/trees").as_array()) {
    const auto& left = tree.at("left_children").as_array();
    for (std::size_t node = 0; node < left.size(); ++node) {
      if (left[node].as_int64() < 0) continue;
      all[tree.at("split_indices").as_array()[node].to_number<std::size_t>()].push_back(
          static_cast<float>(tree.at("split_conditions").as_array()[node].to_number<double>()));
    }
  }
  return all;
}

/// Anything a float can be: on a threshold, a hair beside it, missing, endless, a zero of each
/// sign.
std::vector<float> random_rows(Random& random, const Booster& booster, std::size_t columns,
                               std::size_t rows) {
  const auto splits = thresholds(booster, columns);
  const float odd[] = {NAN, kInfinity, -kInfinity, 0.0F, -0.0F, 1e-42F, -3e38F, 3e38F};
  std::vector<float> values;
  for (std::size_t i = 0; i < rows * columns; ++i) {
    const auto& of_column = splits[i % columns];
    const std::size_t kind = below(random, 4);
    if (kind == 0 || of_column.empty()) {
      values.push_back(between(random, -60, 60));
    } else if (kind == 1) {
      values.push_back(odd[below(random, std::size(odd))]);
    } else {
      const float split = of_column[below(random, of_column.size())];
      const float beside = std::nextafter(split, random() % 2 == 0 ? kInfinity : -kInfinity);
      values.push_back(kind == 2 ? split : beside);
    }
  }
  return values;
}

/// The same bits, so that no tolerance hides another order of adding.
void expect_equal(const Booster& booster, const std::vector<float>& values, std::size_t rows) {
  const auto flat = FlatTrees::read(booster.ubjson());
  ASSERT_TRUE(flat.has_value());
  const std::size_t columns = flat->columns();
  ASSERT_EQ(columns, booster.features());
  const std::vector<float> expected = booster.predict(values, rows);
  std::vector<float> together(rows);
  flat->predict(values, together);
  for (std::size_t i = 0; i < rows; ++i) {
    const float alone = flat->predict(std::span(values).subspan(i * columns, columns));
    EXPECT_EQ(std::bit_cast<unsigned>(together[i]), std::bit_cast<unsigned>(expected[i])) << i;
    EXPECT_EQ(std::bit_cast<unsigned>(alone), std::bit_cast<unsigned>(expected[i])) << i;
  }
}

TEST(FlatTrees, SayWhatXgboostSaysOfAnyBoosterAndAnyRow) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const Data data = random_data(random);
    const Booster booster = random_booster(random, data);
    const std::size_t rows = 1 + below(random, 90);
    expect_equal(booster, random_rows(random, booster, data.columns, rows), rows);
    if (HasFailure()) return;
  }
}

TEST(FlatTrees, SayWhatXgboostSaysOfTheModelOfBeers) {
  testing::Root root;
  testing::preprocess_for_training(root,
                                   testing::real_rows().value_or(testing::simulated_rows(200)));
  testing::set_hyperparameters(root, R"({"num_round":"40"})");
  std::ostringstream log;
  train(root.folders(), log);
  for (const char* file : {"xgboost-model", "beer/difficulty-model"}) {
    SCOPED_TRACE(file);
    const Booster booster(read_file(root.folders().model() / file));
    Random random(5);
    constexpr std::size_t kRows = 200;
    expect_equal(booster, random_rows(random, booster, booster.features(), kRows), kRows);
  }
}

TEST(FlatTrees, LeaveToXgboostWhatIsNoPlainSumOfTrees) {
  Random random(1);
  const Data data = random_data(random);
  const auto read = [&](const char* name, const char* value, std::vector<float> labels = {}) {
    Matrix own(data.values, data.labels.size(), data.columns,
               labels.empty() ? data.labels : labels);
    const Matrix* all[] = {&own};
    Booster booster({{name, value}}, all);
    booster.grow(0, own);
    return FlatTrees::read(booster.ubjson()).has_value();
  };
  const std::vector<float> ones(data.labels.size(), 1);
  EXPECT_TRUE(read("objective", "reg:squarederror"));
  EXPECT_FALSE(read("objective", "reg:gamma", ones));
  EXPECT_FALSE(read("objective", "binary:logistic", ones));
  EXPECT_FALSE(read("booster", "dart"));
  EXPECT_FALSE(read("booster", "gblinear"));
}

TEST(FlatTrees, RefuseADamagedFile) {
  Random random(2);
  const Data data = random_data(random);
  const std::string whole = random_booster(random, data).ubjson();
  EXPECT_THROW(FlatTrees::read("no model"), UbjsonError);
  EXPECT_THROW(FlatTrees::read(whole.substr(0, whole.size() / 2)), UbjsonError);
  // Any byte may be another: it is refused, left to XGBoost or read as what it then says, and no
  // walk leaves the trees.
  const std::vector<float> row(data.columns, 1);
  for (std::size_t at = 0; at < whole.size(); at += 1 + at / 40) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
    try {
      const auto flat = FlatTrees::read(damaged);
      if (flat && flat->columns() == row.size()) flat->predict(row);
    } catch (const UbjsonError&) {
      continue;
    }
  }
}

}  // namespace
}  // namespace pipelines
