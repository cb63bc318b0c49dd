// What serves: the endpoint, the model behind it, and its predictions.
#include "cli/calls/serving.h"

#include "cli/calls/json.h"
#include "cli/deploy/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace cli {
namespace {

/// Models and endpoint configs are named alike: "beer-ibu-v3".
std::string versioned_name(const Spec& spec, int version) {
  return fmt::format("{}-v{}", spec.endpoint.name, version);
}

/// 3 of "beer-ibu-v3"; 0 for a name that isn't ours.
int version_of(const Spec& spec, std::string_view name) {
  const std::string prefix = spec.endpoint.name + "-v";
  if (!name.starts_with(prefix)) return 0;
  name.remove_prefix(prefix.size());
  int version = 0;
  const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), version);
  return failed == std::errc() && end == name.data() + name.size() ? version : 0;
}

json::value call(Session& session, const char* operation, const json::object& input) {
  return session.aws().json("sagemaker", fmt::format("SageMaker.{}", operation), input);
}

void ensure_model(Session& session, const std::string& name, const ModelPackage& package) {
  if (describe([&] { return call(session, "DescribeModel", {{"ModelName", name}}); })) return;
  const System& system = session.system();
  const json::object input{{"ModelName", name},
                           {"PrimaryContainer", {{"ModelPackageName", package.arn}}},
                           {"ExecutionRoleArn", system.role_arn(system.spec.roles.serving)}};
  with_new_role([&] { return call(session, "CreateModel", input); });
}

void ensure_config(Session& session, const std::string& name) {
  if (describe([&] {
        return call(session, "DescribeEndpointConfig", {{"EndpointConfigName", name}});
      })) {
    return;
  }
  const Spec::Endpoint& endpoint = session.spec().endpoint;
  call(
      session, "CreateEndpointConfig",
      {{"EndpointConfigName", name},
       {"ProductionVariants", json::array{json::object{{"VariantName", "AllTraffic"},
                                                       {"ModelName", name},
                                                       {"InitialInstanceCount", endpoint.instances},
                                                       {"InstanceType", endpoint.instance_type},
                                                       {"InitialVariantWeight", 1.0}}}}});
}

void wait_in_service(Session& session) {
  const std::string& name = session.spec().endpoint.name;
  wait_until("endpoint " + name, [&] {
    const auto state = find_endpoint_state(session);
    if (!state) throw std::runtime_error(fmt::format("the endpoint {} is gone", name));
    if (state->status == "Failed" || state->status == "UpdateRollbackFailed" ||
        state->status == "OutOfService") {
      throw std::runtime_error(
          fmt::format("the endpoint {} is {}: {}", name, state->status, state->failure));
    }
    return state->status == "InService";
  });
}

BeerPrediction read_prediction(const json::value& from) {
  BeerPrediction prediction{.ibu = number(from, "ibu")};
  if (find(from, "interval.1") != nullptr) {
    prediction.interval = {number(from, "interval.0"), number(from, "interval.1")};
  }
  if (find(from, "expected") != nullptr) prediction.expected = number(from, "expected");
  for (const json::value& one : list(from, "contributions")) {
    prediction.contributions.emplace_back(text(one, "feature"), number(one, "ibu"));
  }
  for (const json::value& flag : list(from, "flags")) {
    if (flag.is_string()) prediction.flags.emplace_back(flag.get_string());
  }
  std::stable_sort(
      prediction.contributions.begin(), prediction.contributions.end(),
      [](const auto& a, const auto& b) { return std::abs(a.second) > std::abs(b.second); });
  return prediction;
}

}  // namespace

std::string interval_text(const BeerPrediction& prediction, int digits) {
  if (!prediction.interval) return "no interval";
  const auto& [low, high] = *prediction.interval;
  return fmt::format("90 % interval {:.{}f} to {:.{}f}", low, digits, high, digits);
}

json::value interval_json(const BeerPrediction& prediction) {
  if (!prediction.interval) return nullptr;
  return {prediction.interval->first, prediction.interval->second};
}

std::optional<EndpointState> find_endpoint_state(Session& session) {
  const Spec& spec = session.spec();
  const auto answer = describe([&] {
    return call(session, "DescribeEndpoint", {{"EndpointName", spec.endpoint.name}});
  });
  if (!answer) return std::nullopt;
  return EndpointState{text(*answer, "EndpointStatus"), text(*answer, "FailureReason"),
                       version_of(spec, text(*answer, "EndpointConfigName"))};
}

void promote(Session& session, const ModelPackage& package) {
  const Spec& spec = session.spec();
  const std::string name = versioned_name(spec, package.version);
  ensure_model(session, name, package);
  ensure_config(session, name);
  auto state = find_endpoint_state(session);
  if (state && state->status == "Failed") {  // it can only be made anew
    call(session, "DeleteEndpoint", {{"EndpointName", spec.endpoint.name}});
    wait_until("the end of endpoint " + spec.endpoint.name,
               [&] { return !find_endpoint_state(session); });
    state.reset();
  }
  if (!state || state->version != package.version) {
    call(session, state ? "UpdateEndpoint" : "CreateEndpoint",
         {{"EndpointName", spec.endpoint.name}, {"EndpointConfigName", name}});
  }
  wait_in_service(session);
}

std::vector<int> served_versions(Session& session) {
  const Spec& spec = session.spec();
  json::object input{{"NameContains", spec.endpoint.name + "-v"}, {"MaxResults", 100}};
  std::vector<int> versions;
  for (std::string token = "first"; !token.empty();) {
    const json::value page = call(session, "ListEndpointConfigs", input);
    for (const json::value& config : list(page, "EndpointConfigs")) {
      const int version = version_of(spec, text(config, "EndpointConfigName"));
      if (version > 0) versions.push_back(version);
    }
    token = text(page, "NextToken");
    input["NextToken"] = token;
  }
  std::sort(versions.begin(), versions.end());
  return versions;
}

std::vector<BeerPrediction> read_predictions(const std::string& body) {
  boost::system::error_code failed;
  const json::value answer = json::parse(body, failed);
  if (failed) throw std::runtime_error("what predicts answered no JSON: " + failed.message());
  std::vector<BeerPrediction> predictions;
  for (const json::value& one : list(answer, "predictions")) {
    predictions.push_back(read_prediction(one));
  }
  return predictions;
}

std::vector<BeerPrediction> predict(Session& session, const std::string& beers, bool explain) {
  const std::string& endpoint = session.spec().endpoint.name;
  http::Headers headers{{"Content-Type", "application/json"}, {"Accept", "application/json"}};
  // AWS takes the header only where its own explainer is configured, and ours explains by itself.
  const bool can_explain = !session.aws().config().endpoint.empty();
  if (explain && can_explain) headers.add("X-Amzn-SageMaker-Enable-Explanations", "`true`");
  const std::string body =
      session.aws()
          .rest("sagemaker", "POST", fmt::format("/endpoints/{}/invocations", endpoint),
                std::move(headers), beers, "runtime.")
          .body.string();
  std::vector<BeerPrediction> predictions = read_predictions(body);
  if (predictions.empty()) {
    throw std::runtime_error(fmt::format("the endpoint {} answered no prediction", endpoint));
  }
  return predictions;
}

}  // namespace cli
