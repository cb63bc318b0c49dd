// Endpoints: Create, Update, Describe, List, Delete.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/hosting/hosting.h"
#include "engine/services/sagemaker/listing.h"
#include "engine/services/sagemaker/operations.h"

#include <algorithm>

namespace engine::sagemaker {
namespace {

constexpr const char* kKind = "endpoint";
using Endpoint = api::DescribeEndpointOutput;

api::DescribeEndpointConfigOutput existing_config(const SageMaker::Impl& state,
                                                  const std::string& name) {
  const auto config = state.endpoint_configs.find(key_of(name, "endpoint-config"));
  if (!config) throw could_not_find("endpoint configuration", state.arn("endpoint-config", name));
  return *config;
}

/// Throws when the traffic can't be moved so, or an alarm of it isn't there.
void check(const SageMaker::Impl& state, const std::optional<api::DeploymentConfig>& policy,
           const api::DescribeEndpointConfigOutput& config) {
  const auto instances = config.ProductionVariants.front().InitialInstanceCount.value_or(1);
  for (const std::string& alarm : traffic_plan(policy, instances).alarms) {
    if (state.settings.alarm_state && !state.settings.alarm_state(alarm)) {
      throw validation(fmt::format("The CloudWatch alarm \"{}\" does not exist.", alarm));
    }
  }
}

/// Of the properties that an update leaves as they are, with or without the rest.
bool retains(const api::UpdateEndpointInput& input, std::string_view property) {
  if (!input.RetainAllVariantProperties.value_or(false)) return false;
  if (!input.ExcludeRetainedVariantProperties) return true;
  const auto& excluded = *input.ExcludeRetainedVariantProperties;
  return std::none_of(excluded.begin(), excluded.end(),
                      [&](const auto& one) { return one.VariantPropertyType == property; });
}

void check_not_in_progress(const Endpoint& endpoint) {
  for (const char* status : {"InService", "OutOfService", "Failed", "UpdateRollbackFailed"}) {
    if (endpoint.EndpointStatus == status) return;
  }
  throw validation(fmt::format("Cannot update in-progress endpoint \"{}\".", endpoint.EndpointArn));
}

api::ProductionVariantSummary& variant_of(Endpoint& endpoint, const std::string& name) {
  if (endpoint.ProductionVariants) {
    for (auto& variant : *endpoint.ProductionVariants) {
      if (variant.VariantName == name) return variant;
    }
  }
  throw validation(
      fmt::format("The endpoint \"{}\" has no variant \"{}\".", endpoint.EndpointArn, name));
}

}  // namespace

api::op::CreateEndpoint::Output create_endpoint(SageMaker& sagemaker, Call& call,
                                                const api::op::CreateEndpoint::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.EndpointName, kKind);
  Endpoint endpoint{.EndpointName = input.EndpointName, .EndpointArn = state.arn(kKind, key)};
  const auto config = existing_config(state, input.EndpointConfigName);
  check(state, input.DeploymentConfig, config);
  endpoint.EndpointConfigName = config.EndpointConfigName;
  endpoint.EndpointStatus = "Creating";
  endpoint.CreationTime = endpoint.LastModifiedTime = state.now();
  endpoint.LastDeploymentConfig = input.DeploymentConfig;
  if (!state.endpoints.insert(key, endpoint))
    throw cannot_create_existing("endpoint", endpoint.EndpointArn);
  state.put_tags(endpoint.EndpointArn, input.Tags);
  state.hosting->emit(endpoint);
  const auto decided = state.hosting->deploy({.key = key, .config = *endpoint.EndpointConfigName});
  return state.answer_after(call, *decided,
                            api::op::CreateEndpoint::Output{.EndpointArn = endpoint.EndpointArn});
}

api::op::UpdateEndpoint::Output update_endpoint(SageMaker& sagemaker, Call& call,
                                                const api::op::UpdateEndpoint::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.EndpointName, kKind);
  const auto about = existing_config(state, input.EndpointConfigName);
  const std::string& config = about.EndpointConfigName;
  check(state, input.DeploymentConfig, about);
  const auto endpoint = state.endpoints.change(key, [&](Endpoint& row) {
    check_not_in_progress(row);
    row.EndpointStatus = "Updating";
    row.LastModifiedTime = state.now();
    row.PendingDeploymentSummary =
        api::PendingDeploymentSummary{.EndpointConfigName = config, .StartTime = state.now()};
    if (!input.RetainDeploymentConfig.value_or(false)) {
      row.LastDeploymentConfig = input.DeploymentConfig;
    }
  });
  if (!endpoint) throw could_not_find("endpoint", state.arn(kKind, key));
  state.hosting->emit(*endpoint);
  const auto decided = state.hosting->deploy({.key = key,
                                              .config = config,
                                              .keep_weights = retains(input, "DesiredWeight"),
                                              .keep_capture = retains(input, "DataCaptureConfig"),
                                              .policy = endpoint->LastDeploymentConfig});
  return state.answer_after(call, *decided,
                            api::op::UpdateEndpoint::Output{.EndpointArn = endpoint->EndpointArn});
}

/// Deviation: a DesiredInstanceCount is described, but one process serves a variant. The endpoint
/// is InService again at once.
api::op::UpdateEndpointWeightsAndCapacities::Output update_endpoint_weights_and_capacities(
    SageMaker& sagemaker, Call&, const api::op::UpdateEndpointWeightsAndCapacities::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.EndpointName, kKind);
  std::map<std::string, double> weights;
  const auto endpoint = state.endpoints.change(key, [&](Endpoint& row) {
    check_not_in_progress(row);
    for (const auto& desired : input.DesiredWeightsAndCapacities) {
      auto& variant = variant_of(row, desired.VariantName);
      if (desired.DesiredInstanceCount) {
        variant.DesiredInstanceCount = variant.CurrentInstanceCount = desired.DesiredInstanceCount;
      }
      if (!desired.DesiredWeight) continue;
      variant.DesiredWeight = variant.CurrentWeight = desired.DesiredWeight;
      weights[desired.VariantName] = *desired.DesiredWeight;
    }
    row.LastModifiedTime = state.now();
  });
  if (!endpoint) throw could_not_find("endpoint", state.arn(kKind, key));
  state.hosting->set_weights(key, weights);
  auto updating = *endpoint;
  updating.EndpointStatus = "Updating";
  state.hosting->emit(updating);
  state.hosting->emit(*endpoint);
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

api::op::DeleteEndpoint::Output delete_endpoint(SageMaker& sagemaker, Call& call,
                                                const api::op::DeleteEndpoint::Input& input) {
  auto& state = sagemaker.impl();
  const std::string key = key_of(input.EndpointName, kKind);
  bool already = false;
  const auto endpoint = state.endpoints.change(key, [&](Endpoint& row) {
    already = row.EndpointStatus == "Deleting";
    row.EndpointStatus = "Deleting";
    row.LastModifiedTime = state.now();
  });
  if (!endpoint) throw could_not_find("endpoint", state.arn(kKind, key));
  if (already) return {};
  state.hosting->emit(*endpoint);
  const auto gone = state.hosting->remove(key);
  state.hold_answer(call, *gone, "");
  return {};
}

}  // namespace engine::sagemaker
