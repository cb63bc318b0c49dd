// Verified: the letters are those of Trino's documentation of date_format and of Joda-Time's
// DateTimeFormat.
#include "engine/services/athena/date_pattern.h"

#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <stdexcept>

namespace engine::athena {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};

// A time taken apart.
struct Parts {
  int year = 1970, month = 1, day = 1;
  int hour = 0, minute = 0, second = 0;
  int micros = 0;
  int weekday = 1;  // Monday is 1
  int day_of_year = 0;
  int week_year = 0, week = 0;
};

std::int64_t days_of(int year, int month, int day) {
  const std::chrono::sys_days days = std::chrono::year(year) / month / day;
  return days.time_since_epoch().count();
}

Parts parts_of(std::int64_t micros) {
  constexpr std::int64_t kDay = 86'400'000'000;
  std::int64_t days = micros / kDay;
  std::int64_t rest = micros % kDay;
  if (rest < 0) {
    rest += kDay;
    --days;
  }
  const std::chrono::sys_days date{std::chrono::days{days}};
  const std::chrono::year_month_day ymd{date};
  Parts parts;
  parts.year = static_cast<int>(ymd.year());
  parts.month = static_cast<int>(static_cast<unsigned>(ymd.month()));
  parts.day = static_cast<int>(static_cast<unsigned>(ymd.day()));
  parts.hour = static_cast<int>(rest / 3'600'000'000);
  parts.minute = static_cast<int>(rest / 60'000'000 % 60);
  parts.second = static_cast<int>(rest / 1'000'000 % 60);
  parts.micros = static_cast<int>(rest % 1'000'000);
  parts.weekday = static_cast<int>(std::chrono::weekday{date}.iso_encoding());
  parts.day_of_year = static_cast<int>(days - days_of(parts.year, 1, 1)) + 1;
  // The week belongs to the year its Thursday is in.
  const std::chrono::sys_days thursday{std::chrono::days{days - parts.weekday + 4}};
  parts.week_year = static_cast<int>(std::chrono::year_month_day{thursday}.year());
  parts.week = static_cast<int>(thursday.time_since_epoch().count() -
                                days_of(parts.week_year, 1, 1)) / 7 + 1;
  return parts;
}

int hour12(int hour) { return hour % 12 == 0 ? 12 : hour % 12; }

std::string fraction(int micros, int width) {
  std::string digits = fmt::format("{:06}", micros);
  digits.resize(static_cast<std::size_t>(width), '0');
  return digits;
}

}  // namespace

void DatePattern::add_literal(std::string_view text) {
  if (items_.empty() || items_.back().field != Field::kLiteral) add(Field::kLiteral, 0);
  items_.back().literal += text;
}

DatePattern DatePattern::mysql(std::string_view format) {
  DatePattern pattern;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      pattern.add_literal(format.substr(i, 1));
      continue;
    }
    switch (const char letter = format[++i]) {
      case 'a': pattern.add(Field::kWeekdayShort, 0); break;
      case 'b': pattern.add(Field::kMonthShort, 0); break;
      case 'c': pattern.add(Field::kMonth, 1); break;
      case 'd': pattern.add(Field::kDay, 2); break;
      case 'e': pattern.add(Field::kDay, 1); break;
      case 'f': pattern.add(Field::kFraction, 6); break;
      case 'H': pattern.add(Field::kHour, 2); break;
      case 'h':
      case 'I': pattern.add(Field::kHour12, 2); break;
      case 'i': pattern.add(Field::kMinute, 2); break;
      case 'j': pattern.add(Field::kDayOfYear, 3); break;
      case 'k': pattern.add(Field::kHour, 1); break;
      case 'l': pattern.add(Field::kHour12, 1); break;
      case 'M': pattern.add(Field::kMonthName, 0); break;
      case 'm': pattern.add(Field::kMonth, 2); break;
      case 'p': pattern.add(Field::kHalfday, 0); break;
      case 'r':
      case 'T':
        pattern.add(letter == 'r' ? Field::kHour12 : Field::kHour, 2);
        pattern.add_literal(":");
        pattern.add(Field::kMinute, 2);
        pattern.add_literal(":");
        pattern.add(Field::kSecond, 2);
        if (letter == 'r') {
          pattern.add_literal(" ");
          pattern.add(Field::kHalfday, 0);
        }
        break;
      case 'S':
      case 's': pattern.add(Field::kSecond, 2); break;
      case 'v': pattern.add(Field::kWeek, 2); break;
      case 'W': pattern.add(Field::kWeekdayName, 0); break;
      case 'x': pattern.add(Field::kWeekYear, 4); break;
      case 'Y': pattern.add(Field::kYear, 4); break;
      case 'y': pattern.add(Field::kShortYear, 2); break;
      case 'D':
      case 'U':
      case 'u':
      case 'V':
      case 'w':
      case 'X':
        throw std::invalid_argument(fmt::format(
            "INVALID_FUNCTION_ARGUMENT: %{} not supported in date format string", letter));
      default: pattern.add_literal(format.substr(i, 1));
    }
  }
  return pattern;
}

