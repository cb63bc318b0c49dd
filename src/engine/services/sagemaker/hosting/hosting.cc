// The endpoints that are up.
#include "engine/services/sagemaker/hosting/hosting.h"

#include "engine/protocol/error.h"
#include "engine/services/sagemaker/jobs/data.h"
#include "engine/services/sagemaker/state_changes.h"
#include "lib/base/encoding.h"
#include "lib/base/log.h"

#include <algorithm>
#include <cctype>

namespace engine::sagemaker {
namespace {

using namespace std::chrono_literals;
using Endpoint = api::DescribeEndpointOutput;
using Config = api::DescribeEndpointConfigOutput;

using Weights = std::map<std::string, double>;

/// Those of the configuration, or of the endpoint's row.
Weights weights_of(const Config& config, const Endpoint& endpoint, bool keep) {
  Weights weights;
  for (const auto& variant : config.ProductionVariants) {
    weights[variant.VariantName] = variant.InitialVariantWeight.value_or(1);
  }
  if (!keep || !endpoint.ProductionVariants) return weights;
  for (const auto& variant : *endpoint.ProductionVariants) {
    const auto found = weights.find(variant.VariantName);
    if (found != weights.end() && variant.DesiredWeight) found->second = *variant.DesiredWeight;
  }
  return weights;
}

std::vector<api::ProductionVariantSummary> summaries(const Config& config, const Weights& weights,
                                                     const SageMaker::Impl& state) {
  std::vector<api::ProductionVariantSummary> all;
  for (const auto& variant : config.ProductionVariants) {
    api::ProductionVariantSummary summary{.VariantName = variant.VariantName};
    const std::string image = served_model(state, variant.ModelName.value_or("")).container.image;
    summary.DeployedImages = std::vector<api::DeployedImage>{
        {.SpecifiedImage = image, .ResolvedImage = image, .ResolutionTime = state.now()}};
    summary.CurrentWeight = summary.DesiredWeight = weights.at(variant.VariantName);
    // Deviation: one process serves a variant, whatever InitialInstanceCount asks for.
    summary.CurrentInstanceCount = summary.DesiredInstanceCount =
        variant.InitialInstanceCount.value_or(1);
    summary.CurrentServerlessConfig = variant.ServerlessConfig;
    all.push_back(std::move(summary));
  }
  return all;
}

/// "InService" → "IN_SERVICE", as events spell it.
std::string event_spelling(const std::string& status) {
  std::string text;
  for (const char c : status) {
    if (std::isupper(static_cast<unsigned char>(c)) && !text.empty()) text += '_';
    text += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return text;
}

}  // namespace

std::future<void> Hosting::deploy(const std::string& key, const std::string& config,
                                  bool keep_weights) {
  auto decided = std::make_shared<std::promise<void>>();
  auto future = decided->get_future();
  std::uint64_t turn = 0;
  {
    std::lock_guard lock(mutex_);
    turn = turns_[key] = ++last_turn_;
    if (!watcher_) {
      watcher_ = std::make_unique<base::Loop>("endpoints", base::system_clock(),
                                              [this](std::stop_token stop) {
                                                watch(stop);
                                                return base::Milliseconds(1000);
                                              });
    }
  }
  state_.tasks.start("endpoint " + key,
                     [this, key, config, keep_weights, turn, decided](std::stop_token stop) {
                       deploy_now(key, config, keep_weights, turn, stop);
                       decided->set_value();
                     });
  return future;
}

void Hosting::deploy_now(const std::string& key, const std::string& config_name, bool keep_weights,
                         std::uint64_t turn, std::stop_token stop) {
  std::string reason;
  try {
    const auto config = state_.endpoint_configs.find(key_of(config_name, "endpoint-config"));
    const auto endpoint = state_.endpoints.find(key);
    if (!endpoint) return;
    if (!config) {
      throw ClientError(fmt::format("Could not find endpoint configuration \"{}\".", config_name));
    }
    const Weights weights = weights_of(*config, *endpoint, keep_weights);
    Fleet fleet = build(*config, endpoint->EndpointName, stop);
    for (ServedVariant& variant : fleet) variant.weight = weights.at(variant.name);
    succeed(key, *config, std::move(fleet), turn);
    return;
  } catch (const AwsError& error) {
    reason = fmt::format("{}: {}", error.code, error.what());
  } catch (const std::exception& error) {
    reason = error.what();
  }
  // What fails because the engine stops is started again by the next one.
  if (!stop.stop_requested()) fail(key, reason);
}

Hosting::Fleet Hosting::build(const Config& config, const std::string& endpoint,
                              std::stop_token stop) {
  Fleet fleet;
  for (const auto& variant : config.ProductionVariants) {
    try {
      ServedVariant served{.name = variant.VariantName};
      served.server =
          std::make_shared<Server>(state_, endpoint, variant.VariantName,
                                   served_model(state_, variant.ModelName.value_or("")));
      fleet.push_back(std::move(served));
    } catch (const ClientError& error) {
      throw ClientError(fmt::format("The container for production variant {} can't be started: {}",
                                    variant.VariantName, error.what()));
    }
  }
  for (const ServedVariant& variant : fleet) {
    try {
      variant.server->wait_until_healthy(state_.settings.ping_patience, stop);
    } catch (const ClientError& error) {
      throw ClientError(fmt::format(
          "The primary container for production variant {} did not pass the ping health check: {}. "
          "Please check CloudWatch logs for this endpoint.",
          variant.name, error.what()));
    }
  }
  return fleet;
}

void Hosting::succeed(const std::string& key, const Config& config, Fleet fleet,
                      std::uint64_t turn) {
  Weights weights;
  for (const ServedVariant& variant : fleet) weights[variant.name] = variant.weight;
  const auto variants = summaries(config, weights, state_);
  {
    std::lock_guard lock(mutex_);
    const auto current = turns_.find(key);
    if (current == turns_.end() || current->second != turn) return;  // deleted or updated meanwhile
    fleets_[key].swap(fleet);
  }
  fleet.clear();  // what served before ends here, or when its last request has been answered
  const auto endpoint = state_.endpoints.change(key, [&](Endpoint& row) {
    row.EndpointStatus = "InService";
    row.EndpointConfigName = config.EndpointConfigName;
    row.FailureReason.reset();
    row.LastModifiedTime = state_.now();
    row.ProductionVariants = variants;
    row.PendingDeploymentSummary.reset();
  });
  if (endpoint) emit(*endpoint);
}

void Hosting::fail(const std::string& key, const std::string& reason) {
  bool served = false, serves = false;
  {
    std::lock_guard lock(mutex_);
    const auto fleet = fleets_.find(key);
    served = fleet != fleets_.end();
    serves = served && std::all_of(fleet->second.begin(), fleet->second.end(),
                                   [](const auto& variant) { return variant.server->running(); });
  }
  if (!served) return end_deployment(key, "Failed", reason);
  end_deployment(key, "RollingBack", reason);
  end_deployment(key, serves ? "InService" : "UpdateRollbackFailed", reason);
}

void Hosting::end_deployment(const std::string& key, const std::string& status,
                             const std::string& reason) {
  const auto endpoint = state_.endpoints.change(key, [&](Endpoint& row) {
    row.EndpointStatus = status;
    row.FailureReason = shortened(reason);
    row.LastModifiedTime = state_.now();
    row.PendingDeploymentSummary.reset();
  });
  if (endpoint) emit(*endpoint);
}

void Hosting::set_weights(const std::string& key, const std::map<std::string, double>& weights) {
  std::lock_guard lock(mutex_);
  const auto fleet = fleets_.find(key);
  if (fleet == fleets_.end()) return;
  for (ServedVariant& variant : fleet->second) {
    const auto weight = weights.find(variant.name);
    if (weight != weights.end()) variant.weight = weight->second;
  }
}

void Hosting::remove(const std::string& key) {
  Fleet fleet;
  std::lock_guard lock(mutex_);
  turns_.erase(key);
  const auto found = fleets_.find(key);
  if (found == fleets_.end()) return;
  fleet.swap(found->second);
  fleets_.erase(found);
  // A process may take its time to end; whoever deletes needn't wait for it.
  state_.tasks.start("end of " + key, [ended = std::make_shared<Fleet>(std::move(fleet))](
                                          std::stop_token) { ended->clear(); });
}

ServedVariant Hosting::choose(const std::string& key,
                              const std::optional<std::string>& target) const {
  const double draw = static_cast<double>(state_.context.ids.number() % 1'000'000) / 1e6;
  std::lock_guard lock(mutex_);
  const auto found = fleets_.find(key);
  if (found == fleets_.end()) return {};
  double total = 0;
  for (const auto& variant : found->second) {
    if (target && variant.name == *target) return variant;
    total += variant.weight;
  }
  if (target) return {};
  double passed = 0;
  for (const auto& variant : found->second) {
    passed += variant.weight;
    if (draw * total < passed) return variant;
  }
  return found->second.back();
}

/// One round: processes that ended are started again, each beside what still serves.
void Hosting::watch(std::stop_token stop) {
  std::vector<std::pair<std::string, ServedVariant>> ended;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [key, fleet] : fleets_) {
      for (const auto& variant : fleet) {
        if (!variant.server->running()) ended.emplace_back(key, variant);
      }
    }
  }
  for (auto& [key, variant] : ended) {
    if (stop.stop_requested()) return;
    base::log_warning("sagemaker",
                      "endpoint {}, variant {}: its process has ended and is started again", key,
                      variant.name);
    auto server = std::make_shared<Server>(state_, key, variant.name, variant.server->model());
    server->wait_until_healthy(state_.settings.ping_patience, stop);
    std::lock_guard lock(mutex_);
    const auto found = fleets_.find(key);
    if (found == fleets_.end()) continue;
    for (auto& current : found->second) {
      if (current.server == variant.server) current.server = server;
    }
  }
}

