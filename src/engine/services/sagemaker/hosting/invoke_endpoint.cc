// InvokeEndpoint: the request handed to a serving process, its answer handed back.
#include "engine/services/sagemaker/errors.h"
#include "engine/services/sagemaker/hosting/hosting.h"
#include "engine/services/sagemaker/hosting/invocation_metrics.h"
#include "engine/services/sagemaker/operations.h"

namespace engine::sagemaker {
namespace {

namespace rt = sagemaker_runtime::api;

constexpr const char* kAttributes = "X-Amzn-SageMaker-Custom-Attributes";

http::Request request_of(const rt::InvokeEndpointInput& input) {
  http::Request request;
  const auto add = [&](const char* name, const std::optional<std::string>& value) {
    if (value) request.headers.add(name, *value);
  };
  add("Content-Type", input.ContentType);
  add("Accept", input.Accept);
  add(kAttributes, input.CustomAttributes);
  add("X-Amzn-SageMaker-Target-Model", input.TargetModel);
  add("X-Amzn-SageMaker-Target-Variant", input.TargetVariant);
  add("X-Amzn-SageMaker-Inference-Id", input.InferenceId);
  add("X-Amzn-SageMaker-Session-Id", input.SessionId);
  add("X-Amzn-SageMaker-Enable-Explanations", input.EnableExplanations);
  request.body = http::Body(input.Body);
  return request;
}

/// AWS's sentence for an answer of the model that isn't a success.
AwsError refused(const http::Response& response, const std::string& body,
                 const std::string& log_arn) {
  const bool server = response.status >= 500;
  return model_error(fmt::format("Received {} error ({}) from primary with message \"{}\".",
                                 server ? "server" : "client", response.status, body),
                     response.status, body, log_arn);
}

ServedVariant variant_for(const SageMaker::Impl& state, const rt::InvokeEndpointInput& input) {
  const std::string key = key_of(input.EndpointName, "endpoint");
  ServedVariant variant = state.hosting->choose(key, input.TargetVariant);
  if (variant.server && variant.server->running()) return variant;
  // The catalog is only asked why: what serves is known in memory.
  if (!state.endpoints.has(key)) throw no_such_endpoint(input.EndpointName, state.context.account);
  if (!variant.server && input.TargetVariant && state.hosting->choose(key, {}).server) {
    throw AwsError("ValidationError", fmt::format("Variant {} of endpoint {} not found.",
                                                  *input.TargetVariant, input.EndpointName));
  }
  throw service_unavailable(fmt::format("Endpoint {} is not in service.", input.EndpointName));
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
    throw model_error("Invocation timed out while waiting for a response from container primary.",
                      0, "", log_arn());
  } catch (const http::ConnectionError& error) {
    throw service_unavailable(fmt::format("The container of endpoint {} doesn't answer: {}",
                                          input.EndpointName, error.what()));
  }
  std::string body = response.body.string();
  if (response.status >= 300) throw refused(response, body, log_arn());
  const auto header = [&](std::string_view name) -> std::optional<std::string> {
    const auto value = response.headers.find(name);
    return value ? std::optional<std::string>(*value) : std::nullopt;
  };
  rt::InvokeEndpointOutput output{.Body = std::move(body)};
  output.ContentType = header("Content-Type");
  output.CustomAttributes = header(kAttributes);
  output.NewSessionId = header("X-Amzn-SageMaker-New-Session-Id");
  output.ClosedSessionId = header("X-Amzn-SageMaker-Closed-Session-Id");
  output.InvokedProductionVariant = variant.name;
  return output;
}

}  // namespace engine::sagemaker