DatePattern DatePattern::joda(std::string_view format) {
  DatePattern pattern;
  for (std::size_t i = 0; i < format.size();) {
    const char letter = format[i];
    if (letter == '\'') {  // quoted text; two quotes are one
      const std::size_t end = std::min(format.find('\'', i + 1), format.size());
      pattern.add_literal(end == i + 1 ? "'" : format.substr(i + 1, end - i - 1));
      i = end + 1;
      continue;
    }
    std::size_t end = i;
    while (end < format.size() && format[end] == letter) ++end;
    const int count = static_cast<int>(end - i);
    i = end;
    const auto name = [&](Field number, Field brief, Field full) {
      pattern.add(count >= 4 ? full : count == 3 ? brief : number, count);
    };
    switch (letter) {
      case 'y':
      case 'Y': pattern.add(count == 2 ? Field::kShortYear : Field::kYear, count); break;
      case 'x': pattern.add(Field::kWeekYear, count); break;
      case 'w': pattern.add(Field::kWeek, count); break;
      case 'e': pattern.add(Field::kWeekday, count); break;
      case 'E': pattern.add(count >= 4 ? Field::kWeekdayName : Field::kWeekdayShort, 0); break;
      case 'D': pattern.add(Field::kDayOfYear, count); break;
      case 'M': name(Field::kMonth, Field::kMonthShort, Field::kMonthName); break;
      case 'd': pattern.add(Field::kDay, count); break;
      case 'a': pattern.add(Field::kHalfday, 0); break;
      case 'K': pattern.add(Field::kHour11From0, count); break;
      case 'h': pattern.add(Field::kHour12, count); break;
      case 'H': pattern.add(Field::kHour, count); break;
      case 'k': pattern.add(Field::kHour24From1, count); break;
      case 'm': pattern.add(Field::kMinute, count); break;
      case 's': pattern.add(Field::kSecond, count); break;
      case 'S': pattern.add(Field::kFraction, count); break;
      case 'z': pattern.add(Field::kZone, count); break;
      case 'Z': pattern.add(count == 3 ? Field::kZone : Field::kOffset, count); break;
      case 'G': pattern.add(Field::kEra, count); break;
      default:
        if ((letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')) {
          throw std::invalid_argument(fmt::format(
              "INVALID_FUNCTION_ARGUMENT: Illegal pattern component: {}",
              std::string(static_cast<std::size_t>(count), letter)));
        }
        pattern.add_literal(std::string(static_cast<std::size_t>(count), letter));
    }
  }
  return pattern;
}

std::string DatePattern::print(std::int64_t micros) const {
  const Parts parts = parts_of(micros);
  std::string text;
  const auto number = [&](int value, int width) { text += fmt::format("{:0{}}", value, width); };
  for (const Item& item : items_) {
    switch (item.field) {
      case Field::kLiteral: text += item.literal; break;
      case Field::kYear: number(parts.year, item.width); break;
      case Field::kShortYear: number(parts.year % 100, 2); break;
      case Field::kMonth: number(parts.month, item.width); break;
      case Field::kMonthName: text += kMonths.at(static_cast<std::size_t>(parts.month - 1)); break;
      case Field::kMonthShort:
        text += kMonths.at(static_cast<std::size_t>(parts.month - 1)).substr(0, 3);
        break;
      case Field::kDay: number(parts.day, item.width); break;
      case Field::kDayOfYear: number(parts.day_of_year, item.width); break;
      case Field::kWeekYear: number(parts.week_year, item.width); break;
      case Field::kWeek: number(parts.week, item.width); break;
      case Field::kWeekdayName: text += kDays.at(static_cast<std::size_t>(parts.weekday - 1)); break;
      case Field::kWeekdayShort:
        text += kDays.at(static_cast<std::size_t>(parts.weekday - 1)).substr(0, 3);
        break;
      case Field::kWeekday: number(parts.weekday, item.width); break;
      case Field::kHour: number(parts.hour, item.width); break;
      case Field::kHour12: number(hour12(parts.hour), item.width); break;
      case Field::kHour24From1: number(parts.hour == 0 ? 24 : parts.hour, item.width); break;
      case Field::kHour11From0: number(parts.hour % 12, item.width); break;
      case Field::kMinute: number(parts.minute, item.width); break;
      case Field::kSecond: number(parts.second, item.width); break;
      case Field::kFraction: text += fraction(parts.micros, item.width); break;
      case Field::kHalfday: text += parts.hour < 12 ? "AM" : "PM"; break;
      case Field::kOffset: text += item.width == 2 ? "+00:00" : "+0000"; break;
      case Field::kZone: text += "UTC"; break;
      case Field::kEra: text += parts.year > 0 ? "AD" : "BC"; break;
    }
  }
  return text;
}

// One text being read against the items.
class DatePattern::Reader {
 public:
  Reader(std::string_view text) : text_(text) {}

  std::int64_t read(const std::vector<Item>& items) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      // Digits that touch the next number's end where the pattern's width does.
      const bool tight = i + 1 < items.size() && is_number(items[i + 1].field);
      item(items[i], tight);
    }
    if (at_ != text_.size()) fail();
    return result();
  }

 private:
  static bool is_number(Field field) {
    switch (field) {
      case Field::kLiteral:
      case Field::kMonthName:
      case Field::kMonthShort:
      case Field::kWeekdayName:
      case Field::kWeekdayShort:
      case Field::kHalfday:
      case Field::kOffset:
      case Field::kZone:
      case Field::kEra:
        return false;
      default:
        return true;
    }
  }

  [[noreturn]] void fail() const {
    std::string why;
    if (at_ >= text_.size()) {
      why = text_.empty() ? "" : " is too short";
    } else if (at_ > 0) {
      why = fmt::format(" is malformed at \"{}\"", text_.substr(at_));
    }
    throw std::invalid_argument(
        fmt::format("INVALID_FUNCTION_ARGUMENT: Invalid format: \"{}\"{}", text_, why));
  }

  int number(int most) {
    const std::size_t start = at_;
    int value = 0;
    while (at_ < text_.size() && at_ - start < static_cast<std::size_t>(most) &&
           text_[at_] >= '0' && text_[at_] <= '9') {
      // Of a pattern's "dddddddddddd" more digits are read than a number has; no field is as large as this.
      value = std::min(value, 99'999'999) * 10 + (text_[at_++] - '0');
    }
    if (at_ == start) fail();
    return value;
  }

  int bounded(int most, int low, int high) {
    const std::size_t start = at_;
    const int value = number(most);
    if (value < low || value > high) {
      at_ = start;
      fail();
    }
    return value;
  }

  template <std::size_t N>
  int name(const std::array<std::string_view, N>& names) {
    for (std::size_t i = 0; i < N; ++i) {
      for (const std::string_view spelt : {names[i], names[i].substr(0, 3)}) {
        if (base::iequals(text_.substr(at_, spelt.size()), spelt)) {
          at_ += spelt.size();
          return static_cast<int>(i) + 1;
        }
      }
    }
    fail();
  }

  void item(const Item& item, bool tight) {
    const int two = tight ? std::max(item.width, 1) : 2;
    switch (item.field) {
      case Field::kLiteral:
        if (text_.substr(at_, item.literal.size()) != item.literal) fail();
        at_ += item.literal.size();
        break;
      case Field::kYear: parts_.year = number(tight ? 4 : 9); break;
      case Field::kShortYear: {
        const int year = number(2);
        parts_.year = year < 70 ? 2000 + year : 1900 + year;
        break;
      }
      case Field::kMonth: parts_.month = bounded(two, 1, 12); break;
      case Field::kMonthName:
      case Field::kMonthShort: parts_.month = name(kMonths); break;
      case Field::kDay: parts_.day = bounded(two, 1, 31); break;
      case Field::kDayOfYear: parts_.day_of_year = bounded(3, 1, 366); break;
      case Field::kWeekYear: parts_.week_year = number(4); break;
      case Field::kWeek: parts_.week = bounded(2, 1, 53); break;
      case Field::kWeekdayName:
      case Field::kWeekdayShort: parts_.weekday = name(kDays); break;
      case Field::kWeekday: parts_.weekday = bounded(1, 1, 7); break;
      case Field::kHour: parts_.hour = bounded(two, 0, 23); break;
      case Field::kHour12: hour12_ = bounded(two, 1, 12) % 12; break;
      case Field::kHour24From1: parts_.hour = bounded(two, 1, 24) % 24; break;
      case Field::kHour11From0: hour12_ = bounded(two, 0, 11); break;
      case Field::kMinute: parts_.minute = bounded(two, 0, 59); break;
      case Field::kSecond: parts_.second = bounded(two, 0, 59); break;
      case Field::kFraction: read_fraction(tight ? item.width : 9); break;
      case Field::kHalfday: read_halfday(); break;
      case Field::kOffset:
      case Field::kZone: read_offset(); break;
      case Field::kEra: at_ = std::min(at_ + 2, text_.size()); break;
    }
  }

  void read_fraction(int most) {
    const std::size_t start = at_;
    number(most);
    std::string digits(text_.substr(start, at_ - start));
    digits.resize(6, '0');
    parts_.micros = std::stoi(digits);
  }

  void read_halfday() {
    const std::string_view word = text_.substr(at_, 2);
    if (!base::iequals(word, "AM") && !base::iequals(word, "PM")) fail();
    afternoon_ = base::iequals(word, "PM");
    at_ += 2;
  }

  void read_offset() {
    for (const std::string_view zero : {"UTC", "GMT", "Z"}) {
      if (text_.substr(at_, zero.size()) == zero) {
        at_ += zero.size();
        return;
      }
    }
    if (at_ >= text_.size() || (text_[at_] != '+' && text_[at_] != '-')) fail();
    const int sign = text_[at_++] == '-' ? -1 : 1;
    const int hours = bounded(2, 0, 18);
    if (at_ < text_.size() && text_[at_] == ':') ++at_;
    offset_minutes_ = sign * (hours * 60 + bounded(2, 0, 59));
  }

  std::int64_t result() {
    if (hour12_ >= 0) parts_.hour = hour12_ + (afternoon_ ? 12 : 0);
    constexpr int kLastYear = 32'767;  // chrono knows no more
    for (const int year : {parts_.year, parts_.week_year}) {
      if (year > kLastYear) {
        throw std::invalid_argument(fmt::format(
            "INVALID_FUNCTION_ARGUMENT: Cannot parse \"{}\": Value {} for year is out of range",
            text_, year));
      }
    }
    const std::chrono::year_month_day date = std::chrono::year(parts_.year) / parts_.month /
                                             parts_.day;
    if (!date.ok()) {
      throw std::invalid_argument(
          fmt::format("INVALID_FUNCTION_ARGUMENT: Cannot parse \"{}\": Value {} for dayOfMonth "
                      "must be in the range of the month",
                      text_, parts_.day));
    }
    std::int64_t days = days_of(parts_.year, parts_.month, parts_.day);
    if (parts_.day_of_year > 0) days = days_of(parts_.year, 1, 1) + parts_.day_of_year - 1;
    if (parts_.week > 0) {
      // The fourth of January is always in week 1.
      const std::int64_t fourth = days_of(parts_.week_year, 1, 4);
      const std::chrono::weekday day{std::chrono::sys_days{std::chrono::days{fourth}}};
      days = fourth - static_cast<int>(day.iso_encoding()) + (parts_.week - 1) * 7 +
             parts_.weekday;
    }
    const std::int64_t seconds = ((days * 24 + parts_.hour) * 60 + parts_.minute -
                                  offset_minutes_) * 60 + parts_.second;
    return seconds * 1'000'000 + parts_.micros;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Parts parts_;
  int hour12_ = -1;
  bool afternoon_ = false;
  int offset_minutes_ = 0;
};

std::int64_t DatePattern::parse(std::string_view text) const { return Reader(text).read(items_); }

}  // namespace engine::athena
