// Spare sessions, refilled as they are taken.
#include "engine/services/athena/sessions.h"

#include "engine/services/athena/dialect.h"
#include "lib/base/log.h"

namespace engine::athena {
namespace {

// One for each query that may run at once, and one that comes right after. An unused session holds
// some 3 MB.
constexpr std::size_t kSpare = 3;
constexpr const char* kMemoryLimit = "1GB";
constexpr int kThreads = 2;

}  // namespace

Session::Session(const std::string& scratch)
    : database({.temp_directory = scratch,
                .memory_limit = kMemoryLimit,
                .threads = kThreads,
                .lock = false}),
      connection(database) {
  connection.execute_all(session_setup());
}

Sessions::Sessions(std::string scratch) : scratch_(std::move(scratch)) {}

Sessions::~Sessions() {
  worker_.request_stop();
  if (worker_.joinable()) worker_.join();
}

std::unique_ptr<Session> Sessions::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!spare_.empty()) {
      auto taken = std::move(spare_.front());
      spare_.pop_front();
      return taken;
    }
  }
  return std::make_unique<Session>(scratch_);
}

void Sessions::refill() {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
  if (!worker_.joinable()) {
    worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  }
  changed_.notify_one();
}

void Sessions::work(const std::stop_token& stop) {
  try {
    for (std::unique_lock lock(mutex_); changed_.wait(lock, stop, [&] { return wanted_; });) {
      wanted_ = false;
      while (spare_.size() < kSpare && !stop.stop_requested()) {
        lock.unlock();
        auto made = std::make_unique<Session>(scratch_);
        lock.lock();
        spare_.push_back(std::move(made));
      }
    }
  } catch (const std::exception& error) {
    // Whoever takes one then makes it, and tells the client why that can't be.
    base::log_error("athena", "no session could be made beforehand: {}", error.what());
  }
}

}  // namespace engine::athena
