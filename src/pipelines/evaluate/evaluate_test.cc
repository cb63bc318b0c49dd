// The evaluation job: its report and its alarm.
#include "pipelines/evaluate/evaluate.h"

#include "beer/features.h"
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

/// A root with a trained model, packed where evaluation finds it. Trained once, copied for each
/// test.
void train_quickly(const Root& root) {
  static const Root master;
  if (!std::filesystem::exists(master.folders().model())) {
    testing::preprocess_for_training(master, testing::simulated_rows(220));
    testing::set_hyperparameters(master, R"({"num_round":"30","bags":"1","folds":"3"})");
    std::ostringstream log;
    train(master.folders(), log);
    testing::pack_folder(master.folders().model(),
                         master.folders().processing("model") / "model.tar.gz");
  }
  testing::copy_folder(master.path(), root.path());
}

json::value evaluate_in(const Root& root, const EvaluateOptions& options = {}) {
  std::ostringstream log;
  evaluate(root.folders(), options, log);
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

/// The trained model takes the champion's place too.
void crown(const Root& root) {
  const Folders folders = root.folders();
  testing::copy_folder(folders.processing("model"), folders.processing("champion"));
  testing::copy_folder(folders.processing("rows"), folders.processing("champion_rows"));
}

std::string reason_of(const json::value& report) {
  return report.at_pointer("/gate/reason").as_string().c_str();
}

TEST(Evaluate, ComparesWithWhatIsSimpler) {
  Root root;
  train_quickly(root);
  crown(root);
  const json::value report = evaluate_in(root, {.gate = {.champion_version = "3"}});
  const auto mae = [&](const char* name) {
    return report.at("baselines").at(name).at("mae").to_number<double>();
  };
  const double judged = report.at_pointer("/regression_metrics/mae/value").to_number<double>();
  EXPECT_LT(judged, mae("mean"));
  EXPECT_LT(judged, mae("bu_gu"));
  EXPECT_LT(judged, mae("mission_six_fields"));
  EXPECT_EQ(judged, mae("champion")) << "it is the same model";
  EXPECT_TRUE(report.at_pointer("/baselines/champion/out_of_fold_mae").is_double());
}

TEST(Gate, TakesAModelAsGoodAsTheChampionAndSaysWhyEverywhere) {
  Root root;
  train_quickly(root);
  crown(root);
  const json::value report =
      evaluate_in(root, {.gate = {.threshold = 50, .tolerance = 0, .champion_version = "3"}});
  EXPECT_EQ(report.at_pointer("/gate/passed"), true);
  EXPECT_EQ(report.at_pointer("/gate/champion/high"), 0.0);
  EXPECT_EQ(report.at_pointer("/gate/champion/model_sha256"), report.at_pointer("/model/sha256"));
  EXPECT_THAT(reason_of(report),
              ::testing::MatchesRegex("MAE [0-9.]+ is at most 50 and is equal to champion version "
                                      "3's .95 % interval 0.00 to 0.00, tolerated to 0. on [0-9]+ "
                                      "beers neither has learnt from\\."));
  EXPECT_EQ(read_file(root.folders().message()), reason_of(report));
}

TEST(Gate, RefusesAModelThatIsClearlyWorseThanTheChampion) {
  Root root;
  train_quickly(root);
  crown(root);
  testing::set_hyperparameters(
      root, R"({"num_round":"1","bags":"1","folds":"2","eta":"0.01","forest_trees":"0"})");
  std::filesystem::remove_all(root.folders().model());
  std::ostringstream log;
  train(root.folders(), log);
  testing::pack_folder(root.folders().model(), root.folders().processing("model") / "model.tar.gz");
  const json::value report =
      evaluate_in(root, {.gate = {.threshold = 99, .champion_version = "3"}});
  EXPECT_EQ(report.at_pointer("/gate/passed"), false);
  EXPECT_GT(report.at_pointer("/gate/champion/low").to_number<double>(), 1);
  EXPECT_THAT(reason_of(report), HasSubstr("higher than champion version 3's"));
}

TEST(Gate, HoldsTheThresholdAloneWhereNobodyCanBeCompared) {
  Root root;
  train_quickly(root);
  json::value report = evaluate_in(root, {.gate = {.threshold = 0.5}});
  EXPECT_EQ(report.at_pointer("/gate/passed"), false);
  EXPECT_THAT(reason_of(report), HasSubstr("is above 0.5; no champion is approved yet"));
  report = evaluate_in(root, {.gate = {.threshold = 50, .champion_version = "4"}});
  EXPECT_EQ(report.at_pointer("/gate/passed"), true);
  EXPECT_THAT(reason_of(report), HasSubstr("version 4 was registered without the model"));
}

TEST(Gate, ComparesOnlyOnEnoughBeersThatTheChampionHasNotLearntFrom) {
  Root root;
  train_quickly(root);
  crown(root);
  const auto file = root.folders().processing("champion_rows") / "train_rows.csv";
  auto learnt = read_row_keys(file);
  const auto test = read_row_keys(root.folders().processing("rows") / "test_rows.csv");
  learnt.insert(learnt.end(), test.begin() + 5, test.end());
  write_file(file, to_csv(learnt));
  const json::value report =
      evaluate_in(root, {.gate = {.threshold = 50, .champion_version = "3"}});
  EXPECT_EQ(report.at_pointer("/gate/passed"), true);
  EXPECT_LE(report.at_pointer("/gate/champion/rows").to_number<int>(), 5);
  EXPECT_FALSE(report.at_pointer("/gate/champion").as_object().contains("difference"));
  EXPECT_THAT(reason_of(report), HasSubstr("20 are the fewest that tell, so the threshold alone"));
}

TEST(Gate, TakesAnyNumberOfTheReportForItsMetric) {
  Root root;
  train_quickly(root);
  json::value report = evaluate_in(
      root, {.gate = {.metric_path = "regression_metrics.r2.value", .threshold = 0.999}});
  EXPECT_THAT(reason_of(report), ::testing::MatchesRegex("R2 [0-9.]+ is below 0.999.*"));
  report = evaluate_in(root, {.gate = {.metric_path = "interval.coverage", .threshold = 0.1}});
  EXPECT_THAT(reason_of(report), HasSubstr("interval.coverage"));
  EXPECT_EQ(report.at_pointer("/gate/passed"), true);
  EXPECT_THAT([&] { evaluate_in(root, {.gate = {.metric_path = "no.such"}}); },
              ThrowsMessage<std::runtime_error>(HasSubstr("no number at no.such")));
}

TEST(SharedRows, LeaveOutAFamilyOfWhichOneBeerWasLearntFrom) {
  const std::vector<RowKey> test{{1, 7, "a"}, {2, 7, "b"}, {3, 8, "c"}};
  const std::vector<RowKey> trained{{2, 70, "b"}, {9, 8, "other numbers, other families"}};
  EXPECT_EQ(shared_rows(test, trained), std::vector<std::uint32_t>{2});
}

TEST(Evaluate, SaysHowSureItsErrorsAreAndWhereTheyLie) {
  Root root;
  train_quickly(root);
  const json::value report = evaluate_in(root);
  const auto& mae = report.at("confidence").at("mae");
  EXPECT_LT(mae.at("low").as_double(), mae.at("value").as_double());
  EXPECT_GT(mae.at("high").as_double(), mae.at("value").as_double());
  EXPECT_GT(report.at_pointer("/confidence/spearman/value").to_number<double>(), 0.3);
  for (const char* by : {"by_strength", "by_predicted_strength", "by_style", "by_year"}) {
    std::size_t rows = 0;
    for (const json::value& group : report.at("residuals").at(by).as_array()) {
      rows += group.at("rows").to_number<std::size_t>();
      EXPECT_LE(group.at("coverage").to_number<double>(), 1);
    }
    EXPECT_EQ(rows, report.at_pointer("/dataset/item_count").to_number<std::size_t>()) << by;
  }
}

TEST(Evaluate, SaysWhatTheModelLeansOn) {
  Root root;
  train_quickly(root);
  const auto report = evaluate_in(root);
  const auto& importance = report.at("importance").as_array();
  ASSERT_EQ(importance.size(), beer::features().size());
  const auto share = [&](std::size_t i) {
    return importance.at(i).at("mean_abs_shap").to_number<double>();
  };
  EXPECT_GT(share(0), share(10));
  EXPECT_GT(share(0), 0);
}

TEST(Evaluate, WritesACardForTheRegistryAndOneForPeople) {
  Root root;
  train_quickly(root);
  evaluate_in(root);
  const auto folder = root.folders().processing("evaluation");
  const json::value card = json::parse(read_file(folder / "model_card.json"));
  EXPECT_EQ(card.at_pointer("/intended_uses/risk_rating"), "Low");
  EXPECT_EQ(card.at_pointer("/training_details/objective_function/function/facet"), "MAE");
  for (const auto& group : card.at_pointer("/evaluation_details/0/metric_groups").as_array()) {
    for (const auto& metric : group.at("metric_data").as_array()) {
      const bool number = metric.at("type") == "number";
      EXPECT_TRUE(number ? metric.at("value").is_number() : metric.at("value").is_array());
    }
  }
  EXPECT_LT(read_file(folder / "model_card.json").size(), 100'000U) << "SageMaker takes no more";
  EXPECT_THAT(read_file(folder / "model_card.md"), HasSubstr("| mission_six_fields |"));
}

TEST(LeakAlarm, IsUpWhenACatalogueIsPredictedBetterThanUnseenRecipesCanBe) {
  EXPECT_TRUE(too_good(FeatureSet::kRecipe, 300, 7.9));
  EXPECT_FALSE(too_good(FeatureSet::kRecipe, 300, 10.6));
  EXPECT_TRUE(too_good(FeatureSet::kMission, 300, 10.6));
  EXPECT_FALSE(too_good(FeatureSet::kRecipe, 100'000, 7.9)) << "nobody knows how good that may be";
}

TEST(Evaluate, GivesTheSameReportTwiceAndFromTheOpenFolder) {
  Root root;
  train_quickly(root);
  const json::value first = evaluate_in(root);
  EXPECT_EQ(evaluate_in(root), first);
  std::filesystem::remove(root.folders().processing("model") / "model.tar.gz");
  testing::copy_folder(root.folders().model(), root.folders().processing("model"));
  json::value open = evaluate_in(root);
  open.as_object()["model"] = first.at("model");  // the digest of a file that isn't there now
  EXPECT_EQ(open, first);
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
