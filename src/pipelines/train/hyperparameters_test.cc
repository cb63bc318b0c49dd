// Hyperparameters: what is taken and what is refused.
#include "pipelines/train/hyperparameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

namespace pipelines {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::ThrowsMessage;

auto refused(const char* json, const char* sentence) {
  return std::pair([=] { parse_hyperparameters(json); },
                   ThrowsMessage<std::runtime_error>(HasSubstr(sentence)));
}

TEST(Hyperparameters, TakesXgboostsNamesAndOurs) {
  const auto read = parse_hyperparameters(
      R"({"num_round":"50","learning_rate":"0.3","max_depth":"6","feature_set":"mission",
          "bags":"4","grid":"on","objective":"reg:linear","nthread":"8","sagemaker_program":"x"})");
  EXPECT_EQ(read.num_round, 50);
  EXPECT_EQ(read.bags, 4);
  EXPECT_TRUE(read.grid);
  EXPECT_EQ(read.feature_set, FeatureSet::kMission);
  EXPECT_THAT(read.booster, Contains(Pair("eta", "0.3")));
  EXPECT_THAT(read.booster, Contains(Pair("max_depth", "6")));
  EXPECT_THAT(read.booster, Contains(Pair("objective", "reg:squarederror")));
  EXPECT_THAT(read.booster, Contains(Pair("subsample", "0.6"))) << "a default of ours";
  EXPECT_THAT(read.booster, ::testing::Not(Contains(Pair("nthread", "8"))));
}

TEST(Hyperparameters, RefusesWithASentenceThatNamesTheFault) {
  for (const auto& [parse, matcher] :
       {refused(R"({"max_deep":"4"})", "There is no hyperparameter 'max_deep'."),
        refused(R"({"eta":"fast"})", "eta is 'fast': expected a number from 0 to 1"),
        refused(R"({"eta":"1.5"})", "eta is '1.5'"), refused(R"({"folds":"1"})", "folds is '1'"),
        refused(R"({"folds":"2.5"})", "expected a whole number"),
        refused(R"({"eta":0.1})", "expected a string"),
        refused(R"({"objective":"multi:softmax"})", "expected one of reg:squarederror"),
        refused(R"({"feature_set":"all"})", "recipe or mission"),
        refused(R"({"grid":"1"})", "on or off"), refused(R"({"forest_leaf":"0"})", "forest_leaf"),
        refused("[]", "isn't one JSON object")}) {
    EXPECT_THAT(parse, matcher);
  }
}

}  // namespace
}  // namespace pipelines
