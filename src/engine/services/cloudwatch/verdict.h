// What an alarm's state is to be, from its last values. No clock, no store.
#pragma once

#include "engine/services/cloudwatch/expression.h"
#include "lib/base/clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::cloudwatch {

/// An alarm's condition.
struct Rule {
  std::string comparison;  ///< "GreaterThanThreshold"
  double threshold = 0;
  std::size_t periods = 1;  ///< EvaluationPeriods
  std::size_t to_alarm = 1; ///< DatapointsToAlarm
  std::string missing = "missing";

  bool breaches(double value) const;
  /// The periods to look at: some more than are judged, for values that come late or seldom.
  std::size_t range() const { return periods + 2; }
};

/// The value of a period, and when that began.
struct Point {
  base::Timestamp time;
  double value;
};

struct Verdict {
  std::string state;          ///< OK | ALARM | INSUFFICIENT_DATA; "": as it is
  std::string reason;         ///< a sentence
  std::vector<Point> judged;  ///< newest first
};

/// `newest_first` has a value, or none, for each of the last rule.range() periods; times[i] is when period
/// i began. Verified: the tables of "Configuring how CloudWatch alarms treat missing data", CloudWatch
/// user guide, are this function's tests.
Verdict judge(const Rule& rule, const Series& newest_first, const std::vector<base::Timestamp>& times);

}  // namespace engine::cloudwatch
