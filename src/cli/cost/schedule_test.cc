#include "cli/cost/schedule.h"

#include "cli/errors.h"

#include <gtest/gtest.h>

namespace cli {
namespace {

TEST(RunsPerMonth, OfARateAreTheMonthOverTheInterval) {
  EXPECT_DOUBLE_EQ(runs_per_month("rate(5 minutes)"), 8760);
  EXPECT_DOUBLE_EQ(runs_per_month("rate(1 minute)"), 43800);
  EXPECT_DOUBLE_EQ(runs_per_month("rate(2 hours)"), 365);
  EXPECT_NEAR(runs_per_month("rate(7 days)"), 4.345, 0.001);
}

TEST(RunsPerMonth, OfACronAreItsMinutesTimesItsHoursTimesItsDays) {
  EXPECT_DOUBLE_EQ(runs_per_month("cron(* * * * ? *)"), 43800);
  EXPECT_DOUBLE_EQ(runs_per_month("cron(0/5 * * * ? *)"), 8760);
  EXPECT_DOUBLE_EQ(runs_per_month("cron(0,30 8-17 1,15 * ? *)"), 2 * 10 * 2);
  EXPECT_DOUBLE_EQ(runs_per_month("cron(0 6 1 1 ? *)"), 1.0 / 12);
  EXPECT_DOUBLE_EQ(runs_per_month("cron(0 6 1 JAN,JUL ? *)"), 2.0 / 12);
}

TEST(RunsPerMonth, CountsAWeekdayAsASeventhOfTheDays) {
  EXPECT_NEAR(runs_per_month("cron(0 3 ? * MON *)"), 4.345, 0.001);
  EXPECT_NEAR(runs_per_month("cron(0 3 ? * MON-FRI *)"), 5 * 4.345, 0.005);
  EXPECT_NEAR(runs_per_month("cron(0 3 ? * FRI-MON *)"), 4 * 4.345, 0.005);
  EXPECT_NEAR(runs_per_month("cron(0 3 ? * WED *)"), 4.345, 0.001);
}

TEST(RunsPerMonth, CountsTheLastTheNearestAndTheNthAsOneDay) {
  EXPECT_DOUBLE_EQ(runs_per_month("cron(0 3 L * ? *)"), 1);
  EXPECT_DOUBLE_EQ(runs_per_month("cron(0 3 15W * ? *)"), 1);
  EXPECT_DOUBLE_EQ(runs_per_month("cron(0 3 ? * WED#2 *)"), 1);
  EXPECT_DOUBLE_EQ(runs_per_month("cron(0 3 ? * 6L *)"), 1);
}

TEST(RunsPerMonth, RefuseWhatIsNoSchedule) {
  for (const char* text :
       {"", "rate()", "rate(0 minutes)", "rate(5 fortnights)", "rate(5 minutes", "every day",
        "cron(0 3 * *)", "cron(60 3 * * ? *)", "cron(0 3 1 * MON *)", "cron(0/0 * * * ? *)",
        "cron(0 3 ? * MONDAY *)", "cron(1-2-3 3 * * ? *)", "at(2026-01-01T00:00:00)"}) {
    EXPECT_THROW(runs_per_month(text), UsageError) << text;
  }
}

TEST(RunsPerMonth, RefusalSaysWhichOptionHelps) {
  try {
    runs_per_month("hourly");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("\"hourly\""), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("--runs-per-month"), std::string::npos);
  }
}

}  // namespace
}  // namespace cli
