// The pipeline definition: references, strings, gate.
#include "pipelines/definition/definition.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace pipelines {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::StartsWith;

class Definition : public ::testing::Test {
 protected:
  /// Calls `use` with what every {"Get": …} below `value` names.
  static void for_each_get(const json::value& value, const std::function<void(std::string)>& use) {
    if (const auto* list = value.if_array()) {
      for (const auto& one : *list) for_each_get(one, use);
    } else if (const auto* object = value.if_object()) {
      for (const auto& [key, member] : *object) {
        if (key == "Get") use(std::string(member.as_string().c_str()));
        for_each_get(member, use);
      }
    }
  }
  static void expect_declared(const json::value& document) {
    std::set<std::string> declared;
    for (const auto& one : document.at("Parameters").as_array()) {
      declared.insert(one.at("Name").as_string().c_str());
    }
    std::set<std::string> used;
    for_each_get(document, [&](const std::string& path) {
      if (path.starts_with("Parameters.")) used.insert(path.substr(11));
    });
    EXPECT_EQ(used, declared);
  }
  const json::value& step(std::size_t index) const { return steps_.at(index); }

  json::value document_ = json::parse(pipeline_definition({}));
  json::array steps_ = document_.at("Steps").as_array();
};

TEST_F(Definition, HasTheStepsInTheirOrder) {
  std::vector<std::string> names;
  for (const auto& one : steps_) names.emplace_back(one.at("Name").as_string().c_str());
  EXPECT_THAT(names, ElementsAre("Preprocess", "Train", "Evaluate", "CheckGate"));
  EXPECT_EQ(step(3).at_pointer("/Arguments/IfSteps/0/Name"), "Refit");
  EXPECT_EQ(step(3).at_pointer("/Arguments/IfSteps/1/Type"), "RegisterModel");
  EXPECT_EQ(step(3).at_pointer("/Arguments/ElseSteps/0/Type"), "Fail");
}

TEST_F(Definition, RefersOnlyToWhatItDeclares) {
  expect_declared(document_);
  expect_declared(json::parse(pipeline_definition({.hyperparameters = {}})));
  for_each_get(document_, [&](const std::string& path) {
    if (!path.starts_with("Steps.")) return;
    EXPECT_THAT(path, ::testing::AnyOf(StartsWith("Steps.Preprocess."), StartsWith("Steps.Train."),
                                       StartsWith("Steps.Evaluate."), StartsWith("Steps.Refit.")));
  });
}

TEST_F(Definition, StartsOurProgramButLeavesTrainingToTheImage) {
  EXPECT_EQ(step(0).at_pointer("/Arguments/AppSpecification/ContainerEntrypoint"),
            json::parse(R"(["/opt/program/beer-pipeline","preprocess"])"));
  EXPECT_EQ(step(2).at_pointer("/Arguments/AppSpecification/ContainerEntrypoint"),
            json::parse(R"(["/opt/program/beer-pipeline","evaluate"])"));
  EXPECT_FALSE(step(1)
                   .at_pointer("/Arguments/AlgorithmSpecification")
                   .as_object()
                   .contains("ContainerEntrypoint"));
}

TEST_F(Definition, WritesWhatAnExecutionMakesBelowItsOwnId) {
  const auto& uri =
      step(0).at_pointer("/Arguments/ProcessingOutputConfig/Outputs/0/S3Output/S3Uri");
  EXPECT_EQ(uri, json::parse(R"({"Std:Join":{"On":"/","Values":["s3://mlops-beer-models",
                                {"Get":"Execution.PipelineExecutionId"},"train"]}})"));
}

TEST_F(Definition, PassesHyperparametersAsStrings) {
  for (const auto& one : document_.at("Parameters").as_array()) {
    if (one.at("Type") == "Float") continue;
    EXPECT_EQ(one.at("Type"), "String") << json::serialize(one);
    EXPECT_TRUE(one.at("DefaultValue").is_string());
  }
  const auto& hyperparameters = step(1).at_pointer("/Arguments/HyperParameters");
  EXPECT_EQ(hyperparameters.at("max_depth"), json::parse(R"({"Get":"Parameters.MaxDepth"})"));
}

