// Endpoint configurations: Create, Describe, List, Delete.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"
#include "engine/services/sagemaker/state.h"

#include <set>

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "endpoint-config";
using Config = api::DescribeEndpointConfigOutput;

void check_uri(const std::string& uri) {
  if (!s3::parse_s3_uri(uri)) throw validation(fmt::format("\"{}\" is not a valid S3 URI.", uri));
}

void check(const api::AsyncInferenceConfig& config) {
  const auto& output = config.OutputConfig;
  if (!output.S3OutputPath) throw validation("AsyncInferenceConfig needs an S3OutputPath.");
  check_uri(*output.S3OutputPath);
  if (output.S3FailurePath) check_uri(*output.S3FailurePath);
  const auto& told = output.NotificationConfig;
  if (told && (told->SuccessTopic || told->ErrorTopic)) {
    throw validation(
        "NotificationConfig is not supported: this engine has no SNS. The answers are at "
        "OutputLocation and FailureLocation.");
  }
}

/// Throws for what this engine doesn't do.
void check(const SageMaker::Impl& state, const api::CreateEndpointConfigInput& input) {
  if (input.ShadowProductionVariants && !input.ShadowProductionVariants->empty()) {
    throw validation("ShadowProductionVariants are not supported here.");
  }
  if (input.ExplainerConfig) {
    throw validation(
        "ExplainerConfig is not supported here: models explain themselves when they are asked to "
        "by EnableExplanations.");
  }
  if (input.AsyncInferenceConfig) check(*input.AsyncInferenceConfig);
  if (input.DataCaptureConfig) check_uri(input.DataCaptureConfig->DestinationS3Uri);
  std::set<std::string> names;
  for (const auto& variant : input.ProductionVariants) {
    if (!names.insert(variant.VariantName).second) {
      throw validation(fmt::format("The variant name \"{}\" is used twice.", variant.VariantName));
    }
    if (variant.ServerlessConfig && variant.InstanceType) {
      throw validation(
          fmt::format("The variant \"{}\" must have either a ServerlessConfig or an InstanceType.",
                      variant.VariantName));
    }
    if (variant.ServerlessConfig && (input.DataCaptureConfig || input.AsyncInferenceConfig)) {
      throw validation(
          "A serverless variant can have neither a DataCaptureConfig nor an "
          "AsyncInferenceConfig.");
    }
    const std::string model = variant.ModelName.value_or("");
    if (!state.models.has(key_of(model, "model"))) {
      throw could_not_find("model", state.arn("model", model));
    }
  }
}

}  // namespace

api::op::CreateEndpointConfig::Output create_endpoint_config(
    SageMaker& sagemaker, Call&, const api::op::CreateEndpointConfig::Input& input) {
  auto& state = sagemaker.impl();
  check(state, input);
  auto config = converted<Config>(input);
  config.EndpointConfigArn = state.arn(kKind, input.EndpointConfigName);
  config.CreationTime = state.now();
  for (auto& variant : config.ProductionVariants) {
    if (!variant.InitialVariantWeight) variant.InitialVariantWeight = 1;
  }
  if (!state.endpoint_configs.insert(key_of(input.EndpointConfigName, kKind), config)) {
    throw cannot_create_existing("endpoint configuration", config.EndpointConfigArn);
  }
  state.put_tags(config.EndpointConfigArn, input.Tags);
  return {.EndpointConfigArn = config.EndpointConfigArn};
}

api::op::DescribeEndpointConfig::Output describe_endpoint_config(
    SageMaker& sagemaker, Call&, const api::op::DescribeEndpointConfig::Input& input) {
  auto& state = sagemaker.impl();
  auto config = state.endpoint_configs.find(key_of(input.EndpointConfigName, kKind));
  if (!config)
    throw could_not_find("endpoint configuration", state.arn(kKind, input.EndpointConfigName));
  return *config;
}

api::op::ListEndpointConfigs::Output list_endpoint_configs(
    SageMaker& sagemaker, Call&, const api::op::ListEndpointConfigs::Input& input) {
  std::vector<Listed<api::EndpointConfigSummary>> all;
  for (const Config& config : sagemaker.impl().endpoint_configs.all()) {
    all.push_back({converted<api::EndpointConfigSummary>(config), config.EndpointConfigName,
                   config.CreationTime, config.CreationTime, ""});
  }
  auto page = list_page(input, std::move(all));
  return {.EndpointConfigs = std::move(page.items), .NextToken = page.next};
}

api::op::DeleteEndpointConfig::Output delete_endpoint_config(
    SageMaker& sagemaker, Call&, const api::op::DeleteEndpointConfig::Input& input) {
  auto& state = sagemaker.impl();
  if (!state.endpoint_configs.remove(key_of(input.EndpointConfigName, kKind))) {
    throw could_not_find("endpoint configuration", state.arn(kKind, input.EndpointConfigName));
  }
  return {};
}

}  // namespace engine::sagemaker
