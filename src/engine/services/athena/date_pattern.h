// Dates and times printed and read by a pattern: MySQL's %Y-%m-%d and Joda's yyyy-MM-dd.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

/// A pattern, whichever letters it was written in.
class DatePattern {
 public:
  /// As date_format and date_parse take it. Throws std::invalid_argument.
  static DatePattern mysql(std::string_view format);
  /// As format_datetime and parse_datetime take it. Throws std::invalid_argument.
  static DatePattern joda(std::string_view format);

  /// Microseconds since 1970 in UTC as text.
  std::string print(std::int64_t micros) const;
  /// Microseconds since 1970. A text without a zone is UTC. Throws std::invalid_argument with
  /// Trino's sentence when the text is not of the pattern.
  std::int64_t parse(std::string_view text) const;

 private:
  enum class Field {
    kLiteral,
    kYear,
    kShortYear,
    kMonth,
    kMonthName,
    kMonthShort,
    kDay,
    kDayOfYear,
    kWeekYear,
    kWeek,
    kWeekdayName,
    kWeekdayShort,
    kWeekday,
    kHour,
    kHour12,
    kHour24From1,
    kHour11From0,
    kMinute,
    kSecond,
    kFraction,
    kHalfday,
    kOffset,
    kZone,
    kEra,
  };
  struct Item {
    Field field;
    int width = 1;        ///< least number of digits
    std::string literal;  ///< of kLiteral
  };
  class Reader;

  void add(Field field, int width) { items_.push_back({field, width, ""}); }
  void add_literal(std::string_view text);

  std::vector<Item> items_;
};

}  // namespace engine::athena
