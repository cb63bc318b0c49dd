// Answers that come when something is over.
#include "engine/services/sagemaker/later.h"

namespace engine::sagemaker {

void Ending::set() {
  std::vector<std::function<void()>> then;
  {
    std::lock_guard lock(mutex_);
    over_ = true;
    then.swap(then_);
    changed_.notify_all();
  }
  for (const auto& next : then) next();
}

void Ending::when_over(std::function<void()> then) {
  {
    std::lock_guard lock(mutex_);
    if (!over_) {
      then_.push_back(std::move(then));
      return;
    }
  }
  then();
}

bool Ending::wait_for(std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] { return over_; });
}

void Ending::wait() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return over_; });
}

void HeldBody::on_ready(std::function<void()> wake) {
  std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

std::optional<std::string> HeldBody::next() {
  std::lock_guard lock(mutex_);
  if (!free_) return "";
  if (sent_ || text_.empty()) return std::nullopt;  // an empty piece would be none for now
  sent_ = true;
  return text_;
}

void HeldBody::release() {
  std::function<void()> wake;
  {
    std::lock_guard lock(mutex_);
    free_ = true;
    wake = wake_;
  }
  if (wake) wake();
}

std::shared_ptr<HeldBody> HeldBodies::hold(std::string text, std::chrono::milliseconds at_most) {
  auto body = std::make_shared<HeldBody>(std::move(text));
  std::lock_guard lock(mutex_);
  held_.emplace(std::chrono::steady_clock::now() + at_most, body);
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  }
  changed_.notify_all();
  return body;
}

void HeldBodies::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (held_.empty()) {
      changed_.wait(lock, stop, [&] { return !held_.empty(); });
      continue;
    }
    const auto first = held_.begin();
    if (first->first > std::chrono::steady_clock::now()) {
      const Time until = first->first;
      changed_.wait_until(lock, stop, until,
                          [&] { return held_.empty() || held_.begin()->first < until; });
      continue;
    }
    const auto body = first->second.lock();
    held_.erase(first);
    lock.unlock();
    if (body) body->release();
    lock.lock();
  }
}

void HeldBodies::stop() {
  std::jthread thread;
  std::multimap<Time, std::weak_ptr<HeldBody>> held;
  {
    std::lock_guard lock(mutex_);
    thread.swap(thread_);
    held.swap(held_);
  }
  thread.request_stop();
  if (thread.joinable()) thread.join();
  for (const auto& [time, place] : held) {
    if (const auto body = place.lock()) body->release();
  }
}

}  // namespace engine::sagemaker
