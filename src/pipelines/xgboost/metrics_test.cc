// The added metrics, against numbers worked out by hand.
#include "pipelines/xgboost/metrics.h"

#include "pipelines/xgboost/error.h"

#include <gtest/gtest.h>

#include <vector>

namespace pipelines::xgboost {
namespace {

constexpr const char* kBinary = "binary:logistic";

TEST(XgboostMetrics, OfNumbersAreErrors) {
  const std::vector<float> labels = {1, 2, 3, 4};
  const std::vector<float> values = {1, 2, 3, 6};
  EXPECT_DOUBLE_EQ(added_metric("mse", labels, values, "reg:squarederror"), 1);
  EXPECT_DOUBLE_EQ(added_metric("r2", labels, values, "reg:squarederror"), 0.2);
}

TEST(XgboostMetrics, OfTwoClassesCountWhatIsAboveAHalf) {
  const std::vector<float> labels = {1, 1, 1, 0, 0, 0};
  const std::vector<float> values = {0.9F, 0.8F, 0.1F, 0.7F, 0.2F, 0.5F};
  EXPECT_DOUBLE_EQ(added_metric("accuracy", labels, values, kBinary), 4.0 / 6);
  EXPECT_DOUBLE_EQ(added_metric("precision", labels, values, kBinary), 2.0 / 3);
  EXPECT_DOUBLE_EQ(added_metric("recall", labels, values, kBinary), 2.0 / 3);
  EXPECT_DOUBLE_EQ(added_metric("f1_binary", labels, values, kBinary), 2.0 / 3);
  EXPECT_DOUBLE_EQ(added_metric("balanced_accuracy", labels, values, kBinary), 2.0 / 3);
}

TEST(XgboostMetrics, OfManyClassesAreMeansOverThem) {
  const std::vector<float> labels = {0, 0, 1, 2};
  const std::vector<float> classes = {0, 1, 1, 1};
  EXPECT_DOUBLE_EQ(added_metric("precision_macro", labels, classes, "multi:softmax"),
                   (1 + 1.0 / 3 + 0) / 3);
  EXPECT_DOUBLE_EQ(added_metric("recall_macro", labels, classes, "multi:softmax"),
                   (0.5 + 1 + 0) / 3);
  EXPECT_DOUBLE_EQ(added_metric("f1", labels, classes, "multi:softmax"),
                   (2.0 / 3 + 2.0 / 4 + 0) / 3);
  EXPECT_DOUBLE_EQ(added_metric("precision_micro", labels, classes, "multi:softmax"), 0.5);
  EXPECT_THROW(added_metric("f1_binary", labels, classes, "multi:softmax"), UserError);
  const std::vector<float> shares = {0.5F, 0.3F, 0.2F, 0.1F, 0.8F, 0.1F};
  EXPECT_DOUBLE_EQ(added_metric("accuracy", std::vector<float>{0, 2}, shares, "multi:softprob"),
                   0.5);
}

TEST(XgboostMetrics, SayWhichWayIsBetter) {
  EXPECT_TRUE(more_is_better("r2"));
  EXPECT_TRUE(more_is_better("ndcg@3"));
  EXPECT_FALSE(more_is_better("rmse"));
}

}  // namespace
}  // namespace pipelines::xgboost
