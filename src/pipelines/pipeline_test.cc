// The jobs one after the other, through folders, as SageMaker runs them.
#include "pipelines/evaluate/evaluate.h"
#include "pipelines/test_beers.h"
#include "pipelines/train/train.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>

namespace pipelines {
namespace {

namespace json = boost::json;
using testing::Root;

double seconds_of(const std::function<void()>& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Trains on what preprocess left and evaluates with what train left; gives evaluation.json.
json::object train_and_evaluate(const Root& root, const std::string& hyperparameters) {
  const Folders folders = root.folders();
  testing::set_hyperparameters(root, hyperparameters);
  std::ostringstream log;
  const double trained = seconds_of([&] { train(folders, log); });
  testing::pack_folder(folders.model(), folders.processing("model") / "model.tar.gz");
  const double evaluated = seconds_of([&] { evaluate(folders, {}, log); });
  std::cout << fmt::format("train {:.2f} s, evaluate {:.2f} s\n", trained, evaluated);
  std::string last = log.str();
  std::cout << last.substr(last.rfind('\n', last.rfind(" rounds; ")) + 1);
  return json::parse(read_file(folders.processing("evaluation") / "evaluation.json")).as_object();
}

double number(const json::object& report, const char* pointer) {
  return json::value(report).at_pointer(pointer).to_number<double>();
}

TEST(Pipeline, BeatsTheMeanOnSimulatedBeers) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(400));
  const json::object report = train_and_evaluate(root, "{}");
  EXPECT_LT(number(report, "/regression_metrics/mae/value"), number(report, "/baseline_mae"));
  EXPECT_GT(number(report, "/interval/coverage"), 0.7);
}

TEST(Pipeline, BeatsTheMeanAndTheSixFieldsOnRealBeers) {
  const auto rows = testing::real_rows();
  if (!rows) GTEST_SKIP() << "The real beers aren't here: set BEER_DATA_DIR.";
  Root root;
  const double preprocessed = seconds_of([&] { testing::preprocess_for_training(root, *rows); });
  std::cout << fmt::format("preprocess {:.2f} s\n", preprocessed);
  const json::object report = train_and_evaluate(root, "{}");
  EXPECT_LT(number(report, "/regression_metrics/mae/value"), number(report, "/baseline_mae"));
  EXPECT_LT(number(report, "/regression_metrics/mae/value"),
            number(report, "/mission_six_fields/mae"));
  EXPECT_LT(number(report, "/cross_validation/mae"), 13);
}

}  // namespace
}  // namespace pipelines
