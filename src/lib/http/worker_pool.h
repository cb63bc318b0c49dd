// Threads that run handlers: few while there is little to do, more when all are busy.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace http {

/// Runs tasks on at most `most` threads. A thread is started when a task comes and none is free,
/// and leaves after it had nothing to do for a while. Thread-safe.
class WorkerPool {
 public:
  using Task = std::function<void()>;

  WorkerPool(std::string name, int most);
  /// As join().
  ~WorkerPool() { join(); }

  /// A task must not throw.
  void submit(Task task);
  /// Runs what was submitted to its end and takes the threads down. No task may be submitted after.
  void join();

 private:
  void run();

  const std::string name_;
  const int most_;
  std::mutex mutex_;
  std::condition_variable work_, gone_;
  std::deque<Task> tasks_;
  int threads_ = 0;
  int waiting_ = 0;  // threads without a task; more waiting tasks than these call for a new thread
  bool joining_ = false;
};

}  // namespace http
