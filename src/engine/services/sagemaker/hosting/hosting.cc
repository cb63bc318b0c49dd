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

Fleet Hosting::build(const Config& config, const std::string& endpoint,
                     const std::stop_token& stop) {
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
  for (std::size_t i = 0; i < fleet.size(); ++i) {
    const auto& serverless = config.ProductionVariants[i].ServerlessConfig;
    if (!serverless) continue;
    ServedVariant& variant = fleet[i];
    variant.on_demand = std::make_shared<OnDemand>(
        state_, endpoint, variant.name, std::move(variant.server), serverless->MaxConcurrency,
        serverless->ProvisionedConcurrency.value_or(0) > 0, stopping_.get_token());
    variant.server.reset();
  }
  return fleet;
}

void Hosting::drain(Fleet fleet, const std::stop_token& stop) {
  // A request holds its variant's server, or the lease of one, for as long as it is under way.
  const auto used = [](const ServedVariant& variant) {
    if (variant.on_demand) return variant.on_demand.use_count() > 1;
    return variant.server.use_count() > 1;
  };
  for (const ServedVariant& variant : fleet) {
    while (used(variant) && !stop.stop_requested()) std::this_thread::sleep_for(5ms);
  }
}

void Hosting::fail(const std::string& key, const std::string& reason) {
  bool served = false, serves = false;
  {
    std::lock_guard lock(mutex_);
    const auto serving = fleets_.find(key);
    served = serving != fleets_.end();
    serves = served && std::all_of(serving->second.blue.begin(), serving->second.blue.end(),
                                   [](const auto& variant) {
                                     return variant.on_demand || variant.server->running();
                                   });
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
  const auto serving = fleets_.find(key);
  if (serving == fleets_.end()) return;
  for (ServedVariant& variant : serving->second.blue) {
    const auto weight = weights.find(variant.name);
    if (weight != weights.end()) variant.weight = weight->second;
  }
}

std::shared_ptr<Ending> Hosting::remove(const std::string& key) {
  auto gone = std::make_shared<Ending>();
  Serving serving;
  {
    std::lock_guard lock(mutex_);
    const auto turn = turns_.find(key);
    if (turn != turns_.end()) {
      turn->second.stop.request_stop();
      turns_.erase(turn);
    }
    const auto found = fleets_.find(key);
    if (found != fleets_.end()) {
      std::swap(serving, found->second);
      fleets_.erase(found);
    }
  }
  state_.tasks.start("end of " + key,
                     [this, key, gone, held = std::make_shared<Serving>(std::move(serving))](
                         const std::stop_token& stop) {
                       drain(std::move(held->blue), stop);
                       drain(std::move(held->green), stop);
                       state_.endpoints.remove(key);
                       gone->set();
                     });
  return gone;
}

namespace {

/// By weight; one whose weight is 0 is asked for by its name only.
ServedVariant chosen(const Fleet& fleet, const std::optional<std::string>& target, double draw) {
  double total = 0;
  for (const auto& variant : fleet) {
    if (target && variant.name == *target) return variant;
    total += variant.weight;
  }
  if (target || fleet.empty()) return {};
  double passed = 0;
  for (const auto& variant : fleet) {
    passed += variant.weight;
    if (draw * total < passed) return variant;
  }
  return fleet.back();
}

}  // namespace

ServedVariant Hosting::choose(const std::string& key,
                              const std::optional<std::string>& target) const {
  constexpr std::uint64_t kParts = 1'000'000;
  const std::uint64_t drawn = state_.context.ids.number() % (kParts * kParts);
  const double by_weight = static_cast<double>(drawn % kParts) / kParts;
  const std::uint64_t rest = drawn / kParts;
  const double by_fleet = static_cast<double>(rest) / kParts;
  std::lock_guard lock(mutex_);
  const auto found = fleets_.find(key);
  if (found == fleets_.end()) return {};
  const Serving& serving = found->second;
  const bool green = !serving.green.empty() && by_fleet < serving.green_share;
  return chosen(green ? serving.green : serving.blue, target, by_weight);
}

bool Hosting::serves(const std::string& key) const {
  std::lock_guard lock(mutex_);
  const auto found = fleets_.find(key);
  return found != fleets_.end() && !found->second.blue.empty();
}

void Hosting::set_health(const std::string& key, const std::string& status,
                         const std::string& reason) {
  bool changed = false;
  const auto endpoint = state_.endpoints.change(key, [&](Endpoint& row) {
    const std::string& now = row.EndpointStatus;
    if (now == status || (now != "InService" && now != "OutOfService" && now != "SystemUpdating")) {
      return;
    }
    changed = true;
    row.EndpointStatus = status;
    row.LastModifiedTime = state_.now();
    row.FailureReason.reset();
    if (!reason.empty()) row.FailureReason = shortened(reason);
  });
  if (endpoint && changed) emit(*endpoint);
}

/// Starts a process that has ended again, beside what still serves.
void Hosting::replace(const std::string& key, const ServedVariant& ended,
                      const std::stop_token& stop) {
  base::log_warning("sagemaker",
                    "endpoint {}, variant {}: its process has ended and is started again", key,
                    ended.name);
  auto server = std::make_shared<Server>(state_, key, ended.name, ended.server->model());
  server->wait_until_healthy(state_.settings.ping_patience, stop);
  std::lock_guard lock(mutex_);
  const auto found = fleets_.find(key);
  if (found == fleets_.end()) return;
  for (Fleet* fleet : {&found->second.blue, &found->second.green}) {
    for (auto& current : *fleet) {
      if (current.server == ended.server) current.server = server;
    }
  }
}

/// One round.
void Hosting::watch(const std::stop_token& stop) {
  std::vector<std::pair<std::string, ServedVariant>> ended;
  std::vector<std::shared_ptr<OnDemand>> on_demand;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [key, serving] : fleets_) {
      for (const Fleet* fleet : {&serving.blue, &serving.green}) {
        for (const auto& variant : *fleet) {
          if (variant.on_demand) on_demand.push_back(variant.on_demand);
          if (variant.server && !variant.server->running()) ended.emplace_back(key, variant);
        }
      }
    }
  }
  for (const auto& variant : on_demand) variant->cool();
  on_demand.clear();
  std::string failed;
  for (auto& [key, variant] : ended) {
    if (stop.stop_requested()) return;
    try {
      if (failed.empty()) set_health(key, "SystemUpdating", "");
      replace(key, variant, stop);
      set_health(key, "InService", "");
    } catch (const std::exception& error) {
      if (stop.stop_requested()) return;
      set_health(key, "OutOfService", error.what());
      failed = fmt::format("endpoint {}: {}", key, error.what());
    }
  }
  if (!failed.empty())
    throw std::runtime_error(failed);  // and a while passes before the next round
}

void Hosting::resume() {
  for (const auto& endpoint : state_.endpoints.all()) {
    const std::string key = key_of(endpoint.EndpointName, "endpoint");
    if (endpoint.EndpointStatus == "Deleting") state_.endpoints.remove(key);
    if (endpoint.EndpointStatus == "Deleting" || endpoint.EndpointStatus == "Failed") continue;
    state_.endpoints.change(key, [&](Endpoint& row) {
      if (row.EndpointStatus == "InService" || row.EndpointStatus == "OutOfService") {
        row.EndpointStatus = "SystemUpdating";
      }
    });
    take_up(endpoint);
  }
}

void Hosting::stop() {
  std::unique_ptr<base::Loop> watcher;
  std::map<std::string, Serving> fleets;
  stopping_.request_stop();
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
