// Every form of reference and condition, as a table.
#include "engine/services/sagemaker/pipelines/resolve.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace engine::sagemaker::pipelines {
namespace {

using testing::HasSubstr;

Scope scope() {
  Scope scope;
  scope.parameter = [](const std::string& name) {
    return json::parse(R"({"Depth": 4, "Max": 12.0, "Name": "ibu", "Deep": true})").at(name);
  };
  scope.execution = [](const std::string& name) { return json::value("<" + name + ">"); };
  scope.step = [](const std::string& name) {
    if (name != "Prep") throw ReferenceError("no such step");
    return json::parse(R"({"ProcessingOutputConfig": {"Outputs": [
      {"OutputName": "train", "S3Output": {"S3Uri": "s3://a/train"}},
      {"OutputName": "test", "S3Output": {"S3Uri": "s3://a/test"}}]},
      "Environment": {"a.b": "dotted"}, "ExitMessage": "fine"})");
  };
  scope.property_file = [](const std::string& step, const std::string& file) {
    if (step + file != "PrepReport") throw ReferenceError("no such file");
    return json::parse(R"({"metrics": {"mae": {"value": 9.4}}, "list": [1, {"k": 2}], "a b": 3})");
  };
  scope.s3_file = [](const std::string& uri) { return json::object{{"uri", uri}}; };
  return scope;
}

TEST(References, AreReplacedByWhatTheyStandFor) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"Get": "Parameters.Depth"})", "4"},
      {R"({"Get": "Parameters.Name"})", R"("ibu")"},
      {R"({"Get": "Parameters.Deep"})", "true"},
      {R"({"Get": "Execution.PipelineName"})", R"("<PipelineName>")"},
      {R"({"Get": "Steps.Prep.ExitMessage"})", R"("fine")"},
      {R"({"Get": "Steps.Prep.ProcessingOutputConfig.Outputs['test'].S3Output.S3Uri"})",
       R"("s3://a/test")"},
      {R"({"Get": "Steps.Prep.ProcessingOutputConfig.Outputs[\"train\"].S3Output.S3Uri"})",
       R"("s3://a/train")"},
      {R"({"Get": "Steps.Prep.ProcessingOutputConfig.Outputs[1].OutputName"})", R"("test")"},
      {R"({"Get": "Steps.Prep.Environment['a.b']"})", R"("dotted")"},
      {R"({"Std:Join": {"On": "/", "Values": ["s3:/", {"Get": "Parameters.Name"}, 1, true]}})",
       R"("s3://ibu/1/true")"},
      {R"({"Std:Join": {"Values": [{"Get": "Parameters.Depth"}]}})", R"("4")"},
      {R"({"Std:Join": {"On": " ", "Values": ["above", {"Get": "Parameters.Max"}]}})",
       R"("above 12.0")"},
      {R"({"Std:Join": {"On": "-", "Values": [{"Std:Join": {"Values": ["a", "b"]}}, "c"]}})",
       R"("ab-c")"},
      {R"({"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Prep.PropertyFiles.Report"},
           "Path": "list[1].k"}})",
       "2"},
      {R"({"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Prep.PropertyFiles.Report"},
           "Path": "$.list[0]"}})",
       "1"},
      {R"({"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Prep.PropertyFiles.Report"},
           "Path": "['a b']"}})",
       "3"},
      {R"({"Std:JsonGet": {"S3Uri": {"Std:Join": {"Values": ["s3://", "b"]}}, "Path": "uri"}})",
       R"("s3://b")"},
      {R"({"a": [{"b": {"Get": "Parameters.Depth"}}], "Get": "kept"})",
       R"({"a": [{"b": 4}], "Get": "kept"})"},
  };
  for (const auto& [given, wanted] : cases) {
    EXPECT_EQ(resolve(json::parse(given), scope()), json::parse(wanted)) << given;
  }
}

