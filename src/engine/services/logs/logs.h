// CloudWatch Logs as other services see it: lines appended to a stream of a group.
#pragma once

#include "engine/services/context.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace engine::logs {

struct Event {
  Timestamp timestamp;
  std::string message;
};

/// Thread-safe.
class Logs {
 public:
  explicit Logs(Context& context);
  ~Logs();

  /// Appends the events, in order; group and stream are made when they are missing, as AWS's services
  /// do for themselves.
  void append(std::string_view group, std::string_view stream, std::span<const Event> events);

  struct Impl;
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::logs
