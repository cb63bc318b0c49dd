// What a definition is refused for, and what is read from one.
#include "engine/services/sagemaker/pipelines/definition.h"

#include "engine/protocol/error.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace engine::sagemaker::pipelines {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string with_steps(const std::string& steps, const std::string& parameters = "[]") {
  return R"({"Version": "2020-12-01", "Parameters": )" + parameters + R"(, "Steps": )" + steps +
         "}";
}

std::string refusal(const std::string& definition) {
  try {
    parse_definition(definition);
  } catch (const AwsError& error) {
    EXPECT_EQ(error.code, "ValidationException");
    return error.what();
  }
  return "";
}

TEST(PipelineDefinition, KnowsWhatEachStepNeeds) {
  const auto definition = parse_definition(with_steps(R"([
    {"Name": "Prepare", "Type": "Processing", "Arguments": {"RoleArn": {"Get": "Parameters.Role"}}},
    {"Name": "Train", "Type": "Training", "DependsOn": ["Prepare"], "Arguments": {}},
    {"Name": "Judge", "Type": "Processing",
     "PropertyFiles": [{"PropertyFileName": "Report", "OutputName": "out", "FilePath": "r.json"}],
     "Arguments": {"In": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
                   "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out"}]}}},
    {"Name": "Check", "Type": "Condition", "Arguments": {
      "Conditions": [{"Type": "LessThan", "RightValue": 3, "LeftValue": {"Std:JsonGet":
        {"PropertyFile": {"Get": "Steps.Judge.PropertyFiles.Report"}, "Path": "mae"}}}],
      "IfSteps": [{"Name": "Keep", "Type": "RegisterModel",
                   "Arguments": {"Url": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}}}],
      "ElseSteps": [{"Name": "No", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}]}}])",
                                                      R"([{"Name": "Role", "Type": "String"}])"));
  ASSERT_EQ(definition.steps.size(), 6u);
  EXPECT_THAT(definition.find_step("Train")->needs, ElementsAre("Prepare"));
  EXPECT_THAT(definition.find_step("Judge")->needs, ElementsAre("Train"));
  EXPECT_THAT(definition.find_step("Check")->needs, ElementsAre("Judge"));
  EXPECT_THAT(definition.find_step("Keep")->needs, ElementsAre("Check", "Train"));
  EXPECT_EQ(definition.find_step("No")->condition, "Check");
  EXPECT_FALSE(definition.find_step("No")->if_branch);
}

TEST(PipelineDefinition, IsRefusedWithASentenceThatNamesWhatIsWrong) {
  const std::string fail = R"("Type": "Fail", "Arguments": {"ErrorMessage": )";
  const struct {
    std::string definition, words;
  } cases[] = {
      {"{", "not JSON"},
      {R"({"Version": "1", "Steps": []})", "version \"1\""},
      {with_steps("[]"), "no steps"},
      {with_steps(R"([{"Name": "A", "Type": "EMR", "Arguments": {}}])"), "\"EMR\""},
      {with_steps(R"([{"Name": "a b", "Type": "Fail", "Arguments": {}}])"), "\"a b\""},
      {with_steps(R"([{"Name": "A", "Type": "Fail", "Arguments": {}}])"), "ErrorMessage"},
      {with_steps(R"([{"Name": "A", )" + fail + R"("x"}}, {"Name": "A", )" + fail + R"("x"}}])"),
       "\"A\" is used twice"},
      {with_steps(R"([{"Name": "A", )" + fail + R"({"Get": "Parameters.P"}}}])"),
       "parameter \"P\""},
      {with_steps(R"([{"Name": "A", )" + fail + R"({"Get": "Steps.B.Outcome"}}}])"), "step \"B\""},
      {with_steps(R"([{"Name": "A", )" + fail + R"({"Get": "Execution.Colour"}}}])"),
       "Execution.Colour"},
      {with_steps(R"([{"Name": "A", )" + fail + R"({"Get": "Beer.Colour"}}}])"), "Beer.Colour"},
      {with_steps(R"([{"Name": "A", "DependsOn": ["Z"], )" + fail + R"("x"}}])"), "step \"Z\""},
      {with_steps(R"([{"Name": "T", "Type": "Training", "Arguments": {}},
                      {"Name": "A", )" +
                  fail + R"({"Get": "Steps.T.ModelArtefacts.S3"}}}])"),
       "Steps.T.ModelArtefacts.S3"},
      {with_steps(R"([{"Name": "T", "Type": "Processing", "Arguments": {}},
                      {"Name": "A", )" +
                  fail + R"({"Get": "Steps.T.PropertyFiles.R"}}}])"),
       "property file"},
      {with_steps(R"([{"Name": "T", "Type": "Processing", "Arguments": {"ProcessingOutputConfig":
                       {"Outputs": [{"OutputName": "train"}]}}},
                      {"Name": "A", )" +
                  fail +
                  R"({"Get": "Steps.T.ProcessingOutputConfig.Outputs['test'].S3Output.S3Uri"}}}])"),
       "there is no \"test\""},
      {with_steps(R"([{"Name": "A", "DependsOn": ["B"], )" + fail + R"("x"}},
                      {"Name": "B", "DependsOn": ["A"], )" +
                  fail + R"("x"}}])"),
       "A, B wait for each other"},
      {with_steps(R"([{"Name": "A", "Type": "Condition", "Arguments":
                       {"Conditions": [{"Type": "Smells", "LeftValue": 1, "RightValue": 1}]}}])"),
       "\"Smells\""},
      {with_steps(R"([{"Name": "A", )" + fail + R"("x"}}])", R"([{"Name": "P", "Type": "Date"}])"),
       "\"Date\""},
      {with_steps(R"([{"Name": "A", )" + fail + R"("x"}}])",
                  R"([{"Name": "P", "Type": "Integer", "DefaultValue": "4"}])"),
       "not of type Integer"},
  };
  for (const auto& [definition, words] : cases) EXPECT_THAT(refusal(definition), HasSubstr(words));
}

TEST(PipelineParameter, IsReadByItsType) {
  EXPECT_EQ(parameter_value({.name = "P", .type = "Integer"}, "4"), json::value(4));
  EXPECT_EQ(parameter_value({.name = "P", .type = "Float"}, "4.5"), json::value(4.5));
  EXPECT_EQ(parameter_value({.name = "P", .type = "Boolean"}, "True"), json::value(true));
  EXPECT_EQ(parameter_value({.name = "P", .type = "String"}, "4"), json::value("4"));
  EXPECT_THROW(parameter_value({.name = "P", .type = "Integer"}, "4.5"), AwsError);
  EXPECT_THROW(parameter_value({.name = "P", .type = "Float"}, "four"), AwsError);
  EXPECT_THROW(parameter_value({.name = "P", .type = "String", .allowed = {json::value("a")}}, "b"),
               AwsError);
}

TEST(PipelineParameter, IsWrittenAsPeopleWriteIt) {
  EXPECT_EQ(text_of(json::value(12.0)), "12.0");
  EXPECT_EQ(text_of(json::value(0.1)), "0.1");
  EXPECT_EQ(text_of(json::value(4)), "4");
  EXPECT_EQ(text_of(json::value(true)), "true");
  EXPECT_EQ(text_of(json::value("beer")), "beer");
}

}  // namespace
}  // namespace engine::sagemaker::pipelines
