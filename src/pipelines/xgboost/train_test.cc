// The training job of SageMaker's XGBoost image, in a folder of its own.
#include "pipelines/xgboost/train.h"

#include "pipelines/model/booster.h"
#include "pipelines/test_beers.h"
#include "pipelines/xgboost/error.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

namespace pipelines::xgboost {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::Root;
using ::testing::ThrowsMessage;

/// Rows of three features, of which the label is a sum; `from` makes other rows.
std::string csv(int from, int count, bool weights = false) {
  std::string text;
  for (int i = from; i < from + count; ++i) {
    const double a = std::sin(i * 1.7);
    const double b = std::cos(i * 0.9);
    const double c = std::sin(i * 0.31 + 1);
    text += fmt::format("{:.4f},{}{:.4f},{:.4f},{:.4f}\n", 20 + 8 * a + 3 * b * c,
                        weights ? "1," : "", a, b, c);
  }
  return text;
}

std::string libsvm(int from, int count) {
  std::string text;
  for (int i = from; i < from + count; ++i) {
    text += fmt::format("{:.4f} 1:{:.4f} 4:{:.4f}\n", 5 + std::sin(i * 1.7), std::sin(i * 1.7),
                        std::cos(i * 0.9));
  }
  return text;
}

void configure(const Root& root, const std::string& hyperparameters,
               const std::string& content_type = "text/csv") {
  testing::set_hyperparameters(root, hyperparameters);
  write_file(root.path() / "input" / "config" / "inputdataconfig.json",
             fmt::format(R"({{"train":{{"ContentType":"{0}","TrainingInputMode":"File"}},)"
                         R"("validation":{{"ContentType":"{0}"}}}})",
                         content_type));
}

void put(const Root& root, const char* channel, const std::string& rows,
         const char* file = "a.csv") {
  write_file(root.folders().channel(channel) / file, rows);
}

std::string train_in(const Root& root) {
  std::ostringstream log;
  train(root.folders(), log);
  return log.str();
}

std::string model_of(const Root& root) {
  return read_file(root.folders().model() / "xgboost-model");
}

std::size_t rounds_in(const std::string& log) {
  std::size_t rounds = 0;
  while (log.find(fmt::format("[{}]\t", rounds)) != std::string::npos) ++rounds;
  return rounds;
}

constexpr const char* kQuick =
    R"({"num_round":"20","objective":"reg:squarederror","eval_metric":"mae,rmse,r2","eta":"0.3"})";

TEST(XgboostTrain, PrintsTheMetricsOfEachRoundAsTheImageDoes) {
  Root root;
  configure(root, kQuick);
  put(root, "train", csv(0, 200));
  put(root, "validation", csv(200, 50));
  const std::string log = train_in(root);
  EXPECT_EQ(rounds_in(log), 20U);
  EXPECT_THAT(log, ContainsRegex("\n\\[19\\]\ttrain-mae:[0-9.]+\ttrain-rmse:[0-9.]+\ttrain-r2:"
                                 "[0-9.]+\tvalidation-mae:[0-9.]+\tvalidation-rmse:[0-9.]+"
                                 "\tvalidation-r2:[0-9.]+\n"));
  EXPECT_EQ(Booster(model_of(root)).features(), 3U);
}

TEST(XgboostTrain, NamesTheObjectivesOwnMetricWhenNoneIsAskedFor) {
  Root root;
  configure(root, R"({"num_round":"2"})");
  put(root, "train", csv(0, 100));
  EXPECT_THAT(train_in(root), ContainsRegex("\n\\[1\\]\ttrain-rmse:[0-9.]+\n"));
}

TEST(XgboostTrain, ReadsEveryFileOfAChannel) {
  Root one, parts;
  for (const Root* root : {&one, &parts}) configure(*root, kQuick);
  put(one, "train", csv(0, 200));
  put(parts, "train", csv(0, 90));
  put(parts, "train", csv(90, 110), "part/b.csv");
  EXPECT_THAT(train_in(parts), HasSubstr("200 rows and 3 columns"));
  train_in(one);
  EXPECT_EQ(model_of(one), model_of(parts));
}

TEST(XgboostTrain, TakesLibsvmWhenNothingIsSaid) {
  Root root;
  testing::set_hyperparameters(root, kQuick);
  put(root, "train", libsvm(0, 100), "abalone");
  EXPECT_THAT(train_in(root), HasSubstr("100 rows and 5 columns"));
}

TEST(XgboostTrain, LearnsFromWeights) {
  Root even, uneven;
  const std::string weighted = R"({"num_round":"5","csv_weights":"1"})";
  for (const Root* root : {&even, &uneven}) configure(*root, weighted);
  put(even, "train", csv(0, 100, true));
  put(uneven, "train", csv(0, 100, true) + "90,50,0,0,0\n");
  train_in(even);
  train_in(uneven);
  EXPECT_EQ(Booster(model_of(even)).features(), 3U);
  const std::vector<float> row = {0, 0, 0};
  EXPECT_GT(Booster(model_of(uneven)).predict(row, 1)[0],
            Booster(model_of(even)).predict(row, 1)[0] + 5);
}

TEST(XgboostTrain, KeepsTheBestRoundWhenItStopsEarly) {
  Root root;
  configure(root, R"({"num_round":"300","eta":"0.5","max_depth":"6","eval_metric":"mae",
                      "early_stopping_rounds":"4"})");
  put(root, "train", csv(0, 60));
  put(root, "validation", csv(500, 40));
  const std::size_t rounds = rounds_in(train_in(root));
  ASSERT_LT(rounds, 300U);
  Root shorter;
  configure(shorter,
            fmt::format(R"({{"num_round":"{}","eta":"0.5","max_depth":"6"}})", rounds - 4));
  put(shorter, "train", csv(0, 60));
  train_in(shorter);
  const std::vector<float> row = {0.3F, -0.2F, 0.7F};
  EXPECT_EQ(Booster(model_of(root)).predict(row, 1), Booster(model_of(shorter)).predict(row, 1));
}

