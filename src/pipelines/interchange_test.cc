// One model file for two containers: what SageMaker's XGBoost image leaves is judged and served by
// ours, and what ours leaves is loaded by it.
#include "beer/features.h"
#include "pipelines/evaluate/evaluate.h"
#include "pipelines/model/model.h"
#include "pipelines/serve/handler.h"
#include "pipelines/test_beers.h"
#include "pipelines/train/train.h"
#include "pipelines/xgboost/handler.h"
#include "pipelines/xgboost/train.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xgboost/c_api.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using testing::Root;
using ::testing::ThrowsMessage;

constexpr const char* kAwsHyperparameters =
    R"({"num_round":"40","eta":"0.1","max_depth":"4","objective":"reg:squarederror"})";

void as_csv(const Root& root) {
  write_file(root.path() / "input" / "config" / "inputdataconfig.json",
             R"({"train":{"ContentType":"text/csv"}})");
}

/// Trains as SageMaker's image does and writes the file as its Booster.save_model("xgboost-model")
/// does with XGBoost 1.7: without a suffix, the old binary form.
void train_as_the_image(const Root& root) {
  testing::preprocess_for_training(root, testing::simulated_rows(220));
  std::filesystem::remove_all(root.folders().channel("rows"));
  testing::set_hyperparameters(root, kAwsHyperparameters);
  as_csv(root);
  std::ostringstream log;
  xgboost::train(root.folders(), log);
  const std::string path = root.folders().model() / "xgboost-model";
  BoosterHandle booster = nullptr;
  ASSERT_EQ(XGBoosterCreate(nullptr, 0, &booster), 0);
  ASSERT_EQ(XGBoosterLoadModel(booster, path.c_str()), 0) << XGBGetLastError();
  ASSERT_EQ(XGBoosterSaveModel(booster, path.c_str()), 0) << XGBGetLastError();
  XGBoosterFree(booster);
  ASSERT_NE(read_file(path).front(), '{');
}

json::value evaluate_in(const Root& root) {
  testing::pack_folder(root.folders().model(), root.folders().processing("model") / "model.tar.gz");
  std::ostringstream log;
  evaluate(root.folders(), {}, log);
  EXPECT_THAT(log.str(), HasSubstr("MAE"));
  return json::parse(read_file(root.folders().processing("evaluation") / "evaluation.json"));
}

TEST(Interchange, AModelOfTheImageIsEvaluatedAndWhatItLacksIsSaid) {
  Root root;
  train_as_the_image(root);
  const json::value report = evaluate_in(root);
  const double mae = report.at_pointer("/regression_metrics/mae/value").to_number<double>();
  EXPECT_GT(mae, 0);
  EXPECT_LT(mae, report.at("baseline_mae").to_number<double>());
  EXPECT_TRUE(report.at("interval").is_null());
  EXPECT_TRUE(report.at("cross_validation").is_null());
  EXPECT_TRUE(report.at("leak_alarm").is_null());
  EXPECT_THAT(std::string(report.at("note").as_string()), HasSubstr("no intervals"));
  EXPECT_GT(report.at_pointer("/counts/train_rows").to_number<int>(), 100);
  EXPECT_EQ(report.at("split"),
            json::parse(read_file(root.folders().processing("rows") / "split.json")));
}

TEST(Interchange, AModelOfTheImageNeedsTheTrainingRowsToBeJudged) {
  Root root;
  train_as_the_image(root);
  std::filesystem::remove_all(root.folders().processing("train"));
  EXPECT_THAT([&] { evaluate_in(root); },
              ThrowsMessage<std::runtime_error>(HasSubstr("processing/train")));
}

