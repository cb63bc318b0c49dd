// InvokeEndpoint: the request handed to a serving process, its answer handed back.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/hosting/async_invocations.h"
#include "engine/services/sagemaker/hosting/hosting.h"
#include "engine/services/sagemaker/hosting/invocation.h"
#include "engine/services/sagemaker/hosting/invocation_metrics.h"
#include "engine/services/sagemaker/operations.h"

namespace engine::sagemaker {
namespace {

namespace rt = sagemaker_runtime::api;

http::Request request_of(const rt::InvokeEndpointInput& input) {
  http::Request request;
  const auto add = [&](const char* name, const std::optional<std::string>& value) {
    if (value) request.headers.add(name, *value);
  };
  add("Content-Type", input.ContentType);
  add("Accept", input.Accept);
  add(kCustomAttributes, input.CustomAttributes);
  add("X-Amzn-SageMaker-Target-Model", input.TargetModel);
  add("X-Amzn-SageMaker-Target-Variant", input.TargetVariant);
  add("X-Amzn-SageMaker-Inference-Id", input.InferenceId);
  add("X-Amzn-SageMaker-Session-Id", input.SessionId);
  add("X-Amzn-SageMaker-Enable-Explanations", input.EnableExplanations);
  request.body = http::Body(input.Body);
  return request;
}

/// Why an endpoint without a fleet can't be asked.
AwsError not_in_service(const SageMaker::Impl& state, const std::string& name,
                        const std::string& key) {
  const auto endpoint = state.endpoints.find(key);
  if (!endpoint || endpoint->EndpointStatus == "Deleting") {
    return no_such_endpoint(name, state.context.account);
  }
  const auto config = state.endpoint_configs.find(
      key_of(endpoint->EndpointConfigName.value_or(""), "endpoint-config"));
  if (endpoint->EndpointStatus == "Creating" && config &&
      config->ProductionVariants.front().ServerlessConfig) {
    return model_not_ready(name);
  }
  return service_unavailable(fmt::format("Endpoint {} is not in service.", name));
}

/// The variant with a process that answers.
ServedVariant variant_for(const SageMaker::Impl& state, const rt::InvokeEndpointInput& input) {
  const std::string key = key_of(input.EndpointName, "endpoint");
  ServedVariant variant = state.hosting->choose(key, input.TargetVariant);
  if (variant.asynchronous) {
    throw AwsError(
        "ValidationError",
        fmt::format("Endpoint {} is asynchronous: use InvokeEndpointAsync.", input.EndpointName));
  }
  if (variant.on_demand) variant.server = variant.on_demand->acquire();
  if (variant.server && variant.server->running()) return variant;
  // The catalog is only asked why: what serves is known in memory.
  if (!variant.server && input.TargetVariant && state.hosting->serves(key)) {
    throw AwsError("ValidationError", fmt::format("Variant {} of endpoint {} not found.",
                                                  *input.TargetVariant, input.EndpointName));
  }
  throw not_in_service(state, input.EndpointName, key);
}

void capture(const ServedVariant& variant, const rt::InvokeEndpointInput& input,
             const rt::InvokeEndpointOutput& output) {
  variant.capture->take({.variant = variant.name,
                         .input_type = input.ContentType.value_or(""),
                         .input = input.Body,
                         .output_type = output.ContentType.value_or(""),
                         .output = output.Body,
                         .inference_id = input.InferenceId.value_or("")});
}

}  // namespace

rt::InvokeEndpointOutput invoke_endpoint(SageMaker& sagemaker, Call&,
                                         const rt::InvokeEndpointInput& input) {
  const auto came = InvocationMetrics::Clock::now();
  const auto& state = sagemaker.impl();
  const ServedVariant variant = variant_for(state, input);
  InvocationMetrics metrics(state.context, input.EndpointName, variant.name, came);
  const auto log_arn = [&] {
    return state.context.arn("logs", "log-group:" + variant.server->log_group());
  };
  http::Response response;
  try {
    http::Request request = request_of(input);
    metrics.asked();
    response = variant.server->invoke(std::move(request));
    metrics.answered(response.status);
  } catch (const http::TimeoutError&) {
    throw timed_out(log_arn());
  } catch (const http::ConnectionError& error) {
    throw service_unavailable(fmt::format("The container of endpoint {} doesn't answer: {}",
                                          input.EndpointName, error.what()));
  }
  std::string body = response.body.string();
  if (response.status >= 300) throw refused_by_model(response, body, log_arn());
  const auto header = [&](std::string_view name) -> std::optional<std::string> {
    const auto value = response.headers.find(name);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  };
  rt::InvokeEndpointOutput output{.Body = std::move(body)};
  output.ContentType = header("Content-Type");
  output.CustomAttributes = header(kCustomAttributes);
  output.NewSessionId = header("X-Amzn-SageMaker-New-Session-Id");
  output.ClosedSessionId = header("X-Amzn-SageMaker-Closed-Session-Id");
  output.InvokedProductionVariant = variant.name;
  if (variant.capture) capture(variant, input, output);
  return output;
}

rt::InvokeEndpointAsyncOutput invoke_endpoint_async(SageMaker& sagemaker, Call&,
                                                    const rt::InvokeEndpointAsyncInput& input) {
  return sagemaker.impl().async_invocations->accept(input);
}

}  // namespace engine::sagemaker
