// Answers that come when something is over, or after a while, and hold no thread until then.
#pragma once

#include "lib/http/message.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace engine::sagemaker {

/// Something that will be over once, for all time. Thread-safe.
class Ending {
 public:
  /// It is over: who waits goes on, and what was left to be done then is done, on this thread.
  void set();
  /// `then` runs when it is over: now, if it is already.
  void when_over(std::function<void()> then);
  /// True when it was over within `timeout` of real time.
  bool wait_for(std::chrono::milliseconds timeout) const;
  void wait() const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::function<void()>> then_;
  bool over_ = false;
};

/// A body that is known, but kept back.
class HeldBody final : public http::LiveBody {
 public:
  explicit HeldBody(std::string text) : text_(std::move(text)) {}
  void on_ready(std::function<void()> wake) override;
  std::optional<std::string> next() override;
  void release();

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
  std::string text_;
  bool free_ = false, sent_ = false;
};

/// The bodies kept back at the moment. Thread-safe.
class HeldBodies {
 public:
  ~HeldBodies() { stop(); }
  /// A body that is sent when it is released, and after `at_most` of real time in any case.
  std::shared_ptr<HeldBody> hold(std::string text, std::chrono::milliseconds at_most);
  /// Sends all of them.
  void stop();

 private:
  using Time = std::chrono::steady_clock::time_point;
  void work(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::multimap<Time, std::weak_ptr<HeldBody>> held_;
  std::jthread thread_;
};

}  // namespace engine::sagemaker
