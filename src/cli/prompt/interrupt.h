// Ctrl-C while a query runs.
#pragma once

#include <chrono>

namespace cli {

/// While it lives, SIGINT does not end the process: it is remembered. One at a time, on the main
/// thread.
class InterruptWatch {
 public:
  InterruptWatch();
  ~InterruptWatch();
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

  /// Waits, at most for `span`; true when SIGINT came, now or before.
  bool wait(std::chrono::milliseconds span);
};

}  // namespace cli
