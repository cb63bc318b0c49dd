#include "engine/schedules/schedule.h"

#include "lib/base/time_text.h"

#include <gtest/gtest.h>

namespace engine::schedules {
namespace {

base::Timestamp at(std::string_view text) { return base::from_iso8601(text).value(); }

/// The times that follow, as text.
std::vector<std::string> times(std::string_view expression, std::string_view after, int count) {
  const Schedule schedule(expression);
  std::vector<std::string> list;
  std::optional<base::Timestamp> time = at(after);
  for (int i = 0; i < count && (time = schedule.next(*time)); ++i) {
    list.push_back(base::to_iso8601(*time));
  }
  return list;
}

using Times = std::vector<std::string>;

void expect_refused(std::string_view expression) {
  EXPECT_THROW(Schedule(std::string_view(expression)), std::invalid_argument) << expression;
}

TEST(Rate, CountsFromTheTimeBefore) {
  EXPECT_EQ(times("rate(5 minutes)", "2026-01-01T00:00:07Z", 2),
            (Times{"2026-01-01T00:05:07Z", "2026-01-01T00:10:07Z"}));
  EXPECT_EQ(times("rate(1 hour)", "2026-01-01T00:00:00Z", 1), (Times{"2026-01-01T01:00:00Z"}));
  EXPECT_EQ(times("rate(2 days)", "2026-01-30T00:00:00Z", 1), (Times{"2026-02-01T00:00:00Z"}));
}

TEST(Rate, WantsTheSingularForOneAndThePluralForMore) {
  for (const auto* text :
       {"rate(1 minutes)", "rate(5 minute)", "rate(1 hours)", "rate(2 day)", "rate(0 minutes)",
        "rate(-1 minutes)", "rate(30 seconds)", "rate(1.5 hours)", "rate(5minutes)", "rate()",
        "rate(5 minutes", "every 5 minutes", ""}) {
    expect_refused(text);
  }
}

TEST(Rate, FiresOnceForAllTimesMissedAndKeepsItsGrid) {
  const Schedule schedule("rate(5 minutes)");
  const auto start = at("2026-01-01T00:00:00Z");
  EXPECT_FALSE(schedule.latest(start, at("2026-01-01T00:04:59Z")));
  EXPECT_EQ(schedule.latest(start, at("2026-01-01T03:07:00Z")), at("2026-01-01T03:05:00Z"));
}

TEST(Cron, NamesMinutesAndHours) {
  EXPECT_EQ(times("cron(15 10 * * ? *)", "2026-01-01T10:15:00Z", 2),
            (Times{"2026-01-02T10:15:00Z", "2026-01-03T10:15:00Z"}));
  EXPECT_EQ(times("cron(0/15 * * * ? *)", "2026-01-01T23:31:00Z", 3),
            (Times{"2026-01-01T23:45:00Z", "2026-01-02T00:00:00Z", "2026-01-02T00:15:00Z"}));
  EXPECT_EQ(times("cron(5,35 8-10/2 * * ? *)", "2026-01-01T00:00:00Z", 5),
            (Times{"2026-01-01T08:05:00Z", "2026-01-01T08:35:00Z", "2026-01-01T10:05:00Z",
                   "2026-01-01T10:35:00Z", "2026-01-02T08:05:00Z"}));
}

TEST(Cron, NamesDaysOfTheWeekByNumberNameAndRange) {
  // 2026-01-02 is a Friday.
  EXPECT_EQ(times("cron(0 18 ? * MON-FRI *)", "2026-01-02T18:00:00Z", 1),
            (Times{"2026-01-05T18:00:00Z"}));
  EXPECT_EQ(times("cron(0 0 ? * 1 *)", "2026-01-02T00:00:00Z", 1), (Times{"2026-01-04T00:00:00Z"}));
  EXPECT_EQ(times("cron(0 0 ? * fri-mon *)", "2026-01-02T00:00:00Z", 4),
            (Times{"2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-05T00:00:00Z",
                   "2026-01-09T00:00:00Z"}));
}

TEST(Cron, KnowsTheLastDayAndTheLastWeekday) {
  EXPECT_EQ(times("cron(0 0 L * ? *)", "2028-01-31T00:00:00Z", 2),
            (Times{"2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"}));
  EXPECT_EQ(times("cron(0 0 LW * ? *)", "2026-01-01T00:00:00Z", 1),
            (Times{"2026-01-30T00:00:00Z"}));  // the 31st is a Saturday
  EXPECT_EQ(times("cron(0 0 ? * 6L *)", "2026-01-01T00:00:00Z", 2),
            (Times{"2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z"}));
  EXPECT_EQ(times("cron(0 0 ? * L *)", "2026-01-01T00:00:00Z", 1), (Times{"2026-01-03T00:00:00Z"}));
}

TEST(Cron, KnowsTheNthWeekdayOfAMonth) {
  EXPECT_EQ(times("cron(0 0 ? * TUE#1 *)", "2026-01-01T00:00:00Z", 2),
            (Times{"2026-01-06T00:00:00Z", "2026-02-03T00:00:00Z"}));
  EXPECT_EQ(times("cron(0 0 ? * 5#5 *)", "2026-01-30T00:00:00Z", 1),
            (Times{"2026-04-30T00:00:00Z"}));  // no fifth Thursday before
}

TEST(Cron, MovesToTheNearestWorkdayWithinTheMonth) {
  EXPECT_EQ(times("cron(0 0 3W * ? *)", "2026-01-01T00:00:00Z", 1),
            (Times{"2026-01-02T00:00:00Z"}));  // the 3rd is a Saturday: Friday
  EXPECT_EQ(times("cron(0 0 1W 2 ? 2026)", "2026-01-01T00:00:00Z", 2),
            (Times{"2026-02-02T00:00:00Z"}));  // the 1st is a Sunday
  EXPECT_EQ(times("cron(0 0 1W 8 ? *)", "2026-01-01T00:00:00Z", 1),
            (Times{"2026-08-03T00:00:00Z"}));  // a Saturday at the start: never into July
}

TEST(Cron, EndsWithItsYears) {
  EXPECT_EQ(times("cron(0 0 1 JAN ? 2026-2027)", "2025-06-01T00:00:00Z", 5),
            (Times{"2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"}));
  EXPECT_EQ(times("cron(0 0 30 2 ? *)", "2026-01-01T00:00:00Z", 1), Times{});
}

TEST(Cron, RefusesWhatAwsRefuses) {
  for (const auto* text :
       {"cron(0 0 * * * *)", "cron(0 0 ? * ? *)", "cron(0 0 * * ?)", "cron(60 0 * * ? *)",
        "cron(0 24 * * ? *)", "cron(0 0 0 * ? *)", "cron(0 0 32 * ? *)", "cron(0 0 * 13 ? *)",
        "cron(0 0 ? * 8 *)", "cron(0 0 ? * 0 *)", "cron(0 0 ? * MON#6 *)", "cron(0 0 * * ? 1969)",
        "cron(0 0 * * ? 2200)", "cron(*/0 * * * ? *)", "cron(a * * * ? *)", "cron(0 0 W * ? *)",
        "cron(0,,5 0 * * ? *)", "cron(0 0 * * ? 2027-2026)", "cron()"}) {
    expect_refused(text);
  }
}

TEST(Cron, FiresOnceForAllTimesMissed) {
  const Schedule minutely("cron(* * * * ? *)"), yearly("cron(0 0 1 1 ? *)");
  EXPECT_EQ(minutely.latest(at("2020-01-01T00:00:00Z"), at("2026-01-01T00:00:30Z")),
            at("2026-01-01T00:00:00Z"));
  EXPECT_EQ(yearly.latest(at("2020-06-01T00:00:00Z"), at("2026-06-01T00:00:00Z")),
            at("2026-01-01T00:00:00Z"));
  EXPECT_FALSE(yearly.latest(at("2026-01-01T00:00:00Z"), at("2026-12-31T23:59:59Z")));
}

}  // namespace
}  // namespace engine::schedules
