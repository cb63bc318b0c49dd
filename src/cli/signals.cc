// Waiting to be told to stop: the handler writes into a pipe, which is all a handler may do.
// Programs that are started meanwhile get the usual handling back, as exec does with handlers.
#include "cli/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace cli {
namespace {

int pipe_ends[2] = {-1, -1};

void on_signal(int) {
  const int saved = errno;
  [[maybe_unused]] const auto written = ::write(pipe_ends[1], "x", 1);
  errno = saved;
}

void handle(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
}

}  // namespace

StopSignals::StopSignals() {
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "making a pipe");
  }
  handle(&on_signal);
}

StopSignals::~StopSignals() {
  handle(SIG_DFL);
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
}

void StopSignals::wait() {
  pollfd end{pipe_ends[0], POLLIN, 0};
  // An interrupted wait is our own handler's doing, so the byte is there at the next look.
  while (::poll(&end, 1, -1) <= 0) {
  }
}

}  // namespace cli
