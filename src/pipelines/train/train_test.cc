// The training job in a folder of its own.
#include "pipelines/train/train.h"

#include "beer/features.h"
#include "pipelines/model/model.h"
#include "pipelines/test_beers.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <xgboost/c_api.h>

#include <filesystem>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace pipelines {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using testing::Root;
using ::testing::ThrowsMessage;

constexpr const char* kQuick = R"({"num_round":"12","bags":"2","folds":"3"})";

std::string train_in(const Root& root, const std::string& hyperparameters = kQuick) {
  testing::set_hyperparameters(root, hyperparameters);
  std::ostringstream log;
  train(root.folders(), log);
  return log.str();
}

std::map<std::string, std::string> model_files(const Root& root) {
  std::map<std::string, std::string> files;
  for (const auto& file : files_below(root.folders().model())) {
    files[std::filesystem::relative(file, root.folders().model())] = read_file(file);
  }
  return files;
}

TEST(Train, GivesTheSameBytesFromTheSameInput) {
  const std::string rows = testing::simulated_rows(180);
  Root first, second, other;
  for (const Root* root : {&first, &second, &other}) testing::preprocess_for_training(*root, rows);
  train_in(first);
  train_in(second);
  EXPECT_EQ(model_files(first), model_files(second));
  train_in(other, R"({"num_round":"12","bags":"2","folds":"3","seed":"8"})");
  EXPECT_NE(model_files(first).at("xgboost-model"), model_files(other).at("xgboost-model"));
}

TEST(Train, LeavesOnlyTheBoosterWhereSageMakersContainerLooksForBoosters) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(150));
  train_in(root);
  std::vector<std::string> names;
  for (const auto& [name, bytes] : model_files(root)) names.push_back(name);
  EXPECT_THAT(names,
              ::testing::ElementsAre("beer/difficulty-model", "beer/features.json",
                                     "beer/interval.json", "beer/training.json", "xgboost-model"));
}

TEST(Train, LeavesABoosterThatXgboostLoadsByItsPathAlone) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(150));
  train_in(root);
  // What Python's Booster.load_model(path) calls: the form is told by the bytes, as there is no
  // suffix.
  BoosterHandle booster = nullptr;
  ASSERT_EQ(XGBoosterCreate(nullptr, 0, &booster), 0);
  EXPECT_EQ(XGBoosterLoadModel(booster, (root.folders().model() / "xgboost-model").c_str()), 0)
      << XGBGetLastError();
  bst_ulong columns = 0;
  XGBoosterGetNumFeature(booster, &columns);
  EXPECT_EQ(columns, beer::features().size());
  XGBoosterFree(booster);
}

TEST(Train, SearchesSplitsByHistogramWhenThereAreManyRows) {
  const auto method = [](std::size_t rows, const char* given) {
    Hyperparameters hyperparameters = parse_hyperparameters(given);
    complete(hyperparameters, rows);
    for (const auto& [name, value] : hyperparameters.booster) {
      if (name == "tree_method") return value;
    }
    return std::string();
  };
  EXPECT_EQ(method(300, "{}"), "exact");
  EXPECT_EQ(method(1'000'000, "{}"), "hist");
  EXPECT_EQ(method(300, R"({"tree_method":"hist"})"), "hist");
}

TEST(Train, PrintsALineForEachRoundAsTheMetricDefinitionsExpect) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(150));
  std::istringstream log(train_in(root));
  std::string line;
  for (int round = 0; round < 5; ++round) {
    std::getline(log, line);
    EXPECT_THAT(line, MatchesRegex("\\[" + std::to_string(round) +
                                   "\\]\ttrain-mae:[0-9.]+\tvalidation-mae:[0-9.]+"));
  }
}

TEST(Train, SaysWhereTheModelCameFrom) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(150));
  train_in(root);
  const auto training =
      boost::json::parse(read_file(root.folders().model() / "beer" / "training.json"));
  const auto split = boost::json::parse(read_file(root.folders().channel("rows") / "split.json"));
  EXPECT_EQ(training.at("split"), split);
  EXPECT_EQ(training.at("training_digest").as_string().size(), 64U);
  EXPECT_GT(training.at("cross_validation").at("mae").to_number<double>(), 0);
  const Model model = Model::load(root.folders().model());
  EXPECT_EQ(model.interval().level, 0.9);
}

TEST(Train, SeesOnlyTheMissionsFieldsWhenToldTo) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(150));
  train_in(root, R"({"num_round":"12","feature_set":"mission"})");
  EXPECT_EQ(Model::load(root.folders().model()).feature_set(), FeatureSet::kMission);
  EXPECT_EQ(Booster(read_file(root.folders().model() / "xgboost-model")).features(), 6U);
}

TEST(Train, TakesInTheRowsItsTwinWasJudgedOn) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(150));
  testing::copy_folder(root.folders().processing("test"), root.folders().channel("held_out"));
  train_in(root);
  const auto training =
      boost::json::parse(read_file(root.folders().model() / "beer" / "training.json"));
  const auto& split = training.at("split");
  EXPECT_EQ(training.at("held_out_rows"), split.at("test_rows"));
  EXPECT_EQ(training.at("rows").to_number<int>(), split.at("train_rows").to_number<int>() +
                                                      split.at("test_rows").to_number<int>());
}

TEST(Train, SaysWhatTheGridHasTried) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(150));
  train_in(root, R"({"num_round":"8","bags":"1","folds":"3","forest_trees":"0","grid":"on"})");
  const auto training =
      boost::json::parse(read_file(root.folders().model() / "beer" / "training.json"));
  EXPECT_EQ(training.at("grid").as_array().size(), 10U) << "the given point and nine of the grid";
}

TEST(Train, NeedsNoRowsChannel) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(150));
  std::filesystem::remove_all(root.folders().channel("rows"));
  EXPECT_NO_THROW(train_in(root));
}

TEST(Train, RefusesRowsOfAnotherFeatureListAndSidecarsOfOtherRows) {
  Root root;
  write_file(root.folders().channel("train") / "train.csv", "1,2,3\n");
  EXPECT_THAT([&] { train_in(root); },
              ThrowsMessage<std::runtime_error>(HasSubstr("have 2 features, this program knows")));
  Root other;
  testing::preprocess_for_training(other, testing::simulated_rows(150));
  write_file(other.folders().channel("rows") / "train_rows.csv", "id,family,name\n1,1,\"x\"\n");
  EXPECT_THAT([&] { train_in(other); },
              ThrowsMessage<std::runtime_error>(HasSubstr("names 1 rows, the data has")));
}

TEST(Model, RefusesAnArtifactOfAnotherFeatureList) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(150));
  train_in(root);
  const auto file = root.folders().model() / "beer" / "features.json";
  std::string text = read_file(file);
  text.replace(text.find(beer::schema_hash()), 4, "0000");
  write_file(file, text);
  EXPECT_THAT([&] { Model::load(root.folders().model()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("trained on the feature list 0000")));
}

}  // namespace
}  // namespace pipelines
