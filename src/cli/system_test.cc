#include "cli/system.h"

#include "cli/errors.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

System system_of_tests() {
  Spec spec;
  spec.stream.name = "beers";
  spec.buckets.cleaned = "cleaned";
  spec.cleaned.prefix = "beers/!{timestamp:yyyy}/";
  spec.training.repository = "beer-pipeline";
  spec.training.image_tag = "1";
  spec.training.trainer = "ours";
  spec.training.xgboost_image = "auto";
  return {spec, "123456789012", "eu-west-1"};
}

System trained_by_xgboost() {
  System system = system_of_tests();
  system.spec.training.trainer = "xgboost";
  return system;
}

TEST(System, TrainsWithOurImageUnlessToldOtherwise) {
  EXPECT_EQ(system_of_tests().pipeline_settings().xgboost_image_uri, "");
  EXPECT_EQ(trained_by_xgboost().pipeline_settings().xgboost_image_uri,
            "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1");
}

TEST(System, TakesAnXgboostImageWhereNoneIsKnown) {
  System system = trained_by_xgboost();
  system.region = "mars-1";
  try {
    system.pipeline_settings();
    ADD_FAILURE() << "a region without an image";
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("training.xgboost_image"), std::string::npos);
  }
  system.spec.training.xgboost_image = "registry/xgboost:1";
  EXPECT_EQ(system.pipeline_settings().xgboost_image_uri, "registry/xgboost:1");
}

TEST(System, LeavesTheXgboostImageOfATemplateToWhoFillsIt) {
  System system = trained_by_xgboost();
  system.region = "${region}";
  system.xgboost_image = "${xgboost_image}";
  EXPECT_EQ(system.pipeline_settings().xgboost_image_uri, "${xgboost_image}");
  system.spec.training.trainer = "ours";
  EXPECT_EQ(system.pipeline_settings().xgboost_image_uri, "");
}

TEST(System, PutsTheAccountBehindABucketsName) {
  EXPECT_EQ(system_of_tests().cleaned_bucket(), "cleaned-123456789012");
}

TEST(System, FindsTheTableBelowTheFixedPartOfThePrefix) {
  EXPECT_EQ(system_of_tests().table_location(), "s3://cleaned-123456789012/beers/");
  EXPECT_EQ(fixed_prefix("beers/"), "beers/");
  EXPECT_EQ(fixed_prefix("beers/day=!{timestamp:yyyy-MM-dd}/"), "beers/");
  EXPECT_EQ(fixed_prefix("!{timestamp:yyyy}/"), "");
}

TEST(System, NamesThingsAsAwsDoes) {
  const System system = system_of_tests();
  EXPECT_EQ(system.stream_arn(), "arn:aws:kinesis:eu-west-1:123456789012:stream/beers");
  EXPECT_EQ(system.function_arn("f"), "arn:aws:lambda:eu-west-1:123456789012:function:f");
  EXPECT_EQ(system.role_arn("r"), "arn:aws:iam::123456789012:role/r");
  EXPECT_EQ(system.image_uri(), "123456789012.dkr.ecr.eu-west-1.amazonaws.com/beer-pipeline:1");
}

}  // namespace
}  // namespace cli
