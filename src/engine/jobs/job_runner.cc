// job_runner [--processes N] [--memory BYTES] [--file BYTES] [--group FOLDER]… [--hosts FILE] ROOT
// PROGRAM [ARGUMENT…]: runs a program that sees the folder ROOT as /opt/ml, and never outlives whoever
// started it.
//
// Descriptor 3 is the lifeline: a socket of which the engine holds the other end. When it closes,
// because the engine died or gave up on the job, everything started here is killed. SIGTERM is
// handed on to the program. The exit status is the program's, signal included; 126 and 127 as in a
// shell. Before it ends it writes an m into the lifeline if the program was out of memory.
//
// Limits are set on a control group made below each FOLDER (v2: one folder; v1: one for memory, one
// for processes) which the program enters before it is run; a limit that no group takes is set on
// the process itself.
//
//   engine ── job_runner ── init of a process namespace ── the program and what it starts
//
// The middle one is there because a namespace's first process ignores signals it has no handler
// for, which would make a plain program deaf to SIGTERM. Where the system refuses namespaces the
// program is run without, and finds its folder in SM_ML_ROOT.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr int kLifeline = 3;

constexpr int kMostGroups = 2;

struct Plan {
  rlim_t processes = 0, memory = 0, file = 0;  // 0: no limit
  std::string folders[kMostGroups];            // that groups are made below
  std::string hosts;
  std::string root;
  char** program = nullptr;  // with its arguments
};

[[noreturn]] void die(int code, const std::string& what) {
  const std::string line = "job_runner: " + what + ": " + std::strerror(errno) + "\n";
  (void)!::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(code);
}

bool write_text(const char* path, const std::string& text) {
  const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool done = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return done;
}

// Control groups ---------------------------------------------------------------------------------

/// What the kernel writes in a group's file; "" when there is none.
std::string read_text(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return "";
  std::string text(16 << 10, '\0');
  const ssize_t size = ::read(fd, text.data(), text.size());
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  ::close(fd);
  return text;
}

/// The number behind `name ` at the beginning of a line.
long count_of(const std::string& text, const std::string& name) {
  const std::string lines = "\n" + text;
  const auto at = lines.find("\n" + name + " ");
  return at == std::string::npos ? 0 : std::strtol(lines.c_str() + at + name.size() + 2, nullptr, 10);
}

/// The groups of one program. Made by the runner, which stays outside.
class Groups {
 public:
  void make(const Plan& plan) {
    for (const std::string& folder : plan.folders) {
      if (folder.empty()) continue;
      const std::string group = folder + "/beer-job-" + std::to_string(::getpid());
      if (::mkdir(group.c_str(), 0755) != 0 && errno != EEXIST) continue;
      groups_[count_++] = group;
      memory_ |= plan.memory != 0 && hold_memory(group, std::to_string(plan.memory));
      processes_ |= plan.processes != 0 && write_text((group + "/pids.max").c_str(),
                                                      std::to_string(plan.processes));
    }
  }

  /// For the process that is to become the program. Takes from the plan the limits that the groups
  /// hold; none when it isn't let in.
  void enter(Plan& plan) const {
    for (int i = 0; i < count_; ++i) {
      if (!write_text((groups_[i] + "/cgroup.procs").c_str(), "0")) return;
    }
    if (memory_) plan.memory = 0;
    if (processes_) plan.processes = 0;
  }

  bool out_of_memory() const {
    for (int i = 0; i < count_; ++i) {
      if (count_of(read_text(groups_[i] + "/memory.events"), "oom_kill") > 0) return true;
      if (count_of(read_text(groups_[i] + "/memory.oom_control"), "oom_kill") > 0) return true;
    }
    return false;
  }

  /// Kills what is left in them, also what has left its process group, and removes them.
  void end() const {
    for (int i = 0; i < count_; ++i) {
      // A killed process is gone from its group only a little later.
      for (int tries = 0; ::rmdir(groups_[i].c_str()) != 0 && errno == EBUSY && tries < 200; ++tries) {
        kill_all(groups_[i]);
        ::poll(nullptr, 0, 5);
      }
    }
  }

