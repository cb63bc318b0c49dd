// EventBridge's cron expressions.
//
//   field = part *("," part)
//   part  = ("*" | value | value "-" value) ["/" step]
//
// beside the marks ?, L, W and # that only the day fields know.
#include "engine/schedules/cron.h"

#include "lib/base/encoding.h"

#include <array>
#include <charconv>

namespace engine::schedules {
namespace {

using namespace std::chrono;

constexpr int kFirstYear = 1970, kLastYear = 2199;
constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"sun", "mon", "tue", "wed",
                                                       "thu", "fri", "sat"};

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<unsigned> number(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// What a field may hold: a range of numbers, of which some have names (the first is `low`).
struct Range {
  unsigned low, high;
  const std::string_view* names = nullptr;
  std::size_t name_count = 0;
  bool wraps = true;  ///< "FRI-MON" and "22-2" go over the end; years don't

  std::optional<unsigned> value(std::string_view text) const {
    const std::string lower = base::to_lower(text);
    for (std::size_t i = 0; i < name_count; ++i) {
      if (names[i] == lower) return low + static_cast<unsigned>(i);
    }
    const auto value = number(text);
    if (!value || *value < low || *value > high) return std::nullopt;
    return value;
  }
};

constexpr Range kMinute{0, 59}, kHour{0, 23}, kDay{1, 31};
constexpr Range kMonth{1, 12, kMonths.data(), kMonths.size()};
constexpr Range kWeekday{1, 7, kWeekdays.data(), kWeekdays.size()};
constexpr Range kYear{kFirstYear, kLastYear, nullptr, 0, false};

template <std::size_t N>
bool add_part(std::string_view part, const Range& range, std::bitset<N>& set) {
  unsigned step = 1;
  const auto slash = part.find('/');
  if (slash != std::string_view::npos) {
    const auto given = number(part.substr(slash + 1));
    if (!given || *given == 0) return false;
    step = *given;
    part = part.substr(0, slash);
  }
  unsigned first = range.low, last = range.high;
  if (part != "*") {
    const auto dash = part.find('-');
    const auto from = range.value(part.substr(0, dash));
    // "5" is 5 alone, "5/15" is 5 and every fifteenth after it.
    const auto to = dash == std::string_view::npos
                        ? (slash == std::string_view::npos ? from : std::optional(range.high))
                        : range.value(part.substr(dash + 1));
    if (!from || !to) return false;
    first = *from;
    last = *to;
  }
  if (last < first) {
    if (!range.wraps) return false;
    last += range.high - range.low + 1;
  }
  for (unsigned value = first; value <= last; value += step) {
    set.set(value > range.high ? value - (range.high - range.low + 1) : value);
  }
  return true;
}

template <std::size_t N>
bool add_field(std::string_view field, const Range& range, std::bitset<N>& set) {
  for (const auto part : split(field, ',')) {
    if (!add_part(part, range, set)) return false;
  }
  return true;
}

bool is_workday(year_month_day day) {
  const weekday which{sys_days(day)};
  return which != Saturday && which != Sunday;
}

/// The workday nearest to a day, in the same month.
year_month_day nearest_workday(year_month_day day) {
  if (is_workday(day)) return day;
  for (const int shift : {1, -1, 2, -2}) {
    const year_month_day near{sys_days(day) + days(shift)};
    if (near.month() == day.month() && is_workday(near)) return near;
  }
  return day;
}

year_month_day last_day_of(year_month_day day) { return day.year() / day.month() / last; }

}  // namespace

std::optional<Cron> Cron::parse(std::string_view text) {
  std::vector<std::string_view> fields;
  for (const auto field : split(text, ' ')) {
    if (!field.empty()) fields.push_back(field);
  }
  if (fields.size() != 6) return std::nullopt;
  // AWS asks for exactly one "?": what the two day fields would mean together is not defined.
  if ((fields[2] == "?") == (fields[4] == "?")) return std::nullopt;
  Cron cron;
  const bool valid = add_field(fields[0], kMinute, cron.minutes_) &&
                     add_field(fields[1], kHour, cron.hours_) &&
                     (fields[2] == "?" || cron.parse_days_of_month(fields[2])) &&
                     add_field(fields[3], kMonth, cron.months_) &&
                     (fields[4] == "?" || cron.parse_days_of_week(fields[4])) &&
                     add_field(fields[5], kYear, cron.years_);
  if (!valid) return std::nullopt;
  return cron;
}

bool Cron::parse_days_of_month(std::string_view field) {
  for (const auto part : split(field, ',')) {
    if (part == "L") {
      last_day_ = true;
    } else if (part == "LW") {
      last_workday_ = true;
    } else if (part.ends_with('W')) {
      const auto day = kDay.value(part.substr(0, part.size() - 1));
      if (!day) return false;
      nearest_workdays_.push_back(*day);
    } else if (!add_part(part, kDay, days_)) {
      return false;
    }
  }
  return true;
}

bool Cron::parse_days_of_week(std::string_view field) {
  for (const auto part : split(field, ',')) {
    const auto hash = part.find('#');
    if (part == "L") {
      weekdays_.set(7);  // the last day of a week
    } else if (hash != std::string_view::npos) {
      const auto day = kWeekday.value(part.substr(0, hash));
      const auto which = number(part.substr(hash + 1));
      if (!day || !which || *which < 1 || *which > 5) return false;
      weekdays_of_month_.push_back({*day, *which});
    } else if (part.ends_with('L')) {
      const auto day = kWeekday.value(part.substr(0, part.size() - 1));
      if (!day) return false;
      weekdays_of_month_.push_back({*day, 0});
    } else if (!add_part(part, kWeekday, weekdays_)) {
      return false;
    }
  }
  return true;
}

bool Cron::names_day(year_month_day day) const {
  const auto of_month = static_cast<unsigned>(day.day());
  const unsigned of_week = weekday(sys_days(day)).c_encoding() + 1;
  if (days_.test(of_month) || weekdays_.test(of_week)) return true;
  const year_month_day last_day = last_day_of(day);
  if (last_day_ && day == last_day) return true;
  if (last_workday_ && day == nearest_workday(last_day)) return true;
  for (const unsigned wanted : nearest_workdays_) {
    const year_month_day date = day.year() / day.month() / wanted;
    if (date.ok() && day == nearest_workday(date)) return true;
  }
  for (const auto& [wanted, which] : weekdays_of_month_) {
    const bool right_week = which == 0 ? of_month + 7 > static_cast<unsigned>(last_day.day())
                                       : (of_month - 1) / 7 + 1 == which;
    if (wanted == of_week && right_week) return true;
  }
  return false;
}

std::optional<base::Timestamp> Cron::next(base::Timestamp after) const {
  const auto earliest = floor<minutes>(after) + minutes(1);
  auto date = floor<days>(earliest);
  for (;;) {
    const year_month_day day{date};
    const int year = static_cast<int>(day.year());
    if (year > kLastYear) return std::nullopt;
    if (year < kFirstYear || !years_.test(static_cast<std::size_t>(year))) {
      date = sys_days((day.year() + years(1)) / January / 1);
      continue;
    }
    if (!months_.test(static_cast<unsigned>(day.month()))) {
      date = sys_days(last_day_of(day)) + days(1);
      continue;
    }
    if (names_day(day)) {
      // Only the first day begins somewhere within.
      const auto within = std::max(earliest, time_point_cast<minutes>(date)) - date;
      for (auto minute = static_cast<std::size_t>(within.count()); minute < 24 * 60; ++minute) {
        if (hours_.test(minute / 60) && minutes_.test(minute % 60)) {
          return date + minutes(minute);
        }
      }
    }
    date += days(1);
  }
}

}  // namespace engine::schedules
