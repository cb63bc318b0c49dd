// How often a schedule expression fires in a month.
#pragma once

#include <string_view>

namespace cli {

/// AWS's month of billing examples: a twelfth of 365 days.
inline constexpr double kHoursAMonth = 730;

/// The mean number of firings a month of "rate(5 minutes)" or "cron(0 6 ? * MON *)".
///
/// A cron expression is counted, not run: minutes × hours × days × the share of months, where
/// lists, ranges and steps are counted by their members, a month has 365/12 days and each weekday a
/// seventh of them; every L, W or # is one day. The years don't count. That is exact on average but
/// for days of the month which some months lack.
///
/// Throws UsageError for anything else.
double runs_per_month(std::string_view expression);

}  // namespace cli
