// EventBridge's cron expressions: six fields, in UTC.
// Source: "Setting a schedule pattern for scheduled rules", Amazon EventBridge user guide.
#pragma once

#include "lib/base/clock.h"

#include <bitset>
#include <optional>
#include <string_view>
#include <vector>

namespace engine::schedules {

/// minutes, hours, day of month, month, day of week, year. Days of the week are 1–7 or SUN–SAT. One
/// of the two day fields is `?` and the other decides.
class Cron {
 public:
  /// The six fields without "cron(" and ")"; nothing when they aren't a valid expression.
  static std::optional<Cron> parse(std::string_view fields);

  /// The first minute after `after` that the expression names, or nothing when there is none any
  /// more (years end with 2199).
  std::optional<base::Timestamp> next(base::Timestamp after) const;

 private:
  /// A weekday of a month: the `which`-th (6#3), or the last one (6L) when that is 0.
  struct WeekdayOfMonth {
    unsigned weekday, which;
  };

  bool parse_days_of_month(std::string_view field);
  bool parse_days_of_week(std::string_view field);
  bool names_day(std::chrono::year_month_day day) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;  ///< of the month
  std::bitset<13> months_;
  std::bitset<8> weekdays_;  ///< 1 is Sunday
  std::bitset<2200> years_;
  bool last_day_ = false;                          ///< L
  bool last_workday_ = false;                      ///< LW
  std::vector<unsigned> nearest_workdays_;         ///< 15W
  std::vector<WeekdayOfMonth> weekdays_of_month_;  ///< 6L, 6#3
};

}  // namespace engine::schedules
