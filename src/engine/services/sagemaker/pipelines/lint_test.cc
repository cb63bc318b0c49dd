// Definitions as the SDK writes them are taken, and all that is wrong with one is told at once.
#include "engine/services/sagemaker/pipelines/definition.h"
#include "engine/services/sagemaker/pipelines/duration.h"
#include "lib/io/file.h"
#include "test_places.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace engine::sagemaker::pipelines {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// The definitions of a folder of fixtures, by name.
std::map<std::string, std::string> fixtures(const std::string& folder) {
  const std::string base = BEER_SOURCE_DIR "/src/engine/services/sagemaker/pipelines/fixtures/";
  std::map<std::string, std::string> all;
  for (const auto& entry : std::filesystem::directory_iterator(base + folder)) {
    all[entry.path().stem().string()] = io::read_file(entry.path().string());
  }
  EXPECT_GT(all.size(), 2u);
  return all;
}

std::vector<std::string> texts(const std::vector<Problem>& problems) {
  std::vector<std::string> all;
  for (const Problem& problem : problems) all.push_back(problem.text());
  return all;
}

TEST(Lint, TakesWhatTheSdkWrites) {
  for (const auto& [name, text] : fixtures("accepted")) {
    Problems problems;
    parse_definition(text, problems);
    EXPECT_THAT(texts(problems.errors()), IsEmpty()) << name;
    EXPECT_THAT(texts(problems.warnings()), IsEmpty()) << name;
  }
}

TEST(Lint, NamesEverythingThatIsWrongAtOnce) {
  for (const auto& [name, text] : fixtures("refused")) {
    Problems problems;
    parse_definition(text, problems);
    const auto found = texts(problems.errors());
    const json::value document = json::parse(text);
    const auto& expected = document.at("Metadata").at("Expect").as_array();
    for (const json::value& sentence : expected) {
      EXPECT_TRUE(std::any_of(found.begin(), found.end(),
                              [&](const std::string& problem) {
                                return problem.find(std::string_view(sentence.as_string())) !=
                                       problem.npos;
                              }))
          << name << ": " << sentence << " is not among " << testing::PrintToString(found);
    }
    EXPECT_GE(expected.size() + 1, found.size()) << name << testing::PrintToString(found);
    EXPECT_THAT(problems.refusal().what(),
                HasSubstr(fmt::format("{} problems: (1) ", found.size())));
  }
}

TEST(Lint, WarnsOfArgumentsThatMakeNoRequest) {
  Problems problems;
  parse_definition(R"({"Version": "2020-12-01", "Steps": [
    {"Name": "T", "Type": "Training", "Arguments": {"RoleArn": 5, "Colour": "amber",
      "HyperParameters": {"eta": 0.1}, "OutputDataConfig": {"S3OutputPath": "s3://a/b"}}}]})",
                   problems);
  EXPECT_THAT(problems.errors(), IsEmpty());
  EXPECT_THAT(texts(problems.warnings()),
              testing::UnorderedElementsAre(
                  "Step \"T\": Arguments.RoleArn must be a string.",
                  "Step \"T\": Arguments.HyperParameters.eta must be a string.",
                  "Step \"T\": Arguments has \"Colour\", which AWS doesn't know."));
}

TEST(Lint, WarnsOfAStepThatNeedsBothBranches) {
  Problems problems;
  parse_definition(R"({"Version": "2020-12-01", "Steps": [
    {"Name": "C", "Type": "Condition", "Arguments": {
      "Conditions": [{"Type": "Equals", "LeftValue": 1, "RightValue": 1}],
      "IfSteps": [{"Name": "Yes", "Type": "Lambda", "FunctionArn": "f"}],
      "ElseSteps": [{"Name": "No", "Type": "Lambda", "FunctionArn": "f"}]}},
    {"Name": "Both", "Type": "Lambda", "FunctionArn": "f", "DependsOn": ["Yes", "No"]}]})",
                   problems);
  EXPECT_THAT(texts(problems.warnings()),
              testing::ElementsAre("Step \"Both\": it never runs: it needs both branches of "
                                   "\"C\"."));
}

TEST(Lint, ReadsDefinitionsWithBranchesInBranches) {
  std::string steps = R"([{"Name": "End", "Type": "Fail", "Arguments": {"ErrorMessage": "x"}}])";
  for (int i = 0; i < 15; ++i) {
    steps = fmt::format(R"([{{"Name": "C{}", "Type": "Condition", "Arguments": {{
      "Conditions": [{{"Type": "Equals", "LeftValue": 1, "RightValue": 1}}], "IfSteps": {}}}}}])",
                        i, steps);
  }
  EXPECT_EQ(parse_definition(R"({"Version": "2020-12-01", "Steps": )" + steps + "}").steps.size(),
            16u);
}

TEST(Duration, IsReadInEveryFormAwsShows) {
  using namespace std::chrono_literals;
  const std::map<std::string, std::chrono::seconds> good{
      {"P30D", 720h},   {"30d", 720h}, {"p30d", 720h}, {"T16m", 16min},
      {"30dT5h", 725h}, {"T12H", 12h}, {"PT5M", 5min}, {"P1DT2H3M4S", 26h + 184s},
      {"P1W", 168h},    {"P1M", 720h},
  };
  for (const auto& [text, seconds] : good) EXPECT_EQ(parse_duration(text), seconds) << text;
  for (const char* bad : {"", "P", "soon", "30", "5H", "P5S", "PT1D", "-P1D", "P1.5D",
                          "P99999999999999999999D", "PT"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

}  // namespace
}  // namespace engine::sagemaker::pipelines
