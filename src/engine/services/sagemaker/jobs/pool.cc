// The jobs under way.
#include "engine/services/sagemaker/jobs/pool.h"

#include "engine/services/sagemaker/errors.h"
#include "lib/base/log.h"

#include <signal.h>

#include <filesystem>

namespace engine::sagemaker {

using namespace std::chrono_literals;

void JobControl::ask(Ended wish) {
  {
    std::lock_guard lock(mutex_);
    if (wish_ != Ended::kWithTheEngine) wish_ = wish;
  }
  asked_.request_stop();
}

Ended JobControl::wish() const {
  std::lock_guard lock(mutex_);
  return wish_;
}

namespace {

/// Ends all of them at once, and gives the end of the last.
jobs::Exit stop_all(std::vector<jobs::Process>& processes, std::chrono::milliseconds grace) {
  const auto until = std::chrono::steady_clock::now() + grace;
  for (auto& process : processes) process.terminate();
  jobs::Exit exit;
  for (auto& process : processes) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        until - std::chrono::steady_clock::now());
    const auto ended = process.wait_for(std::max(left, 0ms));
    exit = ended ? *ended : process.stop(0ms);
  }
  return exit;
}

/// The bytes of all files below a folder, each as large as it says; what goes while we look is none.
std::uint64_t size_of(const std::string& folder) {
  std::uint64_t size = 0;
  std::error_code error;
  const auto flags = std::filesystem::directory_options::skip_permission_denied;
  for (std::filesystem::recursive_directory_iterator at(folder, flags, error), end;
       !error && at != end; at.increment(error)) {
    std::error_code gone;
    if (at->symlink_status(gone).type() != std::filesystem::file_type::regular) continue;
    const auto bytes = at->file_size(gone);
    if (!gone) size += bytes;
  }
  return size;
}

/// Looks at what programs write, about every second, and less often when looking takes long.
class DiskWatch {
 public:
  explicit DiskWatch(std::uint64_t most) : most_(most) {}
  void add(const std::string& folder) { folders_.push_back(folder); }

  /// The first of the folders that holds too much.
  std::optional<std::size_t> full() {
    const auto now = std::chrono::steady_clock::now();
    if (most_ == 0 || now < next_) return {};
    for (std::size_t i = 0; i < folders_.size(); ++i) {
      if (size_of(folders_[i]) > most_) return i;
    }
    const auto took = std::chrono::steady_clock::now() - now;
    next_ = now + std::max<std::chrono::steady_clock::duration>(1s, 20 * took);
    return {};
  }

 private:
  const std::uint64_t most_;
  std::vector<std::string> folders_;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + 1s;
};

}  // namespace

RunResult JobControl::run(std::vector<jobs::ProcessSpec> specs, const RunLimits& limits) {
  // How long a wish to stop may stay unnoticed; the end of the program is noticed at once.
  constexpr auto kLook = 50ms;
  const auto until = std::chrono::steady_clock::now() + limits.runtime;
  DiskWatch disk(limits.disk_bytes);
  std::vector<jobs::Process> processes;
  processes.reserve(specs.size());
  for (auto& spec : specs) {
    spec.limits.file_bytes = limits.disk_bytes;
    disk.add(spec.ml_root);
    processes.emplace_back(std::move(spec));
  }
  for (std::size_t at = 0;;) {
    if (const auto exit = processes[at].wait_for(kLook); exit && exit->ok()) {
      if (++at == processes.size()) return {Ended::kByItself, *exit, at - 1};
    }
    for (std::size_t i = at; i < processes.size(); ++i) {
      const auto exit = processes[i].wait_for(0ms);
      if (!exit || exit->ok()) continue;
      stop_all(processes, limits.grace);
      // A shell tells of a signal to its child by a code.
      const bool full = exit->signal == SIGXFSZ || exit->code == 128 + SIGXFSZ;
      return {full ? Ended::kDiskFull : Ended::kByItself, *exit, i};
    }
    if (const auto full = disk.full()) return {Ended::kDiskFull, stop_all(processes, 0ms), *full};
    const Ended asked = wish();
    if (asked == Ended::kWithTheEngine) return {asked, stop_all(processes, 0ms)};
    const bool late = std::chrono::steady_clock::now() >= until;
    if (asked == Ended::kStopped || late) {
      return {late ? Ended::kTimedOut : Ended::kStopped, stop_all(processes, limits.grace)};
    }
  }
}

std::shared_ptr<JobControl> JobPool::track(const std::string& key) {
  auto control = std::make_shared<JobControl>();
  std::lock_guard lock(mutex_);
  if (stopping_) {
    control->abandon();
  } else {
    under_way_[key] = control;
  }
  return control;
}

void JobPool::drop(const std::string& key) {
  std::shared_ptr<JobControl> control;
  {
    std::lock_guard lock(mutex_);
    const auto found = under_way_.find(key);
    if (found == under_way_.end()) return;
    control = found->second;
    under_way_.erase(found);
  }
  control->ending_.set();
}

std::shared_ptr<JobControl> JobPool::submit(const std::string& key, Job job) {
  auto control = std::make_shared<JobControl>();
  std::lock_guard lock(mutex_);
  if (stopping_) {
    control->abandon();
    control->ending_.set();
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
    next.control->ending_.set();
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
