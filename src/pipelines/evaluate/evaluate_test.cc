// The evaluation job: its report and its alarm.
#include "pipelines/evaluate/evaluate.h"

#include "pipelines/table.h"
#include "pipelines/test_beers.h"
#include "pipelines/train/train.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace pipelines {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using testing::Root;
using ::testing::ThrowsMessage;

/// A root with a trained model, packed where evaluation finds it.
void train_quickly(const Root& root) {
  testing::preprocess_for_training(root, testing::simulated_rows(220));
  testing::set_hyperparameters(root, R"({"num_round":"30","bags":"1","folds":"3"})");
  std::ostringstream log;
  train(root.folders(), log);
  testing::pack_folder(root.folders().model(), root.folders().processing("model") / "model.tar.gz");
}

json::value evaluate_in(const Root& root) {
  std::ostringstream log;
  evaluate(root.folders(), {}, log);
  return json::parse(read_file(root.folders().processing("evaluation") / "evaluation.json"));
}

TEST(Evaluate, ReportsInModelMonitorsFormWithOursBeside) {
  Root root;
  train_quickly(root);
  const json::value report = evaluate_in(root);
  for (const char* metric : {"mae", "mse", "rmse", "r2"}) {
    const auto& one = report.at("regression_metrics").at(metric);
    EXPECT_TRUE(one.at("value").is_double());
    EXPECT_GT(one.at("standard_deviation").to_number<double>(), 0);
  }
  const auto rows = read_row_keys(root.folders().processing("rows") / "test_rows.csv").size();
  EXPECT_EQ(report.at_pointer("/dataset/item_count").to_number<std::size_t>(), rows);
  EXPECT_GT(report.at("baseline_mae").to_number<double>(), 0);
  EXPECT_GT(report.at_pointer("/mission_six_fields/mae").to_number<double>(), 0);
  EXPECT_LE(report.at_pointer("/interval/coverage").to_number<double>(), 1);
  EXPECT_TRUE(report.at("leak_alarm").is_bool());
  EXPECT_EQ(report.at("split"),
            json::parse(read_file(root.folders().processing("rows") / "split.json")));
}

TEST(Evaluate, GivesTheSameReportTwiceAndFromTheOpenFolder) {
  Root root;
  train_quickly(root);
  const json::value first = evaluate_in(root);
  EXPECT_EQ(evaluate_in(root), first);
  std::filesystem::remove(root.folders().processing("model") / "model.tar.gz");
  testing::copy_folder(root.folders().model(), root.folders().processing("model"));
  EXPECT_EQ(evaluate_in(root), first);
}

TEST(Evaluate, NeedsNeitherTheTrainingRowsNorTheFamilies) {
  Root root;
  train_quickly(root);
  std::filesystem::remove_all(root.folders().processing("train"));
  std::filesystem::remove_all(root.folders().processing("rows"));
  EXPECT_TRUE(evaluate_in(root).at("mission_six_fields").is_null());
}

TEST(Evaluate, RaisesTheAlarmWhenAFamilyStandsOnBothSides) {
  Root root;
  train_quickly(root);
  const auto rows = root.folders().processing("rows");
  auto test = read_row_keys(rows / "test_rows.csv");
  test.back().family = read_row_keys(rows / "train_rows.csv").front().family;
  write_file(rows / "test_rows.csv", to_csv(test));
  EXPECT_THAT([&] { evaluate_in(root); },
              ThrowsMessage<std::runtime_error>(HasSubstr("the split leaks")));
}

TEST(Evaluate, SaysWhatIsMissing) {
  Root root;
  EXPECT_THAT([&] { evaluate_in(root); },
              ThrowsMessage<std::runtime_error>(HasSubstr("The model in")));
}

}  // namespace
}  // namespace pipelines