TEST(Interchange, AModelOfTheImageServesBeersWithoutIntervals) {
  Root root;
  train_as_the_image(root);
  const auto model = std::make_shared<const Model>(Model::load(root.folders().model()));
  EXPECT_FALSE(model->calibrated());
  const Handler handler(model);
  const auto response = handler(
      {"POST",
       "/invocations",
       {{"Content-Type", "application/json"}, {"X-Amzn-SageMaker-Enable-Explanations", "`true`"}},
       testing::simulated_beer(7)});
  ASSERT_EQ(response.status, 200) << response.body.string();
  const json::value answer = json::parse(response.body.string());
  EXPECT_TRUE(answer.at_pointer("/predictions/0/interval").is_null());
  EXPECT_FALSE(answer.at_pointer("/predictions/0/contributions").as_array().empty());
  EXPECT_THAT(std::string(answer.at("note").as_string()), HasSubstr("no intervals"));
}

TEST(Interchange, AModelOfOtherColumnsOrValuesIsRefused) {
  Root root;
  as_csv(root);
  const auto train_on = [&](const std::string& row, const char* hyperparameters) {
    testing::set_hyperparameters(root, hyperparameters);
    write_file(root.folders().channel("train") / "a.csv", "1," + row + "\n0," + row + "\n");
    std::ostringstream log;
    xgboost::train(root.folders(), log);
  };
  train_on("1,2,3", R"({"num_round":"1"})");
  EXPECT_THAT([&] { Model::load(root.folders().model()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("it was trained on 3 columns")));
  std::string row = "1";
  for (std::size_t i = 1; i < beer::features().size(); ++i) row += ",2";
  train_on(row, R"({"num_round":"1","objective":"multi:softprob","num_class":"3"})");
  EXPECT_THAT([&] { Model::load(root.folders().model()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("3 values a beer")));
  train_on(row, R"({"num_round":"1","booster":"gblinear"})");
  const Table one{beer::features().size(), {0}, std::vector<float>(beer::features().size(), 1)};
  EXPECT_EQ(Model::load(root.folders().model()).predict(one).size(), 1U);
  write_file(root.folders().model() / "xgboost-model", "\x80\x04 pickled");
  EXPECT_THAT([&] { Model::load(root.folders().model()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("Python pickle")));
}

TEST(Interchange, AModelOfOursPredictsTheSameInTheImage) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(180));
  testing::set_hyperparameters(root, R"({"num_round":"30","bags":"2","folds":"3"})");
  std::ostringstream log;
  train(root.folders(), log);
  const Table test = Table::read_channel(root.folders().processing("test"));

  // As Python's Booster().load_model("/opt/ml/model/xgboost-model"): by a path without a suffix.
  BoosterHandle loaded = nullptr;
  ASSERT_EQ(XGBoosterCreate(nullptr, 0, &loaded), 0);
  ASSERT_EQ(XGBoosterLoadModel(loaded, (root.folders().model() / "xgboost-model").c_str()), 0)
      << XGBGetLastError();
  const Matrix matrix(test.values, test.rows(), test.columns);
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* values = nullptr;
  ASSERT_EQ(XGBoosterPredictFromDMatrix(
                loaded, matrix.handle(),
                R"({"type":0,"training":false,"iteration_begin":0,"iteration_end":0,)"
                R"("strict_shape":false})",
                &shape, &dimensions, &values),
            0)
      << XGBGetLastError();
  const auto ours = Model::load(root.folders().model()).predict(test);
  for (std::size_t i = 0; i < test.rows(); ++i) {
    EXPECT_NEAR(ours[i].ibu, clip_ibu(values[i]), 1e-4) << i;
  }
  XGBoosterFree(loaded);

  // And as the image serves it: the folder beside the booster is passed over.
  const xgboost::Handler handler(xgboost::load_booster(root.folders().model()));
  std::string row;
  for (const float value : test.row(0)) {
    row += row.empty() ? "" : ",";
    append_number(row, value);
  }
  const auto response = handler({"POST", "/invocations", {{"Content-Type", "text/csv"}}, row});
  ASSERT_EQ(response.status, 200) << response.body.string();
  EXPECT_NEAR(clip_ibu(std::stod(response.body.string())), ours[0].ibu, 1e-4);
}

}  // namespace
}  // namespace pipelines
