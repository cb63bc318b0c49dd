// CloudWatch as other services see it: measurements go in, alarms watch them.
#pragma once

#include "engine/services/context.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace engine::cloudwatch {

/// Told of an alarm's change of state, after it is durable: EventBridge's detail type, the detail as JSON,
/// and the alarm's ARN.
using Publish = std::function<void(std::string_view detail_type, std::string_view detail_json,
                                   const std::vector<std::string>& resources)>;

/// Measures, just before alarms are looked at, what changes without anybody doing something: ages of
/// what waits.
using Sampler = std::function<void()>;

/// Metrics and alarms. Thread-safe.
class CloudWatch {
 public:
  explicit CloudWatch(Context& context);
  ~CloudWatch();

  struct Impl;  // state.h: what the operations of this folder share
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::cloudwatch
