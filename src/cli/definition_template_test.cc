#include "cli/definition_template.h"

#include "cli/system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cli {
namespace {

using ::testing::HasSubstr;

Spec spec_of_tests() {
  Spec spec;
  spec.project = "beers";
  spec.buckets.cleaned = "cleaned";
  spec.buckets.models = "models";
  spec.cleaned.prefix = "beers/";
  spec.training.repository = "beer-pipeline";
  spec.training.image_tag = "1";
  spec.roles.pipeline = "trainer";
  spec.gate.mae_threshold = 12;
  return spec;
}

/// What templatefile() makes of the text, where nothing in it is escaped.
std::string rendered(std::string text) {
  const auto fill = [&](const std::string& hole, const std::string& value) {
    for (std::size_t at; (at = text.find(hole)) != std::string::npos;) {
      text.replace(at, hole.size(), value);
    }
  };
  fill("${account_id}", "123456789012");
  fill("${region}", "eu-west-1");
  fill("${xgboost_image}", "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1");
  return text;
}

TEST(DefinitionTemplate, RenderedIsWhatADeploymentSends) {
  const Spec spec = spec_of_tests();
  const System system{spec, "123456789012", "eu-west-1"};
  const std::string text = definition_template(spec);
  EXPECT_THAT(text, HasSubstr("${account_id}.dkr.ecr.${region}.amazonaws.com/beer-pipeline:1"));
  EXPECT_THAT(text, HasSubstr("arn:aws:iam::${account_id}:role/trainer"));
  EXPECT_THAT(text, HasSubstr("s3://models-${account_id}"));
  EXPECT_EQ(rendered(text), pipelines::pipeline_definition(system.pipeline_settings()));
  EXPECT_EQ(rendered(watching_template(spec)),
            pipelines::watching_definition(system.watching_settings()));
}

TEST(DefinitionTemplate, LeavesTheImageThatAwsKeepsInEachRegionToBeFilledIn) {
  Spec spec = spec_of_tests();
  spec.training.trainer = "xgboost";
  spec.training.xgboost_image = "auto";
  const System system{spec, "123456789012", "eu-west-1"};
  const std::string text = definition_template(spec);
  EXPECT_THAT(text, HasSubstr("\"${xgboost_image}\""));
  EXPECT_EQ(rendered(text), pipelines::pipeline_definition(system.pipeline_settings()));
}

TEST(DefinitionTemplate, EscapesWhatOnlyLooksLikeATemplate) {
  Spec spec = spec_of_tests();
  spec.project = "${region} and %{ if }";
  EXPECT_THAT(definition_template(spec), HasSubstr("\"$${region} and %%{ if }\""));
}

TEST(DefinitionTemplate, SaysAnotherThresholdForAnotherSpec) {
  Spec spec = spec_of_tests();
  spec.gate.mae_threshold = 9.5;
  EXPECT_NE(definition_template(spec), definition_template(spec_of_tests()));
}

}  // namespace
}  // namespace cli