 private:
  /// v2's file, else v1's; without swap where that can be said.
  static bool hold_memory(const std::string& group, const std::string& bytes) {
    if (write_text((group + "/memory.max").c_str(), bytes)) {
      write_text((group + "/memory.swap.max").c_str(), "0");
      write_text((group + "/memory.oom.group").c_str(), "1");
      return true;
    }
    if (!write_text((group + "/memory.limit_in_bytes").c_str(), bytes)) return false;
    write_text((group + "/memory.memsw.limit_in_bytes").c_str(), bytes);
    return true;
  }
  static void kill_all(const std::string& group) {
    if (write_text((group + "/cgroup.kill").c_str(), "1")) return;
    const std::string all = read_text(group + "/cgroup.procs");
    for (std::size_t at = 0; at < all.size(); at = all.find('\n', at) + 1) {
      const pid_t pid = std::atoi(all.c_str() + at);
      if (pid > 0) ::kill(pid, SIGKILL);
      if (all.find('\n', at) == std::string::npos) break;
    }
  }

  std::string groups_[kMostGroups];
  int count_ = 0;
  bool memory_ = false, processes_ = false;  // held
};
Groups groups;

/// Says what was seen, and leaves no group behind.
void end_groups() {
  if (groups.out_of_memory()) (void)!::send(kLifeline, "m", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
  groups.end();
}

// Namespaces -------------------------------------------------------------------------------------

/// Namespaces of our own, by right or as a user who is somebody only inside of them.
bool enter_namespaces() {
  constexpr int kOurs = CLONE_NEWNS | CLONE_NEWPID;
  const auto user = std::to_string(::getuid()), group = std::to_string(::getgid());
  if (::unshare(kOurs) == 0) return true;
  if (::unshare(kOurs | CLONE_NEWUSER) != 0) return false;
  write_text("/proc/self/setgroups", "deny");
  return write_text("/proc/self/uid_map", user + " " + user + " 1") &&
         write_text("/proc/self/gid_map", group + " " + group + " 1");
}

/// Shows in the new /opt what the old one held, since the program itself may live there.
void keep_entry(int old_opt, const dirent& entry) {
  const std::string name = entry.d_name;
  if (name == "." || name == ".." || name == "ml") return;
  const std::string from = "/proc/self/fd/" + std::to_string(old_opt) + "/" + name;
  const std::string to = "/opt/" + name;
  struct stat status {};
  if (::stat(from.c_str(), &status) != 0) return;
  if (S_ISDIR(status.st_mode)) {
    ::mkdir(to.c_str(), 0755);
  } else {
    ::close(::open(to.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
  }
  ::mount(from.c_str(), to.c_str(), nullptr, MS_BIND | MS_REC, nullptr);
}

/// Puts `root` at /opt/ml, for this process and its children only.
bool mount_root(const std::string& root) {
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  DIR* old_opt = ::opendir("/opt");
  if (old_opt == nullptr) return false;
  bool done = ::mount("job", "/opt", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=0755") == 0;
  if (done) {
    while (const dirent* entry = ::readdir(old_opt)) keep_entry(::dirfd(old_opt), *entry);
    done = ::mkdir("/opt/ml", 0755) == 0 &&
           ::mount(root.c_str(), "/opt/ml", nullptr, MS_BIND | MS_REC, nullptr) == 0;
  }
  ::closedir(old_opt);
  return done;
}

/// Other hosts of the job are names in this file.
void mount_hosts(const std::string& hosts) {
  if (!hosts.empty()) ::mount(hosts.c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr);
}

// The program ------------------------------------------------------------------------------------

void set_limit(__rlimit_resource what, rlim_t value) {
  const rlimit limit{value, value};
  if (::setrlimit(what, &limit) != 0) die(126, "cannot set a limit");
}

[[noreturn]] void become_program(Plan plan) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  groups.enter(plan);
  set_limit(RLIMIT_CORE, 0);
  if (plan.file != 0) set_limit(RLIMIT_FSIZE, plan.file);
  if (plan.processes != 0) set_limit(RLIMIT_NPROC, plan.processes);
  // Of memory only what is written counts; reserved address space is free.
  if (plan.memory != 0) set_limit(RLIMIT_DATA, plan.memory);
  ::syscall(SYS_close_range, kLifeline, ~0U, 0U);
  ::execvp(plan.program[0], plan.program);
  die(errno == ENOENT ? 127 : 126, std::string("cannot run ") + plan.program[0]);
}

/// Starts the program and stays until it ends. Gives its status as waitpid does.
int supervise(pid_t child, int signals, bool has_lifeline) {
  pollfd watched[2] = {{signals, POLLIN, 0}, {has_lifeline ? kLifeline : -1, POLLIN, 0}};
  for (;;) {
    if (::poll(watched, 2, -1) < 0 && errno != EINTR) die(126, "cannot wait");
    if (watched[1].revents != 0) {
      ::kill(-child, SIGKILL);
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);  // of a namespace's first process: all others are gone by then
      end_groups();
      ::_exit(137);
    }
    if ((watched[0].revents & POLLIN) == 0) continue;
    signalfd_siginfo info{};
    (void)!::read(signals, &info, sizeof info);
    if (info.ssi_signo == SIGTERM) {
      if (::kill(-child, SIGTERM) != 0) ::kill(child, SIGTERM);
      continue;
    }
    int status = 0;
    for (pid_t ended; (ended = ::waitpid(-1, &status, WNOHANG)) > 0;) {
      if (ended == child) {
        ::kill(-child, SIGKILL);  // what it left behind
        return status;
      }
    }
  }
}

/// Ends as the program did.
[[noreturn]] void end_as(int status) {
  if (WIFSIGNALED(status)) {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::signal(WTERMSIG(status), SIG_DFL);
    sigset_t only;
    sigemptyset(&only);
    sigaddset(&only, WTERMSIG(status));
    ::kill(::getpid(), WTERMSIG(status));
    ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
  }
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/// The namespace's first process: its end is the end of all in it. Tells the status through
/// `report`, because a signal that the namespace's first process sends itself does nothing.
[[noreturn]] void be_init(const Plan& plan, int signals, int report) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setpgid(0, 0);
  const pid_t child = ::fork();
  if (child < 0) die(126, "cannot fork");
  if (child == 0) become_program(plan);
  ::setpgid(child, child);
  ::close(kLifeline);
  const int status = supervise(child, signals, false);
  (void)!::write(report, &status, sizeof status);
  ::_exit(0);
}

[[noreturn]] void run_in_namespace(const Plan& plan, int signals) {
  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0) die(126, "cannot make a pipe");
  const pid_t init = ::fork();
  if (init < 0) die(126, "cannot fork");
  if (init == 0) be_init(plan, signals, report[1]);
  ::setpgid(init, init);
  ::close(report[1]);
  int status = supervise(init, signals, true);
  int told = 0;
  if (::read(report[0], &told, sizeof told) == sizeof told) status = told;
  end_groups();
  end_as(status);
}

[[noreturn]] void run_plainly(const Plan& plan, int signals) {
  ::setenv("SM_ML_ROOT", plan.root.c_str(), 1);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t child = ::fork();
  if (child < 0) die(126, "cannot fork");
  if (child == 0) become_program(plan);
  ::setpgid(child, child);
  const int status = supervise(child, signals, true);
  end_groups();
  end_as(status);
}

Plan parse(int argc, char** argv) {
  Plan plan;
  int at = 1;
  for (; at + 1 < argc && std::strncmp(argv[at], "--", 2) == 0; at += 2) {
    const std::string name = argv[at];
    if (name == "--group") {
      (plan.folders[0].empty() ? plan.folders[0] : plan.folders[1]) = argv[at + 1];
    } else if (name == "--hosts") {
      plan.hosts = argv[at + 1];
    } else {
      const rlim_t value = std::strtoull(argv[at + 1], nullptr, 10);
      (name == "--memory" ? plan.memory : name == "--file" ? plan.file : plan.processes) = value;
    }
  }
  if (at + 1 >= argc) {
    errno = EINVAL;
    die(126,
        "usage: job_runner [--processes N] [--memory BYTES] [--file BYTES] [--group FOLDER]... "
        "[--hosts FILE] ROOT PROGRAM [ARGUMENT...]");
  }
  plan.root = argv[at];
  plan.program = argv + at + 1;
  return plan;
}

}  // namespace

int main(int argc, char** argv) {
  const Plan plan = parse(argc, argv);
  ::fcntl(kLifeline, F_SETFD, FD_CLOEXEC);
  ::syscall(SYS_close_range, kLifeline + 1, ~0U, 0U);
  sigset_t watched;
  sigemptyset(&watched);
  sigaddset(&watched, SIGCHLD);
  sigaddset(&watched, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &watched, nullptr);
  const int signals = ::signalfd(-1, &watched, SFD_CLOEXEC);
  if (signals < 0) die(126, "cannot watch signals");
  groups.make(plan);
  const bool forced_plain = std::getenv("SM_ML_ROOT") != nullptr;
  if (!forced_plain && enter_namespaces()) {
    if (mount_root(plan.root)) {
      mount_hosts(plan.hosts);
    } else {
      ::setenv("SM_ML_ROOT", plan.root.c_str(), 1);
    }
    run_in_namespace(plan, signals);
  }
  run_plainly(plan, signals);
}