TEST_F(Definition, HasOneSeed) {
  EXPECT_THROW(pipeline_definition({.hyperparameters = {{"seed", "1"}}}), std::invalid_argument);
}

TEST_F(Definition, LetsEvaluateJudgeByParametersAndSaysWhyBothWays) {
  const auto& words = step(2).at_pointer("/Arguments/AppSpecification/ContainerArguments");
  const std::string text = json::serialize(words);
  for (const char* name :
       {"MetricPath", "MetricThreshold", "ChampionVersion", "ChampionTolerance"}) {
    EXPECT_THAT(text, ::testing::HasSubstr(std::string("Parameters.") + name));
  }
  const auto& conditions = step(3).at_pointer("/Arguments/Conditions").as_array();
  ASSERT_EQ(conditions.size(), 1U);
  EXPECT_EQ(conditions[0].at_pointer("/LeftValue/Std:JsonGet/Path"), "gate.passed");
  EXPECT_EQ(conditions[0].at("RightValue"), true);
  const auto& registered = step(3).at_pointer("/Arguments/IfSteps/1/Arguments");
  EXPECT_EQ(registered.at_pointer("/ModelPackageDescription/Std:JsonGet/Path"), "gate.reason");
  EXPECT_THAT(json::serialize(step(3).at_pointer("/Arguments/ElseSteps/0")),
              ::testing::HasSubstr("gate.reason"));
}

TEST_F(Definition, KeepsTheJudgedTwinForWhoChallengesTheModel) {
  const auto& metadata =
      step(3).at_pointer("/Arguments/IfSteps/1/Arguments/CustomerMetadataProperties");
  EXPECT_EQ(metadata.at_pointer("/judged_model/Get"),
            "Steps.Train.ModelArtifacts.S3ModelArtifacts");
  EXPECT_THAT(json::serialize(metadata.at("judged_rows")), ::testing::HasSubstr("Outputs['rows']"));
  EXPECT_THAT(json::serialize(metadata.at("report")), ::testing::HasSubstr("report.html"));
  EXPECT_EQ(metadata.at_pointer("/judged_model_sha256/Std:JsonGet/Path"), "model.sha256");
}

TEST_F(Definition, GivesAJobSomethingToReadWhereThereIsNoChampion) {
  const auto& made = step(0).at_pointer("/Arguments/ProcessingOutputConfig/Outputs").as_array();
  const auto& place = made.back().at_pointer("/S3Output/S3Uri");
  EXPECT_EQ(place, "s3://mlops-beer-models/no_champion/");
  for (const auto& one : document_.at("Parameters").as_array()) {
    if (one.at("Name") == "ChampionModel" || one.at("Name") == "ChampionRows") {
      EXPECT_EQ(one.at("DefaultValue"), place);
    }
  }
}

TEST_F(Definition, RegistersAModelOfAllBeersOnceItsTwinHasPassed) {
  const auto& refit = step(3).at_pointer("/Arguments/IfSteps/0/Arguments");
  const auto& train = step(1).at("Arguments");
  EXPECT_EQ(refit.at("HyperParameters"), train.at("HyperParameters"));
  const auto& channels = refit.at("InputDataConfig").as_array();
  ASSERT_EQ(channels.size(), train.at("InputDataConfig").as_array().size() + 1);
  EXPECT_EQ(channels.back().at("ChannelName"), "held_out");
  EXPECT_THAT(json::serialize(channels.back()), ::testing::HasSubstr("Outputs['test']"));
  EXPECT_EQ(step(3).at_pointer("/Arguments/IfSteps/1/Arguments/InferenceSpecification/Containers/0/"
                               "ModelDataUrl/Get"),
            "Steps.Refit.ModelArtifacts.S3ModelArtifacts");
}

