// A background loop with a name: the one shape every loop of the project has.
#pragma once

#include "lib/base/clock.h"

#include <functional>
#include <string>
#include <thread>

namespace base {

/// Calls `body` again and again on a thread of its own until it is destroyed or stopped.
///
/// `body` does one round and returns how long after its own beginning, on `clock`, the next is due. What it throws is
/// logged under `name` and the loop waits a back-off that doubles from 50 ms up to 10 s of real time;
/// a round that succeeds resets it. The stop token passed to `body` is requested by stop().
class Loop {
 public:
  using Body = std::function<Milliseconds(std::stop_token)>;

  Loop(std::string name, const Clock& clock, Body body);
  ~Loop() { stop(); }

  /// Asks the loop to end and waits for it. May be called twice.
  void stop();
  /// Asks only; stop() or the destructor still waits.
  void request_stop() { thread_.request_stop(); }
  /// Ends the present wait at once: there is work.
  void wake();

 private:
  void run(std::stop_token stop);

  std::string name_;
  const Clock& clock_;
  Body body_;
  std::mutex mutex_;
  std::stop_source nap_;
  bool woken_ = false;
  std::jthread thread_;
};

}  // namespace base
