// EventBridge as other services see it: a bus that takes events, and targets that are told of them.
#pragma once

#include "engine/services/context.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace engine::events {

/// What rules can reach. Either may throw; AwsError of a resource that isn't there ends the
/// delivery, anything else is tried again later.
struct Targets {
  std::function<void(const std::string& function_arn, const std::string& payload)> invoke_async;
  std::function<void(const std::string& pipeline_arn,
                     const std::map<std::string, std::string>& parameters)>
      start_pipeline;
};

/// The default bus with its rules, its scheduler and its deliveries. Thread-safe.
///
/// A delivery is durable before it is attempted, in the transaction that moves the rule's last
/// time: a rule neither forgets a time nor fires twice for it over a restart. A target may still be
/// told twice when the engine dies in the moment between its answer and our note of it, as with
/// AWS.
class Events {
 public:
  Events(Context& context, Targets targets);
  ~Events();

  /// An event of another service ("aws.sagemaker"), for every rule that wants it. `detail_json` is
  /// a JSON object.
  void put_event(std::string_view source, std::string_view detail_type,
                 std::string_view detail_json, const std::vector<std::string>& resources = {});

  /// Ends the scheduler; what is undelivered waits for the next start.
  void stop();

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::events