TEST_F(Definition, LetsSageMakersImageTrainWhenItIsNamed) {
  const auto document = json::parse(
      pipeline_definition({.xgboost_image_uri = "1.dkr.ecr.r.amazonaws.com/sagemaker-xgboost:1.7-1",
                           .hyperparameters = {{"feature_set", "recipe"},
                                               {"max_depth", "3"},
                                               {"bags", "3"},
                                               {"folds", "5"},
                                               {"early_stopping_rounds", "9"},
                                               {"interval_level", "0.8"}}}));
  expect_declared(document);
  const auto& train = document.at("Steps").at(1).at("Arguments");
  EXPECT_EQ(train.at_pointer("/AlgorithmSpecification/TrainingImage"),
            json::parse(R"({"Get":"Parameters.XgboostImageUri"})"));
  EXPECT_EQ(train.at("HyperParameters"),
            json::parse(R"({"objective":"reg:squarederror","eval_metric":"mae","num_round":"200",
                            "eta":"0.08","max_depth":{"Get":"Parameters.MaxDepth"},
                            "min_child_weight":"3","subsample":"0.8","colsample_bytree":"0.5",
                            "lambda":"2","seed":{"Get":"Parameters.Seed"}})"));
  const auto& channels = train.at("InputDataConfig").as_array();
  ASSERT_EQ(channels.size(), 2U);
  EXPECT_EQ(channels[0].at("ChannelName"), "train");
  EXPECT_EQ(channels[1].at("ChannelName"), "validation");
  EXPECT_THAT(json::serialize(channels[1]), ::testing::HasSubstr("Outputs['test']"));
  // All else is ours: the program that judges, and the image that serves.
  EXPECT_EQ(document.at_pointer("/Steps/2"), step(2));
  const auto& registered =
      document.at_pointer("/Steps/3/Arguments/IfSteps/0/Arguments/InferenceSpecification");
  EXPECT_EQ(registered.at_pointer("/Containers/0/Image"),
            json::parse(R"({"Get":"Parameters.ImageUri"})"));
  EXPECT_EQ(registered.at_pointer("/Containers/0/ModelDataUrl/Get"),
            "Steps.Train.ModelArtifacts.S3ModelArtifacts");
}

TEST_F(Definition, DealsTheRowsToSeveralInstancesOfSageMakersImage) {
  const auto document =
      json::parse(pipeline_definition({.xgboost_image_uri = "image", .training_instances = 3}));
  expect_declared(document);
  const auto& words = document.at_pointer("/Steps/0/Arguments/AppSpecification/ContainerArguments");
  EXPECT_THAT(json::serialize(words), ::testing::HasSubstr(R"("--parts","3")"));
  const auto& train = document.at("Steps").at(1).at("Arguments");
  EXPECT_EQ(train.at_pointer("/ResourceConfig/InstanceCount"), 3);
  const char* const distribution = "/DataSource/S3DataSource/S3DataDistributionType";
  EXPECT_EQ(train.at("InputDataConfig").at(0).at_pointer(distribution), "ShardedByS3Key");
  EXPECT_EQ(train.at("InputDataConfig").at(1).at_pointer(distribution), "FullyReplicated");
  EXPECT_THROW(pipeline_definition({.training_instances = 2}), std::invalid_argument);
}

TEST_F(Definition, DoesNotLetSageMakersImageLearnFromSomeColumnsOnly) {
  EXPECT_THROW(pipeline_definition(
                   {.xgboost_image_uri = "image", .hyperparameters = {{"feature_set", "mission"}}}),
               std::invalid_argument);
}

TEST_F(Definition, FollowsItsSettingsAndNothingElse) {
  EXPECT_EQ(pipeline_definition({}), pipeline_definition({}));
  const auto other = json::parse(pipeline_definition({.output_uri = "s3://elsewhere",
                                                      .commit_id = "abc",
                                                      .hyperparameters = {{"max_depth", "2"}},
                                                      .cache = true}));
  EXPECT_EQ(other.at_pointer("/Steps/0/CacheConfig/Enabled"), true);
  EXPECT_EQ(other.at_pointer("/Steps/3/Arguments/IfSteps/1/Arguments/MetadataProperties/CommitId"),
            "abc");
}

}  // namespace
}  // namespace pipelines
