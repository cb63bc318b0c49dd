// Java's DateTimeFormatter patterns, as far as a key's prefix may hold them.
#include "engine/services/firehose/prefix.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace engine::firehose {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};

/// A moment taken apart once for all letters.
struct Moment {
  explicit Moment(base::Timestamp time)
      : day(floor<days>(time)), date(day), clock(floor<milliseconds>(time - day)) {}
  sys_days day;
  year_month_day date;
  hh_mm_ss<milliseconds> clock;

  int year() const { return static_cast<int>(date.year()); }
  unsigned month() const { return static_cast<unsigned>(date.month()); }
  unsigned weekday_from_sunday() const { return weekday(day).c_encoding(); }
  /// As Java's US locale: a week begins on Sunday, and the one that holds January 1 is the first.
  sys_days week_begin() const { return day - days(weekday_from_sunday()); }
  int week_year() const { return static_cast<int>(year_month_day(week_begin() + days(6)).year()); }
  long week() const {
    const sys_days january(std::chrono::year(week_year()) / 1 / 1);
    const sys_days first = january - days(weekday(january).c_encoding());
    return (week_begin() - first).count() / 7 + 1;
  }
  long day_of_year() const { return (day - sys_days(date.year() / 1 / 1)).count() + 1; }
};

std::string number(std::int64_t value, std::size_t width) {
  return fmt::format("{:0{}}", value, width);
}

/// "yy" is the last two digits; any other count is the least width.
std::string year_text(int year, std::size_t count) {
  return count == 2 ? number(year % 100, 2) : number(year, count);
}

std::string name_or_number(std::string_view name, std::int64_t value, std::size_t count) {
  if (count <= 2) return number(value, count);
  if (count == 3) return std::string(name.substr(0, 3));
  return std::string(count == 5 ? name.substr(0, 1) : name);
}

std::string quarter(unsigned month, std::size_t count) {
  const unsigned value = (month - 1) / 3 + 1;
  return count <= 2 ? number(value, count) : fmt::format("Q{}", value);
}

std::string fraction(std::int64_t milliseconds, std::size_t count) {
  const std::string nanoseconds = fmt::format("{:03}000000", milliseconds);
  return count <= 9 ? nanoseconds.substr(0, count) : nanoseconds + std::string(count - 9, '0');
}

/// UTC in the words of each zone letter.
std::string zone(char letter, std::size_t count) {
  if (letter == 'z') return "UTC";
  if (letter == 'X') return "Z";
  if (letter == 'x') return count == 1 ? "+00" : count % 2 == 0 ? "+0000" : "+00:00";
  return count == 4 ? "GMT" : count == 5 ? "Z" : "+0000";  // 'Z'
}

std::string field(const Moment& moment, char letter, std::size_t count) {
  const std::int64_t hour = moment.clock.hours().count();
  switch (letter) {
    case 'y':
    case 'u':
      return year_text(moment.year(), count);
    case 'Y':
      return year_text(moment.week_year(), count);
    case 'M':
    case 'L':
      return name_or_number(kMonths[moment.month() - 1], moment.month(), count);
    case 'Q':
    case 'q':
      return quarter(moment.month(), count);
    case 'w':
      return number(moment.week(), count);
    case 'd':
      return number(static_cast<unsigned>(moment.date.day()), count);
    case 'D':
      return number(moment.day_of_year(), count);
    case 'E': {
      const std::string_view name = kDays[moment.weekday_from_sunday()];
      return std::string(count <= 3 ? name.substr(0, 3) : count == 5 ? name.substr(0, 1) : name);
    }
    case 'a':
      return hour < 12 ? "AM" : "PM";
    case 'H':
      return number(hour, count);
    case 'k':
      return number(hour == 0 ? 24 : hour, count);
    case 'K':
      return number(hour % 12, count);
    case 'h':
      return number(hour % 12 == 0 ? 12 : hour % 12, count);
    case 'm':
      return number(moment.clock.minutes().count(), count);
    case 's':
      return number(moment.clock.seconds().count(), count);
    case 'S':
      return fraction(moment.clock.subseconds().count(), count);
    case 'n':
      return number(moment.clock.subseconds().count() * 1'000'000, count);
    case 'z':
    case 'Z':
    case 'X':
    case 'x':
      return zone(letter, count);
    default:
      break;
  }
  throw PrefixError(fmt::format("the letter {} of the timestamp pattern is unknown", letter));
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Takes quoted text off the front: 'at' is at, '' is a quote.
std::string take_quoted(std::string_view& pattern) {
  pattern.remove_prefix(1);
  if (pattern.starts_with('\'')) {
    pattern.remove_prefix(1);
    return "'";
  }
  std::string text;
  while (!pattern.empty()) {
    const char c = pattern.front();
    pattern.remove_prefix(1);
    if (c != '\'') {
      text += c;
    } else if (pattern.starts_with('\'')) {
      text += c;
      pattern.remove_prefix(1);
    } else {
      return text;
    }
  }
  throw PrefixError("a quote of the timestamp pattern is not closed");
}

}  // namespace

std::string format_java(base::Timestamp time, std::string_view pattern) {
  const Moment moment(time);
  std::string text;
  while (!pattern.empty()) {
    const char c = pattern.front();
    if (c == '\'') {
      text += take_quoted(pattern);
    } else if (is_letter(c)) {
      const std::size_t count = std::min(pattern.find_first_not_of(c), pattern.size());
      text += field(moment, c, count);
      pattern.remove_prefix(count);
    } else {
      text += c;
      pattern.remove_prefix(1);
    }
  }
  return text;
}

}  // namespace engine::firehose
