// When something scheduled is due, a rule of EventBridge or a crawler of Glue: rate(…) and cron(…).
#pragma once

#include "engine/schedules/cron.h"

#include <string_view>
#include <variant>

namespace engine::schedules {

/// A parsed ScheduleExpression. Immutable.
class Schedule {
 public:
  /// Throws std::invalid_argument when the expression isn't one.
  explicit Schedule(std::string_view expression);

  /// The first time after `after`. A rate counts from `after`, which is the time it fired last or
  /// the time it was made; a cron expression counts from nothing.
  std::optional<base::Timestamp> next(base::Timestamp after) const;

  /// The last of the times in (`after`, `now`], if there are any: what is fired, once, for all that
  /// were missed.
  std::optional<base::Timestamp> latest(base::Timestamp after, base::Timestamp now) const;

 private:
  using Rate = base::Milliseconds;
  std::variant<Rate, Cron> rule_;
};

}  // namespace engine::schedules
