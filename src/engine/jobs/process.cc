// Starts a job_runner, reads what it writes, and waits for it: one thread for each process.
#include "engine/jobs/process.h"

#include "engine/jobs/control_groups.h"
#include "lib/base/log.h"
#include "lib/io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <system_error>
#include <thread>

namespace engine::jobs {
namespace {

using namespace std::chrono_literals;

constexpr int kLifeline = 3;
constexpr std::size_t kLongestLine = 64 << 10;
constexpr std::size_t kFullBatch = 256 << 10;  ///< bytes
constexpr auto kBatchTime = 100ms;

/// Its read end is the runner's, and says what it has seen when it ends.
struct Lifeline {
  io::Fd read, write;
  Lifeline() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
      io::throw_system_error("make a pair of sockets", "", errno);
    }
    read = io::Fd(ends[0]);
    write = io::Fd(ends[1]);
  }
};

struct Pipe {
  io::Fd read, write;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) io::throw_system_error("make a pipe", "", errno);
    read = io::Fd(ends[0]);
    write = io::Fd(ends[1]);
  }
};

std::string default_runner() {
  static const std::string path =
      (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "job_runner").string();
  return path;
}

std::vector<std::string> command_line(const ProcessSpec& spec) {
  std::vector<std::string> words{spec.runner.empty() ? default_runner() : spec.runner};
  const auto option = [&](const char* name, std::uint64_t value) {
    if (value != 0) words.insert(words.end(), {name, std::to_string(value)});
  };
  option("--processes", spec.limits.processes);
  option("--memory", spec.limits.memory_bytes);
  option("--file", spec.limits.file_bytes);
  if (spec.limits.processes != 0 || spec.limits.memory_bytes != 0) {
    for (const std::string& folder :
         spec.group_folders ? *spec.group_folders : control_groups().folders) {
      words.insert(words.end(), {"--group", folder});
    }
  }
  if (!spec.hosts.empty()) words.insert(words.end(), {"--hosts", spec.hosts});
  words.push_back(std::filesystem::absolute(spec.ml_root).string());
  words.push_back(spec.program);
  words.insert(words.end(), spec.args.begin(), spec.args.end());
  return words;
}

std::vector<std::string> environment(const ProcessSpec& spec) {
  std::vector<std::string> lines;
  const char* path = std::getenv("PATH");
  if (!spec.environment.contains("PATH")) {
    lines.push_back(std::string("PATH=") + (path ? path : "/usr/local/bin:/usr/bin:/bin"));
  }
  for (const auto& [name, value] : spec.environment) lines.push_back(fmt::format("{}={}", name, value));
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  result.reserve(words.size() + 1);
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

pid_t spawn(const ProcessSpec& spec, const Pipe& output, const Lifeline& lifeline) {
  auto words = command_line(spec), variables = environment(spec);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  const int sink = spec.output >= 0 ? spec.output : output.write.get();
  posix_spawn_file_actions_adddup2(&actions, sink, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, sink, STDERR_FILENO);
  if (!spec.working_directory.empty()) {
    posix_spawn_file_actions_addchdir_np(&actions, spec.working_directory.c_str());
  }
  posix_spawn_file_actions_adddup2(&actions, lifeline.read.get(), kLifeline);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);  // a Ctrl-C at the terminal is for the engine alone
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, words[0].c_str(), &actions, &attributes,
                                  pointers(words).data(), pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) io::throw_system_error("start", words[0], error);
  return pid;
}

/// Cuts what comes into lines, and hands them on in batches.
class Lines {
 public:
  Lines(decltype(ProcessSpec::on_output) sink, std::uint64_t most)
      : sink_(std::move(sink)), most_(most) {}

  void add(std::string_view bytes) {
    if (batch_.empty() && partial_.empty()) since_ = std::chrono::steady_clock::now();
    while (!bytes.empty()) {
      const auto end = bytes.find('\n');
      partial_.append(bytes.substr(0, end));
      size_ += std::min(bytes.size(), end);
      bytes.remove_prefix(end == bytes.npos ? bytes.size() : end + 1);
      if (end != bytes.npos || partial_.size() >= kLongestLine) take_line();
    }
    if (size_ >= kFullBatch) flush();
  }

