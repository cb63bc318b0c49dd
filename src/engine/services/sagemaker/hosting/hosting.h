// The endpoints that are up: which processes serve which, and how one set takes another's place.
#pragma once

#include "engine/services/sagemaker/hosting/capture.h"
#include "engine/services/sagemaker/hosting/deployment.h"
#include "engine/services/sagemaker/hosting/on_demand.h"
#include "engine/services/sagemaker/hosting/server.h"
#include "engine/services/sagemaker/state.h"
#include "lib/base/loop.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace engine::sagemaker {

/// A variant with the process that serves it.
struct ServedVariant {
  std::string name;
  double weight = 1;
  std::shared_ptr<Server> server;       ///< null: a serverless one, or none
  std::shared_ptr<OnDemand> on_demand;  ///< of a serverless one
  std::shared_ptr<Capture> capture;     ///< null: nothing is captured
  bool asynchronous = false;
};

using Fleet = std::vector<ServedVariant>;

/// A configuration that is to serve an endpoint.
struct Deployment {
  std::string key, config;
  /// Variants have the weights the endpoint's row gives them.
  bool keep_weights = false;
  /// What is captured stays what it was, whatever the configuration says.
  bool keep_capture = false;
  std::optional<api::DeploymentConfig> policy = {};
};

/// Thread-safe. Keys are those of SageMaker::Impl::endpoints. A process that ends by itself is
/// started again within a second or two; meanwhile the endpoint is SystemUpdating, and OutOfService
/// while that fails.
///
/// An endpoint has one fleet, its blue one, and while it is updated a green one beside it, to which
/// a growing part of the requests goes. Which of them a request is for is decided as it comes; a
/// fleet ends when its last request has been answered.
class Hosting {
 public:
  explicit Hosting(SageMaker::Impl& state) : state_(state) {}

  /// Starts what the endpoint's new configuration asks for; when all of it is healthy it takes the
  /// place of what served before, by the policy's steps, and the endpoint is InService. When it
  /// isn't, or an alarm of the policy is in ALARM, an endpoint that served is RollingBack and goes
  /// on as it did, and a new one is Failed. It is over when that is decided.
  std::shared_ptr<Ending> deploy(Deployment deployment);
  /// Gives variants, by name, another share of the traffic from now on.
  void set_weights(const std::string& key, const std::map<std::string, double>& weights);
  /// Stops the endpoint's processes once they have answered what they were asked, and removes its
  /// row then.
  std::shared_ptr<Ending> remove(const std::string& key);

  /// The variant to ask: the one named, or one by weight. It has neither server nor on_demand when
  /// there is no such variant, or the endpoint isn't up.
  ServedVariant choose(const std::string& key, const std::optional<std::string>& target) const;
  bool serves(const std::string& key) const;

  /// Emits the event of the endpoint's status.
  void emit(api::DescribeEndpointOutput endpoint) const;

  void resume();
  void stop();

 private:
  struct Serving {
    Fleet blue, green;
    double green_share = 0;
  };
  /// The last deployment of an endpoint; a later one outdates it.
  struct Turn {
    std::uint64_t number = 0;
    std::stop_source stop;
  };
  using Config = api::DescribeEndpointConfigOutput;
  /// One deployment on its way (deploy.cc).
  class Run;

  std::pair<std::uint64_t, std::stop_source> begin(const std::string& key);
  void take_up(const api::DescribeEndpointOutput& endpoint);
  Fleet build(const Config& config, const std::string& endpoint, const std::stop_token& stop);
  /// Waits until nobody uses the fleet, and ends it.
  static void drain(Fleet fleet, const std::stop_token& stop);
  void fail(const std::string& key, const std::string& reason);
  void end_deployment(const std::string& key, const std::string& status, const std::string& reason);
  /// Of an endpoint that isn't being changed.
  void set_health(const std::string& key, const std::string& status, const std::string& reason);
  void watch(const std::stop_token& stop);
  void replace(const std::string& key, const ServedVariant& ended, const std::stop_token& stop);

  SageMaker::Impl& state_;
  mutable std::mutex mutex_;
  std::map<std::string, Serving> fleets_;
  std::map<std::string, Turn> turns_;
  std::uint64_t last_turn_ = 0;
  std::stop_source stopping_;  ///< of cold starts
  std::unique_ptr<base::Loop> watcher_;
};

}  // namespace engine::sagemaker
