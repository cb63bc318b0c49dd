// Threads that run handlers.
#include "lib/http/worker_pool.h"

#include <pthread.h>

#include <chrono>

namespace http {
namespace {

constexpr std::chrono::seconds kLeaveAfter{10};

}  // namespace

WorkerPool::WorkerPool(std::string name, int most) : name_(std::move(name)), most_(most) {}

void WorkerPool::submit(Task task) {
  std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  if (tasks_.size() <= static_cast<std::size_t>(waiting_)) {
    work_.notify_one();
  } else if (threads_ < most_) {
    ++threads_;
    ++waiting_;  // it will be in a moment, and has a task then
    std::thread([this] { run(); }).detach();
  }
}

void WorkerPool::join() {
  std::unique_lock lock(mutex_);
  joining_ = true;
  work_.notify_all();
  gone_.wait(lock, [&] { return threads_ == 0; });
}

void WorkerPool::run() {
  pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto wanted = [&] { return !tasks_.empty() || joining_; };
    const bool woken = work_.wait_for(lock, kLeaveAfter, wanted);
    if (!woken || tasks_.empty()) break;
    --waiting_;
    Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;  // what it holds goes outside of the lock
    lock.lock();
    ++waiting_;
  }
  --waiting_;
  --threads_;
  // Under the lock: the pool may be gone the moment it is released.
  gone_.notify_all();
}

}  // namespace http