void Hosting::resume() {
  for (const auto& endpoint : state_.endpoints.all()) {
    if (endpoint.EndpointStatus == "Failed") continue;
    const std::string key = key_of(endpoint.EndpointName, "endpoint");
    // An update under way is taken up; else what was in service is.
    const auto& pending = endpoint.PendingDeploymentSummary;
    const std::string config =
        pending ? pending->EndpointConfigName : endpoint.EndpointConfigName.value_or("");
    state_.endpoints.change(key, [&](Endpoint& row) {
      if (row.EndpointStatus == "InService") row.EndpointStatus = "SystemUpdating";
    });
    deploy(key, config, !pending);
  }
}

void Hosting::stop() {
  std::unique_ptr<base::Loop> watcher;
  std::map<std::string, Fleet> fleets;
  {
    std::lock_guard lock(mutex_);
    watcher.swap(watcher_);
  }
  if (watcher) watcher->stop();
  std::lock_guard lock(mutex_);
  fleets.swap(fleets_);
  turns_.clear();
}

void Hosting::emit(Endpoint endpoint) const {
  endpoint.EndpointStatus = event_spelling(endpoint.EndpointStatus);
  emit_change(state_, kEndpointEvent, endpoint.EndpointArn, endpoint);
}

}  // namespace engine::sagemaker
