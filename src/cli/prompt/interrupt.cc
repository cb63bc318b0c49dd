// Ctrl-C while a query runs: the signal is blocked but in wait(), so no call to the server is cut
// in its middle.
#include "cli/prompt/interrupt.h"

#include <poll.h>
#include <signal.h>

#include <ctime>

namespace cli {
namespace {

volatile sig_atomic_t came = 0;
struct sigaction former {};
sigset_t former_mask;

void on_signal(int) { came = 1; }

}  // namespace

InterruptWatch::InterruptWatch() {
  came = 0;
  struct sigaction action {};
  action.sa_handler = &on_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, &former);
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &former_mask);
}

InterruptWatch::~InterruptWatch() {
  ::pthread_sigmask(SIG_SETMASK, &former_mask, nullptr);
  ::sigaction(SIGINT, &former, nullptr);
}

bool InterruptWatch::wait(std::chrono::milliseconds span) {
  if (came != 0) return true;
  const timespec time{span.count() / 1000, (span.count() % 1000) * 1'000'000};
  ::ppoll(nullptr, 0, &time, &former_mask);
  return came != 0;
}

}  // namespace cli
