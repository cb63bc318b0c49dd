// Waiting to be told to stop.
#pragma once

#include <chrono>

namespace cli {

/// From construction on, SIGINT and SIGTERM no longer end the process: they end wait(). One at a
/// time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// Returns once one came, perhaps before the call.
  void wait();
  /// The same, for at most `span`; false when none came.
  bool wait_for(std::chrono::milliseconds span);
};

}  // namespace cli
