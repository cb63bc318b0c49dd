// Schedules: what is next is later, and what was last is not.
#include "engine/schedules/schedule.h"
#include "lib/base/fuzz.h"

FUZZ(bytes) {
  const base::Timestamp after{
      base::Milliseconds{1'767'225'600'000 + base::fuzz::take_byte(bytes) * 12'345'678LL}};
  const base::Timestamp now = after + std::chrono::hours(50);
  try {
    const engine::schedules::Schedule schedule(bytes);
    if (const auto next = schedule.next(after))
      base::fuzz::hold(*next > after, "the next time is later");
    if (const auto last = schedule.latest(after, now))
      base::fuzz::hold(*last > after && *last <= now, "the last time is between");
  } catch (const std::invalid_argument&) {
  }
}
