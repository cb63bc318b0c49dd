// Clocks: what waits on them and when it wakes.
#include "lib/base/clock.h"

#include <gtest/gtest.h>

#include <future>

namespace base {
namespace {

using std::chrono::hours;

TEST(ManualClock, MovesOnlyWhenToldTo) {
  ManualClock clock;
  const Timestamp start = clock.now();
  EXPECT_EQ(clock.now(), start);
  clock.advance(hours(1));
  EXPECT_EQ(clock.now(), start + hours(1));
}

TEST(ManualClock, WakesASleeperWhenItsTimeHasComeAndNotBefore) {
  ManualClock clock;
  auto slept = std::async(std::launch::async, [&] { return clock.sleep_for(hours(2), {}); });
  clock.wait_for_sleepers(1);
  clock.advance(hours(1));
  EXPECT_EQ(slept.wait_for(Milliseconds(0)), std::future_status::timeout);
  clock.advance(hours(1));
  EXPECT_TRUE(slept.get());
}

TEST(ManualClock, EndsASleepThatIsStopped) {
  ManualClock clock;
  std::stop_source stop;
  auto slept =
      std::async(std::launch::async, [&] { return clock.sleep_for(hours(2), stop.get_token()); });
  clock.wait_for_sleepers(1);
  stop.request_stop();
  EXPECT_FALSE(slept.get());
}

TEST(SystemClock, DoesNotSleepToATimeThatIsPast) {
  EXPECT_TRUE(system_clock().sleep_until(system_clock().now() - hours(1), {}));
}

TEST(SystemClock, EndsASleepThatIsStopped) {
  std::stop_source stop;
  auto slept = std::async(std::launch::async,
                          [&] { return system_clock().sleep_for(hours(2), stop.get_token()); });
  stop.request_stop();
  EXPECT_FALSE(slept.get());
}

TEST(ScaledClock, SleepsThroughHoursInAMoment) {
  ScaledClock clock(1e9);
  const Timestamp start = clock.now();
  EXPECT_TRUE(clock.sleep_for(hours(24), {}));
  EXPECT_GE(clock.now(), start + hours(24));
}

TEST(ScaledClock, StartsAtTheMachinesTime) {
  const Timestamp before = system_clock().now();
  EXPECT_GE(ScaledClock(300).now(), before);
}

}  // namespace
}  // namespace base
