// Waiting to be told to stop.
#pragma once

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
};

}  // namespace cli
