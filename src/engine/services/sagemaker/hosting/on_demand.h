// A serverless variant: a process that is there while it is needed.
#pragma once

#include "engine/services/sagemaker/hosting/server.h"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

namespace engine::sagemaker {

/// Thread-safe. The first request after a pause starts the process and waits for it, as do those
/// that come meanwhile; after Settings::serverless_idle on the engine's clock without one it ends.
class OnDemand : public std::enable_shared_from_this<OnDemand> {
 public:
  /// `warm` is up already. With `keep` (ProvisionedConcurrency) it stays.
  OnDemand(SageMaker::Impl& state, std::string endpoint, std::string variant,
           std::shared_ptr<Server> warm, std::int64_t most_at_once, bool keep,
           std::stop_token stop);

  /// The process, for one request: for as long as the pointer is held. Throws AwsError: Throttling
  /// past MaxConcurrency, ModelNotReady when the process isn't up in time, ServiceUnavailable when
  /// it can't be started.
  std::shared_ptr<Server> acquire();
  /// Ends the process if nobody has needed it for long.
  void cool();
  bool up() const;

 private:
  void start();
  void release();

  SageMaker::Impl& state_;
  const std::string endpoint_, variant_;
  const ServedModel model_;
  const std::int64_t most_at_once_;
  const bool keep_;
  const std::stop_token stop_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Server> server_;
  bool starting_ = false;
  std::int64_t in_use_ = 0;
  Timestamp last_used_;
};

}  // namespace engine::sagemaker
