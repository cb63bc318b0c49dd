// The jobs under way: a few at once, the others waiting, each of which can be stopped.
#pragma once

#include "engine/jobs/process.h"
#include "engine/services/sagemaker/later.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace engine::sagemaker {

/// Why a program is no longer running.
enum class Ended { kByItself, kStopped, kTimedOut, kDiskFull, kWithTheEngine };

/// How long a job may run and what it may write.
struct RunLimits {
  std::chrono::milliseconds runtime;
  std::chrono::milliseconds grace;  ///< from SIGTERM to SIGKILL
  std::uint64_t disk_bytes = 0;     ///< of all below one program's ml_root; 0 is no limit
};

struct RunResult {
  Ended how = Ended::kByItself;
  jobs::Exit exit;
  std::size_t which = 0;  ///< of several programs: the one that failed, else the last
  /// The program is at fault for its end.
  bool failed() const {
    return how == Ended::kDiskFull || (how == Ended::kByItself && !exit.ok());
  }
};

/// One job, from its creation to its end. Thread-safe.
class JobControl {
 public:
  /// Asks the job to end: SIGTERM if its program runs, not to begin if it waits.
  void request_stop() { ask(Ended::kStopped); }
  /// The engine ends: the program is killed, and the job's record stays as it is.
  void abandon() { ask(Ended::kWithTheEngine); }
  bool stop_requested() const { return wish() == Ended::kStopped; }
  bool abandoned() const { return wish() == Ended::kWithTheEngine; }
  /// Requested as soon as the job is asked to end, whatever for.
  std::stop_token token() const { return asked_.get_token(); }

  /// True when the job was over within `timeout` of real time.
  bool wait_for(std::chrono::milliseconds timeout) const { return ending_.wait_for(timeout); }
  void wait() const { ending_.wait(); }
  Ending& ending() { return ending_; }

  /// Runs the programs at once until all have ended or have to: after the runtime, with the disk
  /// full (looked at about once a second), or when asked. When one fails, the others are ended too.
  RunResult run(std::vector<jobs::ProcessSpec> specs, const RunLimits& limits);

 private:
  friend class JobPool;
  void ask(Ended wish);
  Ended wish() const;
  mutable std::mutex mutex_;
  std::stop_source asked_;
  Ended wish_ = Ended::kByItself;
  Ending ending_;
};

/// Runs jobs on at most `at_once` threads, which are started when there is work.
class JobPool {
 public:
  using Job = std::function<void(JobControl&)>;

  JobPool(int at_once, std::size_t waiting) : at_once_(at_once), waiting_(waiting) {}
  ~JobPool() { stop(); }

  /// Queues the job; throws AwsError (ResourceLimitExceeded) when too many wait. `key` names it for
  /// find(). What `job` throws is logged. Once the pool is stopped, a job is abandoned at once.
  std::shared_ptr<JobControl> submit(const std::string& key, Job job);

  /// A job that runs on a thread of its caller's: found, and abandoned, like the others. When it is
  /// over it has to be dropped.
  std::shared_ptr<JobControl> track(const std::string& key);
  void drop(const std::string& key);
  /// The job of that key, while it is not over.
  std::shared_ptr<JobControl> find(const std::string& key) const;

  /// Abandons all jobs and waits for the threads.
  void stop();

 private:
  struct Waiting {
    std::string key;
    Job job;
    std::shared_ptr<JobControl> control;
  };
  void work();

  const int at_once_;
  const std::size_t waiting_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Waiting> queue_;
  std::map<std::string, std::shared_ptr<JobControl>> under_way_;
  int idle_ = 0;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace engine::sagemaker
