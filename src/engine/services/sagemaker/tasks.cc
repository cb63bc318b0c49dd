// Work that outlives the request that asked for it.
#include "engine/services/sagemaker/tasks.h"

#include "lib/base/log.h"

namespace engine::sagemaker {

void Tasks::start(std::string name, std::function<void(std::stop_token)> work) {
  std::lock_guard lock(mutex_);
  if (stopping_) return;
  tasks_.remove_if([](const Task& task) { return task.over; });
  Task& task = tasks_.emplace_back();
  task.thread = std::jthread(
      [this, &task, name = std::move(name), work = std::move(work)](std::stop_token stop) {
        try {
          work(stop);
        } catch (const std::exception& error) {
          base::log_error("sagemaker", "{} ended: {}", name, error.what());
        }
        std::lock_guard lock(mutex_);
        task.over = true;
      });
}

void Tasks::stop() {
  std::list<Task> tasks;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (Task& task : tasks_) task.thread.request_stop();
    tasks.swap(tasks_);  // nodes, and so the references tasks hold, stay where they are
  }
  tasks.clear();  // joins
}

}  // namespace engine::sagemaker
