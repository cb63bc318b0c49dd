// Time as an argument: what schedules, buffers and retention read instead of the wall clock.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace base {

/// A point in time with the resolution AWS's APIs use.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;

/// Where time comes from. Every method may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual Timestamp now() const = 0;

  /// Waits until `deadline` has come on this clock. False when `stop` was requested first.
  virtual bool sleep_until(Timestamp deadline, std::stop_token stop) const = 0;

  bool sleep_for(Milliseconds span, std::stop_token stop) const {
    return sleep_until(now() + span, std::move(stop));
  }
};

/// The machine's own clock.
Clock& system_clock();

/// Runs `speed` times as fast as the machine's clock, from the same instant on. Backs `--speed`.
class ScaledClock final : public Clock {
 public:
  explicit ScaledClock(double speed);
  Timestamp now() const override;
  bool sleep_until(Timestamp deadline, std::stop_token stop) const override;
  double speed() const { return speed_; }

 private:
  double speed_;
  Timestamp origin_;
  std::chrono::steady_clock::time_point started_;
};

/// A clock that only a test moves.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = Timestamp{std::chrono::seconds{1'767'225'600}});
  Timestamp now() const override;
  bool sleep_until(Timestamp deadline, std::stop_token stop) const override;

  void advance(Milliseconds span);

  /// Waits (in real time) until `count` threads sleep on this clock; how a test knows a loop is idle.
  void wait_for_sleepers(int count) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  Timestamp now_;
  mutable int sleepers_ = 0;
};

}  // namespace base
