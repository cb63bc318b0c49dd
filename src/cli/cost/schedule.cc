// How often a schedule expression fires in a month.
#include "cli/cost/schedule.h"

#include "cli/errors.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cli {
namespace {

constexpr double kDaysAMonth = kHoursAMonth / 24;

/// A place of a cron expression: its numbers, and the names that may stand for them.
struct Field {
  int least, most;
  std::vector<std::string_view> names;
};

const Field kMinutes{0, 59, {}}, kHours{0, 23, {}}, kDays{1, 31, {}};
const Field kMonths{
    1, 12, {"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}};
const Field kWeekdays{1, 7, {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}};

[[noreturn]] void refuse(std::string_view expression) {
  throw UsageError(
      fmt::format("the schedule \"{}\" can't be counted: it must be rate(5 minutes), cron(0 6 ? * "
                  "MON *) or the "
                  "like; else say how often with --runs-per-month, or "
                  "--trainings-per-month for the retraining",
                  expression));
}

std::optional<int> whole(std::string_view text) {
  int value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  for (const std::string_view word : split(text, ' ')) {
    if (!word.empty()) found.push_back(word);
  }
  return found;
}

std::optional<int> member(std::string_view text, const Field& field) {
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (field.names[i] == text) return field.least + static_cast<int>(i);
  }
  const auto value = whole(text);
  if (!value || *value < field.least || *value > field.most) return std::nullopt;
  return value;
}

/// Adds "*", "5", "MON-FRI", "0/15" or "10-40/10" to the members; false when it is none of these.
bool add_item(std::string_view item, const Field& field, std::set<int>& members) {
  const auto parts = split(item, '/');
  const auto step = parts.size() == 2 ? whole(parts[1]) : std::optional<int>(1);
  if (parts.size() > 2 || !step || *step < 1) return false;
  const auto ends = split(parts[0], '-');
  if (ends.size() > 2) return false;
  const bool all = parts[0] == "*";
  const auto first = all ? field.least : member(ends[0], field);
  // "5/15" goes on to the field's end, "5" alone is one.
  const auto open_end = all || parts.size() == 2 ? field.most : first;
  const auto last = ends.size() == 2 ? member(ends[1], field) : open_end;
  if (!first || !last) return false;
  // "FRI-MON" goes round.
  const int size = field.most - field.least + 1;
  const int length = (*last - *first + size) % size;
  for (int i = 0; i <= length; i += *step) {
    members.insert(field.least + (*first - field.least + i) % size);
  }
  return true;
}

int count(std::string_view text, const Field& field, std::string_view expression) {
  std::set<int> members;
  for (const std::string_view item : split(text, ',')) {
    if (!add_item(item, field, members)) refuse(expression);
  }
  return static_cast<int>(members.size());
}

/// The days of an average month on which it may fire.
double days(std::string_view in_month, std::string_view in_week, std::string_view expression) {
  const auto is_any = [](std::string_view text) { return text == "*" || text == "?"; };
  if (!is_any(in_month) && !is_any(in_week)) refuse(expression);  // AWS takes only one of them
  if (is_any(in_month) && is_any(in_week)) return kDaysAMonth;
  const bool by_week = is_any(in_month);
  const std::string_view chosen = by_week ? in_week : in_month;
  // "L", "LW" and "15W", or "6L" and "3#2": one day each.
  if (chosen.find_first_of(by_week ? "L#" : "LW") != std::string_view::npos) {
    return static_cast<double>(split(chosen, ',').size());
  }
  if (by_week) return count(in_week, kWeekdays, expression) * kDaysAMonth / 7;
  return count(in_month, kDays, expression);
}

double cron_runs(std::string_view fields, std::string_view expression) {
  const auto parts = words(fields);
  if (parts.size() != 6) refuse(expression);
  return count(parts[0], kMinutes, expression) * count(parts[1], kHours, expression) *
         days(parts[2], parts[4], expression) * count(parts[3], kMonths, expression) / 12;
}

double rate_runs(std::string_view text, std::string_view expression) {
  const auto parts = words(text);
  if (parts.size() != 2) refuse(expression);
  const auto value = whole(parts[0]);
  if (!value || *value < 1) refuse(expression);
  const bool minutes = parts[1] == "minute" || parts[1] == "minutes";
  const bool hours = parts[1] == "hour" || parts[1] == "hours";
  const bool whole_days = parts[1] == "day" || parts[1] == "days";
  if (!minutes && !hours && !whole_days) refuse(expression);
  return kHoursAMonth * (minutes ? 60.0 : 1.0) / (whole_days ? 24.0 : 1.0) / *value;
}

}  // namespace

double runs_per_month(std::string_view expression) {
  const std::string_view text = base::trim(expression);
  if (!text.ends_with(')')) refuse(expression);
  if (text.starts_with("rate(")) return rate_runs(text.substr(5, text.size() - 6), expression);
  if (text.starts_with("cron(")) return cron_runs(text.substr(5, text.size() - 6), expression);
  refuse(expression);
}

}  // namespace cli
