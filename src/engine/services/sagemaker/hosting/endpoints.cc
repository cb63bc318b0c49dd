// Endpoints: Create, Update, Describe, List, Delete.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/hosting/hosting.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "endpoint";
using Endpoint = api::DescribeEndpointOutput;

std::string existing_config(const SageMaker::Impl& state, const std::string& name) {
  const auto config = state.endpoint_configs.find(key_of(name, "endpoint-config"));
  if (!config) throw could_not_find("endpoint configuration", state.arn("endpoint-config", name));
  return config->EndpointConfigName;
}

}  // namespace

api::op::CreateEndpoint::Output create_endpoint(SageMaker& sagemaker, Call&,
                                                const api::op::CreateEndpoint::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.EndpointName, kKind);
  Endpoint endpoint{.EndpointName = input.EndpointName, .EndpointArn = state.arn(kKind, key)};
  endpoint.EndpointConfigName = existing_config(state, input.EndpointConfigName);
  endpoint.EndpointStatus = "Creating";
  endpoint.CreationTime = endpoint.LastModifiedTime = state.now();
  endpoint.LastDeploymentConfig = input.DeploymentConfig;
  if (!state.endpoints.insert(key, endpoint))
    throw cannot_create_existing("endpoint", endpoint.EndpointArn);
  state.put_tags(endpoint.EndpointArn, input.Tags);
  state.hosting->deploy(key, *endpoint.EndpointConfigName).wait_for(state.settings.create_wait);
  return {.EndpointArn = endpoint.EndpointArn};
}

/// Deviation: a DeploymentConfig is kept and described, but the traffic moves all at once.
api::op::UpdateEndpoint::Output update_endpoint(SageMaker& sagemaker, Call&,
                                                const api::op::UpdateEndpoint::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.EndpointName, kKind);
  const std::string config = existing_config(state, input.EndpointConfigName);
  const auto endpoint = state.endpoints.change(key, [&](Endpoint& row) {
    if (row.EndpointStatus != "InService" && row.EndpointStatus != "Failed") {
      throw validation(fmt::format("Cannot update in-progress endpoint \"{}\".", row.EndpointArn));
    }
    row.EndpointStatus = "Updating";
    row.LastModifiedTime = state.now();
    row.PendingDeploymentSummary =
        api::PendingDeploymentSummary{.EndpointConfigName = config, .StartTime = state.now()};
    if (input.DeploymentConfig) row.LastDeploymentConfig = input.DeploymentConfig;
  });
  if (!endpoint) throw could_not_find("endpoint", state.arn(kKind, key));
  state.hosting->deploy(key, config).wait_for(state.settings.create_wait);
  return {.EndpointArn = endpoint->EndpointArn};
}

api::op::DescribeEndpoint::Output describe_endpoint(SageMaker& sagemaker, Call&,
                                                    const api::op::DescribeEndpoint::Input& input) {
  auto& state = sagemaker.impl();
  auto endpoint = state.endpoints.find(key_of(input.EndpointName, kKind));
  if (!endpoint) throw could_not_find("endpoint", state.arn(kKind, input.EndpointName));
  return *endpoint;
}

api::op::ListEndpoints::Output list_endpoints(SageMaker& sagemaker, Call&,
                                              const api::op::ListEndpoints::Input& input) {
  std::vector<Listed<api::EndpointSummary>> all;
  for (const Endpoint& endpoint : sagemaker.impl().endpoints.all()) {
    all.push_back({converted<api::EndpointSummary>(endpoint), endpoint.EndpointName,
                   endpoint.CreationTime, endpoint.LastModifiedTime, endpoint.EndpointStatus});
  }
  auto page = list_page(input, std::move(all));
  return {.Endpoints = std::move(page.items), .NextToken = page.next};
}

api::op::DeleteEndpoint::Output delete_endpoint(SageMaker& sagemaker, Call&,
                                                const api::op::DeleteEndpoint::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.EndpointName, kKind);
  if (!state.endpoints.remove(key)) throw could_not_find("endpoint", state.arn(kKind, key));
  state.hosting->remove(key);
  return {};
}

}  // namespace engine::sagemaker
