#include "cli/system.h"

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
  return {spec, "123456789012", "eu-west-1"};
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