TEST(XgboostTrain, DoesNotStopEarlyWithoutAMetricJustAsTheImage) {
  Root root;
  configure(root, R"({"num_round":"60","eta":"0.5","early_stopping_rounds":"1"})");
  put(root, "train", csv(0, 60));
  put(root, "validation", csv(500, 40));
  EXPECT_EQ(rounds_in(train_in(root)), 60U);
}

TEST(XgboostTrain, GivesTheSameBytesFromTheSameInput) {
  Root first, second;
  for (const Root* root : {&first, &second}) {
    configure(*root, R"({"num_round":"9","subsample":"0.5","colsample_bytree":"0.7","seed":"3"})");
    put(*root, "train", csv(0, 200));
    train_in(*root);
  }
  EXPECT_EQ(model_of(first), model_of(second));
}

TEST(XgboostTrain, GrowsEveryKindOfBooster) {
  for (const char* kind : {"gbtree", "dart", "gblinear"}) {
    Root root;
    configure(root, fmt::format(R"({{"num_round":"5","booster":"{}"}})", kind));
    put(root, "train", csv(0, 100));
    train_in(root);
    EXPECT_EQ(Booster(model_of(root)).features(), 3U) << kind;
  }
}

TEST(XgboostTrain, SavesWhatItHasWhenItIsToldToStopAndToSave) {
  const auto stopped = [](const char* hyperparameters) {
    Root root;
    configure(root, hyperparameters);
    put(root, "train", csv(0, 100));
    int asked = 0;
    std::ostringstream log;
    train(root.folders(), log, [&] { return ++asked == 3; });
    EXPECT_EQ(rounds_in(log.str()), 3U);
    return std::filesystem::exists(root.folders().model() / "xgboost-model");
  };
  EXPECT_TRUE(stopped(R"({"num_round":"50","save_model_on_termination":"true"})"));
  EXPECT_FALSE(stopped(R"({"num_round":"50"})"));
}

TEST(XgboostTrain, RefusesChannelsItCannotUse) {
  Root root;
  configure(root, kQuick);
  EXPECT_THAT([&] { train_in(root); }, ThrowsMessage<UserError>("Missing required channel: train"));
  put(root, "train", csv(0, 100));
  put(root, "validation", "1,2\n");
  EXPECT_THAT([&] { train_in(root); },
              ThrowsMessage<UserError>(HasSubstr("validation has 1 features, train has 3")));
  put(root, "validation", "");
  EXPECT_THAT([&] { train_in(root); },
              ThrowsMessage<UserError>(HasSubstr("No data in the channel validation")));
  write_file(root.path() / "input" / "config" / "inputdataconfig.json", R"({"rows":{}})");
  EXPECT_THAT([&] { train_in(root); }, ThrowsMessage<UserError>("Extraneous channel found: rows"));
  configure(root, kQuick, "application/x-recordio-protobuf");
  EXPECT_THAT([&] { train_in(root); }, ThrowsMessage<UserError>(HasSubstr("recordio")));
}

