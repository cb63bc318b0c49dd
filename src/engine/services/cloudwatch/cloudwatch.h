// CloudWatch as other services see it: measurements go in, alarms watch them.
#pragma once

#include "engine/services/context.h"

#include <functional>
#include <memory>
#include <optional>
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
///
/// What is measured is kept by the minute: in memory at once, on disk within ten seconds, or before the
/// answer to PutMetricData. Alarms are judged at every full minute of the engine's clock.
class CloudWatch {
 public:
  explicit CloudWatch(Context& context);
  ~CloudWatch();

  /// Takes a measurement as of now. Touches no disk but for the first of an hour; never throws.
  void record(const Measurement& measurement) noexcept;

  /// OK, ALARM or INSUFFICIENT_DATA; nothing when there is no alarm of that name.
  std::optional<std::string> alarm_state(std::string_view name) const;

  /// Begins to judge the alarms. Before, measurements are taken and nothing watches them.
  void start(Publish publish, Sampler sample);
  /// Judges no more. What is still measured is on disk when this goes.
  void stop();

  struct Impl;  // state.h: what the operations of this folder share
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::cloudwatch
