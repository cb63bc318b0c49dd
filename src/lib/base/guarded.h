// Shared state that can be reached only through its lock.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <utility>

namespace base {

/// A value and the mutex that guards it: no lock, no access.
///
///   Guarded<State> state_;
///   state_.with([&](State& s) { s.streams.erase(name); });
///   auto n = state_.read([](const State& s) { return s.streams.size(); });
///
/// The callable must not call back into anything that takes this lock, and what it returns must not
/// be a reference into the value.
template <class T>
class Guarded {
 public:
  template <class... Args>
  explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

  template <class F>
  auto with(F&& use) {
    std::unique_lock lock(mutex_);
    return std::forward<F>(use)(value_);
  }

  template <class F>
  auto read(F&& use) const {
    std::shared_lock lock(mutex_);
    return std::forward<F>(use)(static_cast<const T&>(value_));
  }

 private:
  mutable std::shared_mutex mutex_;
  T value_;
};

}  // namespace base
