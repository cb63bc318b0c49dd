// job_runner [--processes N] [--memory BYTES] ROOT PROGRAM [ARGUMENT…]: runs a program that sees
// the folder ROOT as /opt/ml, and never outlives whoever started it.
//
// Descriptor 3 is the lifeline: a pipe of which the engine holds the other end. When it closes,
// because the engine died or gave up on the job, everything started here is killed. SIGTERM is
// handed on to the program. The exit status is the program's, signal included; 126 and 127 as in a
// shell.
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

struct Plan {
  rlim_t processes = 0, memory = 0;  // 0: no limit
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

void set_limit(__rlimit_resource what, rlim_t value) {
  const rlimit limit{value, value};
  if (::setrlimit(what, &limit) != 0) die(126, "cannot set a limit");
}

[[noreturn]] void become_program(const Plan& plan) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  set_limit(RLIMIT_CORE, 0);
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
  end_as(status);
}

[[noreturn]] void run_plainly(const Plan& plan, int signals) {
  ::setenv("SM_ML_ROOT", plan.root.c_str(), 1);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t child = ::fork();
  if (child < 0) die(126, "cannot fork");
  if (child == 0) become_program(plan);
  ::setpgid(child, child);
  end_as(supervise(child, signals, true));
}

Plan parse(int argc, char** argv) {
  Plan plan;
  int at = 1;
  for (; at + 1 < argc && std::strncmp(argv[at], "--", 2) == 0; at += 2) {
    const rlim_t value = std::strtoull(argv[at + 1], nullptr, 10);
    (std::strcmp(argv[at], "--memory") == 0 ? plan.memory : plan.processes) = value;
  }
  if (at + 1 >= argc) {
    errno = EINVAL;
    die(126, "usage: job_runner [--processes N] [--memory BYTES] ROOT PROGRAM [ARGUMENT...]");
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
  const bool forced_plain = std::getenv("SM_ML_ROOT") != nullptr;
  if (!forced_plain && enter_namespaces()) {
    if (!mount_root(plan.root)) ::setenv("SM_ML_ROOT", plan.root.c_str(), 1);
    run_in_namespace(plan, signals);
  }
  run_plainly(plan, signals);
}
