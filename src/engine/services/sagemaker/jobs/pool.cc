// The jobs under way.
#include "engine/services/sagemaker/jobs/pool.h"

#include "engine/services/sagemaker/errors.h"
#include "lib/base/log.h"

namespace engine::sagemaker {

using namespace std::chrono_literals;

void JobControl::ask(Ended wish) {
  {
    std::lock_guard lock(mutex_);
    if (wish_ != Ended::kWithTheEngine) wish_ = wish;
    changed_.notify_all();
  }
  asked_.request_stop();
}

Ended JobControl::wish() const {
  std::lock_guard lock(mutex_);
  return wish_;
}

void JobControl::set_over() {
  std::lock_guard lock(mutex_);
  over_ = true;
  changed_.notify_all();
}

bool JobControl::wait_for(std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] { return over_; });
}

void JobControl::wait() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return over_; });
}

RunResult JobControl::run(jobs::ProcessSpec spec, std::chrono::milliseconds max_runtime,
                          std::chrono::milliseconds grace) {
  // How long a wish to stop may stay unnoticed; the end of the program is noticed at once.
  constexpr auto kLook = 50ms;
  const auto until = std::chrono::steady_clock::now() + max_runtime;
  jobs::Process process(std::move(spec));
  for (;;) {
    if (const auto exit = process.wait_for(kLook)) return {Ended::kByItself, *exit};
    const Ended asked = wish();
    if (asked == Ended::kWithTheEngine) return {asked, process.stop(0ms)};
    const bool late = std::chrono::steady_clock::now() >= until;
    if (asked == Ended::kStopped || late) {
      return {late ? Ended::kTimedOut : Ended::kStopped, process.stop(grace)};
    }
  }
}

std::shared_ptr<JobControl> JobPool::submit(const std::string& key, Job job) {
  auto control = std::make_shared<JobControl>();
  std::lock_guard lock(mutex_);
  if (stopping_) {
    control->abandon();
    control->set_over();
    return control;
  }
  if (queue_.size() >= waiting_) throw too_many_jobs(waiting_);
  queue_.push_back({key, std::move(job), control});
  under_way_[key] = control;
  if (idle_ == 0 && threads_.size() < static_cast<std::size_t>(at_once_)) {
    threads_.emplace_back([this] { work(); });
  }
  changed_.notify_one();
  return control;
}

std::shared_ptr<JobControl> JobPool::find(const std::string& key) const {
  std::lock_guard lock(mutex_);
  const auto found = under_way_.find(key);
  return found == under_way_.end() ? nullptr : found->second;
}

void JobPool::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    ++idle_;
    changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) return;
    Waiting next = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    try {
      if (!next.control->abandoned()) next.job(*next.control);
    } catch (const std::exception& error) {
      base::log_error("sagemaker", "{} was lost: {}", next.key, error.what());
    }
    lock.lock();
    under_way_.erase(next.key);
    lock.unlock();
    next.control->set_over();
  }
}

void JobPool::stop() {
  std::vector<std::jthread> threads;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [key, control] : under_way_) control->abandon();
    threads.swap(threads_);
    changed_.notify_all();
  }
  threads.clear();  // joins
}

}  // namespace engine::sagemaker
