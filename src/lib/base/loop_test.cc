// The background loop.
#include "lib/base/loop.h"

#include "lib/base/log.h"

#include <gtest/gtest.h>

#include <semaphore>

namespace base {
namespace {

TEST(Loop, CallsItsBodyAgainWhenTheWaitIsOver) {
  ManualClock clock;
  std::counting_semaphore<> rounds(0);
  Loop loop("test", clock, [&](std::stop_token) {
    rounds.release();
    return Milliseconds(1'000);
  });
  for (int i = 0; i < 3; ++i) {
    rounds.acquire();
    clock.wait_for_sleepers(1);
    EXPECT_FALSE(rounds.try_acquire());
    clock.advance(Milliseconds(1'000));
  }
  rounds.acquire();
}

TEST(Loop, WakesAtOnceWhenThereIsWork) {
  ManualClock clock;
  std::counting_semaphore<> rounds(0);
  Loop loop("test", clock, [&](std::stop_token) {
    rounds.release();
    return Milliseconds(std::chrono::hours(1));
  });
  for (int i = 0; i < 100; ++i) {
    rounds.acquire();
    loop.wake();
  }
  rounds.acquire();
}

TEST(Loop, StopsInTheMiddleOfAWait) {
  ManualClock clock;
  int rounds = 0;
  Loop loop("test", clock, [&](std::stop_token) {
    ++rounds;
    return Milliseconds(std::chrono::hours(1));
  });
  clock.wait_for_sleepers(1);
  loop.stop();
  loop.stop();
  EXPECT_EQ(rounds, 1);
}

TEST(Loop, ShowsItsBodyThatAStopIsWanted) {
  ManualClock clock;
  std::binary_semaphore in_body(0);
  Loop loop("test", clock, [&](std::stop_token stop) {
    in_body.release();
    while (!stop.stop_requested()) std::this_thread::yield();
    return Milliseconds(0);
  });
  in_body.acquire();
  loop.request_stop();
  loop.stop();
}

TEST(Loop, GoesOnAfterARoundThatThrew) {
  set_log_level(Level::kOff);
  ManualClock clock;
  std::counting_semaphore<> rounds(0);
  int count = 0;
  Loop loop("test", clock, [&](std::stop_token) -> Milliseconds {
    rounds.release();
    if (++count == 1) throw std::runtime_error("a bad round");
    return std::chrono::hours(1);
  });
  rounds.acquire();
  rounds.acquire();
  loop.stop();
  set_log_level(Level::kWarning);
}

}  // namespace
}  // namespace base
