// A background loop with a name.
#include "lib/base/loop.h"

#include "lib/base/log.h"

#include <pthread.h>

#include <algorithm>
#include <exception>

namespace base {

Loop::Loop(std::string name, const Clock& clock, Body body)
    : name_(std::move(name)), clock_(clock), body_(std::move(body)) {
  thread_ = std::jthread([this](std::stop_token stop) { run(std::move(stop)); });
}

void Loop::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Loop::wake() {
  std::lock_guard lock(mutex_);
  woken_ = true;
  nap_.request_stop();
}

void Loop::run(std::stop_token stop) {
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  constexpr Milliseconds kFirstBackOff{50}, kLongestBackOff{10'000};
  Milliseconds back_off = kFirstBackOff;
  // A stop ends the nap, whichever nap it is.
  const std::stop_callback end_nap(stop, [this] { wake(); });

  while (!stop.stop_requested()) {
    Milliseconds wait{};
    const Clock* clock = &clock_;
    // The wait counts from here: were it counted from the body's end, a clock that moved meanwhile would
    // make the loop sleep past the time that the body had in mind.
    Timestamp began = clock->now();
    try {
      wait = body_(stop);
      back_off = kFirstBackOff;
    } catch (const std::exception& error) {
      log_warning(name_, "{}; trying again in {} ms", error.what(), back_off.count());
      wait = back_off;
      clock = &system_clock();
      began = clock->now();
      back_off = std::min(back_off * 2, kLongestBackOff);
    }
    std::stop_token nap;
    {
      std::lock_guard lock(mutex_);
      if (std::exchange(woken_, false)) continue;
      nap_ = std::stop_source();
      nap = nap_.get_token();
    }
    if (wait.count() > 0 && !stop.stop_requested()) clock->sleep_until(began + wait, nap);
    std::lock_guard lock(mutex_);
    woken_ = false;
  }
}

}  // namespace base
