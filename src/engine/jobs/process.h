// A program under the engine's eyes: its own /opt/ml, its limits, its output line by line, its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace engine::jobs {

/// What a program may use; 0 is no limit. Memory and processes are held by a control group where the
/// engine may make one (control_groups.h), else by what the system has for a single process.
struct Limits {
  /// Of the program and all it starts; without a group, what one process writes (RLIMIT_DATA).
  std::uint64_t memory_bytes = 0;
  /// With their threads, of the program and all it starts; without a group, of the user who runs the
  /// engine (RLIMIT_NPROC), which the system doesn't hold root to.
  unsigned processes = 0;
  std::uint64_t file_bytes = 0;    ///< of one file (RLIMIT_FSIZE)
  std::uint64_t output_bytes = 0;  ///< kept of the output of an hour; a line tells of the rest
};

struct ProcessSpec {
  std::string program;            ///< a path, or a name found in PATH
  std::vector<std::string> args;  ///< behind the program's name
  /// All the program sees: nothing is inherited but PATH. Where namespaces are refused it also gets
  /// SM_ML_ROOT, the folder that stands for /opt/ml; setting it here asks for a run without
  /// namespaces.
  std::map<std::string, std::string> environment;
  std::string ml_root;  ///< the folder the program sees as /opt/ml
  /// Gets what the program writes to stdout and stderr, in order, without line ends; a line longer
  /// than 64 KiB comes in pieces. Called from the process's own thread, a batch at a time, at most
  /// ten times a second unless much is written, and for the last time before wait() answers.
  std::function<void(std::vector<std::string> lines)> on_output;
  /// A descriptor that takes stdout and stderr in place of on_output; the caller reads its other
  /// end.
  int output = -1;
  std::string working_directory;  ///< empty: the engine's
  Limits limits;
  std::string runner;  ///< the job_runner executable; empty: beside this executable
  std::string hosts;   ///< a file the program sees as /etc/hosts, where namespaces allow; or empty
  /// The folders its control group is made below; nothing: those of control_groups().
  std::optional<std::vector<std::string>> group_folders = {};
};

/// How a program ended.
struct Exit {
  int code = 0;    ///< 127: there is no such program, 126: it can't be run
  int signal = 0;  ///< not 0: it was ended by this signal
  /// The kernel killed a process of it for want of the memory it may use. Known of a control group
  /// only.
  bool out_of_memory = false;
  bool ok() const { return code == 0 && signal == 0; }
  std::string text() const;  ///< "exit code 1", "signal 9 (Killed)"
};

/// A started program. When this object goes, or the engine dies, the program and everything it
/// started in its namespace are killed. Thread-safe.
class Process {
 public:
  /// Starts it. Throws std::system_error when the runner can't be started; a program that can't be
  /// is an Exit of 127 or 126 with a line in the output.
  explicit Process(ProcessSpec spec);
  ~Process();
  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;

  /// Its end, or nothing when it still runs after `timeout` of real time.
  std::optional<Exit> wait_for(std::chrono::milliseconds timeout) const;
  Exit wait() const;
  bool running() const { return !wait_for(std::chrono::milliseconds(0)); }

  /// SIGTERM; the caller waits, then kills.
  void terminate();
  /// SIGKILL for all of it.
  void kill();
  /// terminate(), and kill() when `grace` of real time wasn't enough. Answers when it has ended.
  Exit stop(std::chrono::milliseconds grace);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::jobs
