// The endpoints that are up: which processes serve which, and how one set takes another's place.
#pragma once

#include "engine/services/sagemaker/hosting/server.h"
#include "engine/services/sagemaker/state.h"
#include "lib/base/loop.h"

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace engine::sagemaker {

/// A variant with the process that serves it.
struct ServedVariant {
  std::string name;
  double weight = 1;
  std::shared_ptr<Server> server;
};

/// Thread-safe. Keys are those of SageMaker::Impl::endpoints. A process that ends by itself is
/// started again within a second or two.
class Hosting {
 public:
  explicit Hosting(SageMaker::Impl& state) : state_(state) {}

  /// Starts what the endpoint's new configuration asks for; when all of it is healthy it takes the
  /// place of what served before and the endpoint is InService. When it isn't, an endpoint that
  /// served is RollingBack and goes on as it did, and a new one is Failed. The future is ready when
  /// that is decided. With `keep_weights` variants have the weights the endpoint's row gives them.
  std::future<void> deploy(const std::string& key, const std::string& config,
                           bool keep_weights = false);
  /// Gives variants, by name, another share of the traffic from now on.
  void set_weights(const std::string& key, const std::map<std::string, double>& weights);
  /// Stops the endpoint's processes.
  void remove(const std::string& key);

  /// The variant to ask: the one named, or one by weight. Its server is null when there is no such
  /// variant, or the endpoint isn't up.
  ServedVariant choose(const std::string& key, const std::optional<std::string>& target) const;

  /// Emits the event of the endpoint's status.
  void emit(api::DescribeEndpointOutput endpoint) const;

  void resume();
  void stop();

 private:
  using Fleet = std::vector<ServedVariant>;

  Fleet build(const api::DescribeEndpointConfigOutput& config, const std::string& endpoint,
              std::stop_token stop);
  void deploy_now(const std::string& key, const std::string& config, bool keep_weights,
                  std::uint64_t turn, std::stop_token stop);
  void succeed(const std::string& key, const api::DescribeEndpointConfigOutput& config, Fleet fleet,
               std::uint64_t turn);
  void fail(const std::string& key, const std::string& reason);
  void end_deployment(const std::string& key, const std::string& status, const std::string& reason);
  void watch(std::stop_token stop);

  SageMaker::Impl& state_;
  mutable std::mutex mutex_;
  std::map<std::string, Fleet> fleets_;
  std::map<std::string, std::uint64_t> turns_;  ///< of the last deployment; a later one outdates it
  std::uint64_t last_turn_ = 0;
  std::unique_ptr<base::Loop> watcher_;
};

}  // namespace engine::sagemaker
