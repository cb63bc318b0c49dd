// Work that outlives the request that asked for it, each on a thread of its own.
#pragma once

#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace engine::sagemaker {

/// Thread-safe. What a task throws is logged under its name.
class Tasks {
 public:
  ~Tasks() { stop(); }

  /// Starts a task, unless all are being stopped. Its stop token is requested by stop().
  void start(std::string name, std::function<void(std::stop_token)> work);

  /// Asks every task to end and waits for them.
  void stop();

 private:
  struct Task {
    bool over = false;
    std::jthread thread;
  };

  std::mutex mutex_;
  std::list<Task> tasks_;
  bool stopping_ = false;
};

}  // namespace engine::sagemaker