TEST(XgboostTrain, WritesTheModelAsItsVersionOfXgboostDoes) {
  Root old_one, new_one;
  std::vector<std::string> models;
  for (const auto& [root, version] :
       {std::pair{&old_one, Version::k1_7}, std::pair{&new_one, Version::k3_0}}) {
    configure(*root, R"({"num_round":"5","base_score":"0.5","tree_method":"hist"})");
    put(*root, "train", csv(0, 200));
    for (int again = 0; again < 2; ++again) {
      std::ostringstream log;
      train(root->folders(), log, {}, version);
      models.push_back(model_of(*root));
    }
  }
  // The old binary form has a fixed header, UBJSON begins as an object does.
  EXPECT_THAT(models[0], Not(StartsWith("{")));
  EXPECT_THAT(models[2], StartsWith("{L"));
  EXPECT_EQ(models[0], models[1]);
  EXPECT_EQ(models[2], models[3]);
  const std::vector<float> row{0.1F, 0.2F, 0.3F};
  EXPECT_EQ(Booster(models[0]).predict(row, 1), Booster(models[2]).predict(row, 1));
}

TEST(XgboostTrain, BeginsAtTheMeanOfTheLabelsWith3) {
  Root root;
  // One round that learns nothing leaves where it began.
  configure(root, R"({"num_round":"1","eta":"0"})");
  put(root, "train", "10,1\n20,2\n60,3\n");
  const auto prediction = [&](Version version) {
    std::ostringstream log;
    train(root.folders(), log, {}, version);
    const std::vector<float> row{1};
    return Booster(model_of(root)).predict(row, 1).at(0);
  };
  EXPECT_FLOAT_EQ(prediction(Version::k1_7), 0.5F);
  EXPECT_FLOAT_EQ(prediction(Version::k3_0), 30);
  configure(root, R"({"num_round":"1","eta":"0","base_score":"7"})");
  EXPECT_FLOAT_EQ(prediction(Version::k3_0), 7);
  configure(root, R"({"num_round":"1","eta":"0","objective":"binary:logistic"})");
  put(root, "train", "1,1\n0,2\n1,3\n1,4\n");
  EXPECT_NEAR(prediction(Version::k3_0), 1 / (1 + std::exp(-4 * 0.25)), 1e-6);
}

TEST(XgboostTrain, SaysWhichHyperparametersDoNothingAndThatHostsTrainAlone) {
  Root root;
  configure(root, R"({"num_round":"1","predictor":"cpu_predictor"})");
  put(root, "train", csv(0, 50));
  write_file(root.path() / "input" / "config" / "resourceconfig.json",
             R"({"current_host":"algo-1","hosts":["algo-1","algo-2"]})");
  std::ostringstream log;
  train(root.folders(), log, {}, Version::k3_0);
  EXPECT_THAT(log.str(), HasSubstr("Parameters: { \"predictor\" } are not used.\n"));
  EXPECT_THAT(log.str(), HasSubstr("Each of the 2 hosts trains alone"));
}

TEST(XgboostTrain, TellsWhoseFaultAFailureIs) {
  Root root;
  configure(root, R"({"num_round":"0"})");
  std::ostringstream log;
  EXPECT_EQ(run_training(root.folders(), log), 1);
  EXPECT_EQ(read_file(root.folders().failure()),
            "UserError: Hyperparameter num_round: 0 is not in [1, +inf)");
  configure(root, R"({"num_round":"1","objective":"binary:logistic"})");
  put(root, "train", csv(0, 10));
  EXPECT_EQ(run_training(root.folders(), log), 1);
  EXPECT_EQ(read_file(root.folders().failure()),
            "UserError: label must be in [0,1] for logistic regression");
  put(root, "train", csv(0, 10));
  configure(root, kQuick);
  EXPECT_EQ(run_training(root.folders(), log), 0);
}

}  // namespace
}  // namespace pipelines::xgboost