TEST(References, ThatLeadNowhereSayWhere) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"Get": "Steps.Prep.Colour"})", "no \"Colour\""},
      {R"({"Get": "Steps.Prep.ProcessingOutputConfig.Outputs['x'].S3Output.S3Uri"})", "no \"x\""},
      {R"({"Get": "Steps.Prep.ProcessingOutputConfig.Outputs[7]"})", "no \"7\""},
      {R"({"Get": "Steps.Prep.a..b"})", "not a valid path"},
      {R"({"Get": "Steps.Prep.a['b"})", "not a valid path"},
      {R"({"Get": "Beer"})", "not a valid reference"},
      {R"({"Std:Join": {"On": ","}})", "Values"},
      {R"({"Std:Join": {"Values": [{"a": 1}]}})", "joins strings"},
      {R"({"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Prep.PropertyFiles.Report"},
           "Path": {"Std:Join": {}}}})",
       "literal"},
      {R"({"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Prep.PropertyFiles.Report"},
           "Path": "metrics.rmse"}})",
       "no \"rmse\""},
  };
  for (const auto& [given, words] : cases) {
    try {
      resolve(json::parse(given), scope());
      FAIL() << given;
    } catch (const ReferenceError& error) {
      EXPECT_THAT(error.what(), HasSubstr(words));
    }
  }
}

TEST(Conditions, AreDecidedByTheirType) {
  const std::pair<const char*, bool> cases[] = {
      {R"({"Type": "Equals", "LeftValue": {"Get": "Parameters.Depth"}, "RightValue": 4})", true},
      {R"({"Type": "Equals", "LeftValue": 4, "RightValue": 4.0})", true},
      {R"({"Type": "Equals", "LeftValue": "a", "RightValue": "b"})", false},
      {R"({"Type": "NotEquals", "LeftValue": "a", "RightValue": "b"})", true},
      {R"({"Type": "GreaterThan", "LeftValue": 4, "RightValue": 4})", false},
      {R"({"Type": "GreaterThanOrEqualTo", "LeftValue": 4, "RightValue": 4})", true},
      {R"({"Type": "LessThan", "LeftValue": 3.9, "RightValue": 4})", true},
      {R"({"Type": "LessThanOrEqualTo", "LeftValue": {"Std:JsonGet": {"PropertyFile":
           {"Get": "Steps.Prep.PropertyFiles.Report"}, "Path": "metrics.mae.value"}},
           "RightValue": {"Get": "Parameters.Max"}})",
       true},
      {R"({"Type": "In", "QueryValue": "b", "Values": ["a", "b"]})", true},
      {R"({"Type": "In", "Value": 3, "In": [1, 2]})", false},
      {R"({"Type": "NotIn", "Value": 3, "In": [1, "3"]})", true},
      {R"({"Type": "Not", "Expression": {"Type": "Equals", "LeftValue": 1, "RightValue": 2}})",
       true},
      {R"({"Type": "Not", "Condition": {"Type": "Equals", "LeftValue": 1, "RightValue": 2}})",
       true},
      {R"({"Type": "Or", "Conditions": [{"Type": "Equals", "LeftValue": 1, "RightValue": 2},
                                        {"Type": "Equals", "LeftValue": 1, "RightValue": 1}]})",
       true},
  };
  for (const auto& [given, wanted] : cases) {
    EXPECT_EQ(holds(json::array{json::parse(given)}, scope()), wanted) << given;
  }
}

TEST(Conditions, MustAllHold) {
  const auto yes = json::parse(R"({"Type": "Equals", "LeftValue": 1, "RightValue": 1})");
  const auto no = json::parse(R"({"Type": "Equals", "LeftValue": 1, "RightValue": 2})");
  EXPECT_TRUE(holds(json::array{yes, yes}, scope()));
  EXPECT_FALSE(holds(json::array{yes, no}, scope()));
}

TEST(Conditions, RefuseToCompareUnlikeValues) {
  for (const char* given : {R"({"Type": "LessThan", "LeftValue": 1, "RightValue": "2"})",
                            R"({"Type": "Equals", "LeftValue": 1, "RightValue": "1"})"}) {
    EXPECT_THROW(holds(json::array{json::parse(given)}, scope()), ReferenceError) << given;
  }
}

}  // namespace
}  // namespace engine::sagemaker::pipelines
