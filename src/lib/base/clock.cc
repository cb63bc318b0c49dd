// Clocks: the machine's, a faster one, and one that a test moves.
#include "lib/base/clock.h"

namespace base {
namespace {

using std::chrono::steady_clock;

/// Waits on the steady clock, so that a step of the wall clock neither cuts nor stretches a wait.
bool wait_real(steady_clock::time_point until, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_until(lock, stop, until, [] { return false; });
  return !stop.stop_requested();
}

class SystemClock final : public Clock {
 public:
  Timestamp now() const override {
    return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  }
  bool sleep_until(Timestamp deadline, std::stop_token stop) const override {
    return wait_real(steady_clock::now() + (deadline - now()), std::move(stop));
  }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

ScaledClock::ScaledClock(double speed)
    : speed_(speed), origin_(system_clock().now()), started_(steady_clock::now()) {}

Timestamp ScaledClock::now() const {
  const std::chrono::duration<double, std::milli> passed = steady_clock::now() - started_;
  return origin_ + Milliseconds(static_cast<std::int64_t>(passed.count() * speed_));
}

bool ScaledClock::sleep_until(Timestamp deadline, std::stop_token stop) const {
  const std::chrono::duration<double, std::milli> left((deadline - now()).count() / speed_);
  return wait_real(steady_clock::now() + std::chrono::ceil<steady_clock::duration>(left),
                   std::move(stop));
}

ManualClock::ManualClock(Timestamp start) : now_(start) {}

Timestamp ManualClock::now() const {
  std::lock_guard lock(mutex_);
  return now_;
}

bool ManualClock::sleep_until(Timestamp deadline, std::stop_token stop) const {
  std::unique_lock lock(mutex_);
  ++sleepers_;
  changed_.notify_all();
  changed_.wait(lock, stop, [&] { return now_ >= deadline; });
  --sleepers_;
  return !stop.stop_requested();
}

void ManualClock::advance(Milliseconds span) {
  std::lock_guard lock(mutex_);
  now_ += span;
  changed_.notify_all();
}

void ManualClock::wait_for_sleepers(int count) const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return sleepers_ >= count; });
}

}  // namespace base