  /// How long poll may wait before the batch is due; -1 when there is none.
  int wait() const {
    if (batch_.empty()) return -1;
    const auto left = since_ + kBatchTime - std::chrono::steady_clock::now();
    return static_cast<int>(
        std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::milliseconds>(left).count()));
  }
  void flush_if_due() {
    if (wait() == 0) flush();
  }
  void finish() {
    if (!partial_.empty()) take_line();
    flush();
  }

 private:
  void take_line() {
    if (!partial_.empty() && partial_.back() == '\r') partial_.pop_back();
    std::string line = std::exchange(partial_, {});
    if (most_ == 0 || is_kept(line.size() + 1)) batch_.push_back(std::move(line));
  }

  /// A program that writes without end must not fill the disk with its log: each hour has so much.
  bool is_kept(std::size_t size) {
    const auto now = std::chrono::steady_clock::now();
    if (now - hour_ >= 1h) {
      if (dropped_ > 0) batch_.push_back(fmt::format("[{} bytes of output were not kept]", dropped_));
      hour_ = now;
      kept_ = dropped_ = 0;
    }
    if (dropped_ == 0 && kept_ + size <= most_) {
      kept_ += size;
      return true;
    }
    if (dropped_ == 0) {
      batch_.push_back(
          fmt::format("[more than {} bytes of output in an hour: the rest is not kept]", most_));
    }
    dropped_ += size;
    return false;
  }

  void flush() {
    if (batch_.empty()) return;
    size_ = 0;
    try {
      if (sink_) sink_(std::exchange(batch_, {}));
    } catch (const std::exception& error) {
      base::log_error("jobs", "a program's output is lost: {}", error.what());
    }
    batch_.clear();
  }

  decltype(ProcessSpec::on_output) sink_;
  const std::uint64_t most_;
  std::uint64_t kept_ = 0, dropped_ = 0;
  std::chrono::steady_clock::time_point hour_ = std::chrono::steady_clock::now();
  std::vector<std::string> batch_;
  std::string partial_;
  std::size_t size_ = 0;
  std::chrono::steady_clock::time_point since_;
};

}  // namespace

std::string Exit::text() const {
  if (signal == 0) return fmt::format("exit code {}", code);
  return fmt::format("signal {} ({})", signal, ::strsignal(signal));
}

struct Process::Impl {
  explicit Impl(ProcessSpec spec) : lines(std::move(spec.on_output), spec.limits.output_bytes) {
    Pipe out;
    Lifeline life;
    pid = spawn(spec, out, life);
    output = std::move(out.read);
    lifeline = std::move(life.write);
    ended = io::Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    thread = std::thread([this] { watch(); });
  }

  ~Impl() {
    cut_lifeline();
    thread.join();
  }

  /// Reads until the runner has ended and its output is drained. Not until the pipe closes: a
  /// grandchild that escaped could keep it open for ever.
  void watch() {
    pollfd watched[2] = {{output.get(), POLLIN, 0}, {ended.get(), POLLIN, 0}};
    std::string buffer(64 << 10, '\0');
    for (bool open = true; open || watched[1].revents == 0;) {
      if (::poll(watched, 2, lines.wait()) < 0 && errno != EINTR) break;
      lines.flush_if_due();
      if ((watched[0].revents & (POLLIN | POLLHUP)) != 0) {
        const auto size = ::read(output.get(), buffer.data(), buffer.size());
        if (size > 0) {
          lines.add({buffer.data(), static_cast<std::size_t>(size)});
          continue;
        }
        watched[0].fd = -1;
        open = false;
      } else if (watched[1].revents != 0) {
        break;
      }
    }
    finish();
  }

  void finish() {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    lines.finish();
    std::lock_guard lock(mutex);
    exit =
        WIFSIGNALED(status) ? Exit{.signal = WTERMSIG(status)} : Exit{.code = WEXITSTATUS(status)};
    char seen = 0;
    exit->out_of_memory = ::recv(lifeline.get(), &seen, 1, MSG_DONTWAIT) == 1 && seen == 'm';
    changed.notify_all();
  }

  void cut_lifeline() {
    std::lock_guard lock(mutex);
    lifeline = io::Fd();
  }

  Lines lines;
  pid_t pid = -1;
  io::Fd output, ended;
  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  io::Fd lifeline;
  std::optional<Exit> exit;
  std::thread thread;
};

Process::Process(ProcessSpec spec) : impl_(std::make_unique<Impl>(std::move(spec))) {}
Process::~Process() = default;
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&&) noexcept = default;

std::optional<Exit> Process::wait_for(std::chrono::milliseconds timeout) const {
  std::unique_lock lock(impl_->mutex);
  impl_->changed.wait_for(lock, timeout, [&] { return impl_->exit.has_value(); });
  return impl_->exit;
}

Exit Process::wait() const {
  std::unique_lock lock(impl_->mutex);
  impl_->changed.wait(lock, [&] { return impl_->exit.has_value(); });
  return *impl_->exit;
}

void Process::terminate() {
  std::lock_guard lock(impl_->mutex);
  // By descriptor: the number may be another process's once this one has been waited for.
  if (!impl_->exit) ::syscall(SYS_pidfd_send_signal, impl_->ended.get(), SIGTERM, nullptr, 0);
}

void Process::kill() { impl_->cut_lifeline(); }

Exit Process::stop(std::chrono::milliseconds grace) {
  terminate();
  if (const auto exit = wait_for(grace)) return *exit;
  kill();
  return wait();
}

}  // namespace engine::jobs
