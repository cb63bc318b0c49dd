// Names and defaults of the parameters as Athena documents them under "Supported types for partition
// projection". Dates are formatted by the patterns of Java's DateTimeFormatter.
#include "engine/services/athena/projection.h"

#include "engine/services/athena/errors.h"
#include "engine/services/athena/lake_files.h"
#include "engine/services/athena/sql_text.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace engine::athena {
namespace {

using namespace std::chrono_literals;
using base::Timestamp;

constexpr std::size_t kMostValues = 1'000'000;

class Settings {
 public:
  Settings(const glue::api::Table& table, std::string key) : table_(table), key_(std::move(key)) {}

  std::string get(const std::string& name) const {
    return std::string(base::trim(parameter(table_, "projection." + key_ + '.' + name)));
  }
  std::string required(const std::string& name) const {
    std::string value = get(name);
    if (value.empty()) fail(fmt::format("projection.{}.{} is missing", key_, name));
    return value;
  }
  [[noreturn]] void fail(const std::string& why) const {
    throw QueryError(
        fmt::format("INVALID_TABLE_PROPERTY: Table {} has an invalid projection: {}", table_.Name,
                    why));
  }
  std::int64_t number(const std::string& text) const {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
      fail(fmt::format("'{}' is no number", text));
    return value;
  }
  std::pair<std::string, std::string> range() const {
    const std::string text = required("range");
    const std::size_t comma = text.find(',');
    if (comma == std::string::npos) fail(fmt::format("the range '{}' has no end", text));
    return {std::string(base::trim(text.substr(0, comma))),
            std::string(base::trim(text.substr(comma + 1)))};
  }
  void check_count(std::size_t count) const {
    if (count > kMostValues)
      fail(fmt::format("the key {} has more than {} values", key_, kMostValues));
  }

 private:
  const glue::api::Table& table_;
  std::string key_;
};

std::vector<std::string> enum_values(const Settings& settings) {
  std::vector<std::string> values;
  const std::string text = settings.required("values");
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    values.emplace_back(base::trim(text.substr(at, end - at)));
    at = end + 1;
  }
  return values;
}

std::vector<std::string> integer_values(const Settings& settings) {
  const auto [first, last] = settings.range();
  const std::string interval = settings.get("interval"), digits = settings.get("digits");
  const std::int64_t step = interval.empty() ? 1 : settings.number(interval);
  const std::int64_t width = digits.empty() ? 0 : settings.number(digits);
  if (step < 1 || width < 0 || width > 30) settings.fail("interval or digits is out of range");
  const std::int64_t low = settings.number(first), high = settings.number(last);
  if (low > high) settings.fail("the range ends before it begins");
  settings.check_count(static_cast<std::size_t>((high - low) / step) + 1);
  std::vector<std::string> values;
  for (std::int64_t value = low; value <= high; value += step)
    values.push_back(fmt::format("{:0{}}", value, width));
  return values;
}

// --- Dates

struct Civil {
  std::int64_t year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, milli = 0;
};

Civil civil_of(Timestamp time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{days};
  const std::chrono::hh_mm_ss clock{time - days};
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          clock.hours().count(),
          clock.minutes().count(),
          clock.seconds().count(),
          clock.subseconds().count()};
}

Timestamp time_of(const Civil& civil) {
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(civil.year)),
                                         std::chrono::month(static_cast<unsigned>(civil.month)),
                                         std::chrono::day(static_cast<unsigned>(civil.day))};
  return std::chrono::sys_days(date) + std::chrono::hours(civil.hour) +
         std::chrono::minutes(civil.minute) + std::chrono::seconds(civil.second) +
         std::chrono::milliseconds(civil.milli);
}

// A pattern as letters with their counts, and the texts between them.
struct Field {
  char letter = 0;  // 0: a text
  std::size_t width = 0;
  std::string text;
};

std::vector<Field> fields_of(const std::string& pattern, const Settings& settings) {
  std::vector<Field> fields;
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == '\'') {
      const std::size_t end = std::min(pattern.find('\'', at + 1), pattern.size());
      fields.push_back({.text = end == at + 1 ? "'" : pattern.substr(at + 1, end - at - 1)});
      at = end + 1;
    } else if (std::isalpha(static_cast<unsigned char>(c))) {
      if (std::string_view("yuMdHmsS").find(c) == std::string_view::npos)
        settings.fail(fmt::format("the letter '{}' of the format {} is not understood", c, pattern));
      const std::size_t end = std::min(pattern.find_first_not_of(c, at), pattern.size());
      fields.push_back({.letter = c, .width = end - at});
      at = end;
    } else {
      fields.push_back({.text = std::string(1, c)});
      ++at;
    }
  }
  return fields;
}

std::int64_t& part_of(Civil& civil, char letter) {
  switch (letter) {
    case 'M':
      return civil.month;
    case 'd':
      return civil.day;
    case 'H':
      return civil.hour;
    case 'm':
      return civil.minute;
    case 's':
      return civil.second;
    case 'S':
      return civil.milli;
    default:
      return civil.year;
  }
}

std::string format_date(const std::vector<Field>& fields, Timestamp time) {
  Civil civil = civil_of(time);
  std::string text;
  for (const Field& field : fields) {
    std::int64_t part = field.letter ? part_of(civil, field.letter) : 0;
    if ((field.letter == 'y' || field.letter == 'u') && field.width == 2) part %= 100;
    text += field.letter ? fmt::format("{:0{}}", part, field.width) : field.text;
  }
  return text;
}

std::optional<Timestamp> parse_date(const std::vector<Field>& fields, std::string_view text) {
  Civil civil;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    if (!field.letter) {
      if (!text.starts_with(field.text)) return std::nullopt;
      text.remove_prefix(field.text.size());
      continue;
    }
    // A field that touches another one has exactly its letters' width.
    const bool touches = i + 1 < fields.size() && fields[i + 1].letter;
    const std::size_t most = touches || field.width > 1 ? std::max<std::size_t>(field.width, 1) : 4;
    const std::string_view digits =
        text.substr(0, std::min(most, std::min(text.find_first_not_of("0123456789"), text.size())));
    std::int64_t& part = part_of(civil, field.letter);
    if (digits.empty()) return std::nullopt;
    std::from_chars(digits.data(), digits.data() + digits.size(), part);
    if ((field.letter == 'y' || field.letter == 'u') && field.width == 2) part += 2000;
    text.remove_prefix(digits.size());
  }
  if (!text.empty() || civil.month < 1 || civil.month > 12 || civil.day < 1 || civil.day > 31)
    return std::nullopt;
  return time_of(civil);
}

std::string unit_of(std::string text) {
  text = capitals(text);
  if (!text.empty() && text.back() != 'S') text += 'S';
  return text;
}

// `count` units later; nothing for a unit that there isn't.
std::optional<Timestamp> later(Timestamp time, std::int64_t count, const std::string& unit) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  if (unit == "YEARS" || unit == "MONTHS") {
    const auto months = std::chrono::months(unit == "YEARS" ? count * 12 : count);
    auto date = std::chrono::year_month_day{days} + months;
    if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
    return std::chrono::sys_days(date) + (time - days);
  }
  if (unit == "WEEKS") return time + count * std::chrono::milliseconds(std::chrono::weeks(1));
  if (unit == "DAYS") return time + count * std::chrono::milliseconds(std::chrono::days(1));
  if (unit == "HOURS") return time + count * std::chrono::milliseconds(1h);
  if (unit == "MINUTES") return time + count * std::chrono::milliseconds(1min);
  if (unit == "SECONDS") return time + count * std::chrono::milliseconds(1s);
  if (unit == "MILLISECONDS") return time + std::chrono::milliseconds(count);
  return std::nullopt;
}

// "2026/01/02", "NOW", "NOW-3YEARS+1DAY".
Timestamp bound(const Settings& settings, const std::vector<Field>& fields, const std::string& text,
                Timestamp now) {
  if (capitals(text.substr(0, 3)) != "NOW") {
    const auto time = parse_date(fields, text);
    if (!time) settings.fail(fmt::format("'{}' is not of the format", text));
    return *time;
  }
  std::optional<Timestamp> time = now;
  std::string rest;
  std::copy_if(text.begin() + 3, text.end(), std::back_inserter(rest),
               [](char c) { return c != ' '; });
  for (std::size_t at = 0; at < rest.size();) {
    const std::size_t end = std::min(rest.find_first_of("+-", at + 1), rest.size());
    const std::size_t unit = std::min(rest.find_first_not_of("0123456789", at + 1), end);
    const bool back = rest[at] == '-';
    if (!back && rest[at] != '+') settings.fail(fmt::format("'{}' is not understood", text));
    const std::int64_t count = settings.number(rest.substr(at + 1, unit - at - 1));
    time = later(*time, back ? -count : count, unit_of(rest.substr(unit, end - unit)));
    if (!time) settings.fail(fmt::format("'{}' is not understood", text));
    at = end;
  }
  return *time;
}

std::string default_unit(const std::vector<Field>& fields, const Settings& settings) {
  const auto has = [&](char letter) {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const Field& field) { return field.letter == letter; });
  };
  if (has('H') || has('m') || has('s') || has('S')) return settings.required("interval.unit");
  return has('d') ? "DAYS" : has('M') ? "MONTHS" : "YEARS";
}

std::vector<std::string> date_values(const Settings& settings, Timestamp now) {
  const auto fields = fields_of(settings.required("format"), settings);
  const auto [first, last] = settings.range();
  const std::string given_unit = settings.get("interval.unit"), given = settings.get("interval");
  const std::string unit =
      given_unit.empty() ? default_unit(fields, settings) : unit_of(given_unit);
  const std::int64_t step = given.empty() ? 1 : settings.number(given);
  if (step < 1) settings.fail("interval is out of range");
  const Timestamp low = bound(settings, fields, first, now);
  const Timestamp high = bound(settings, fields, last, now);
  std::vector<std::string> values;
  for (std::int64_t count = 0;; ++count) {
    const auto time = later(low, count * step, unit);
    if (!time) settings.fail(fmt::format("the unit {} is not understood", unit));
    if (*time > high) break;
    // Steps finer than the format give one value only.
    std::string text = format_date(fields, *time);
    if (values.empty() || values.back() != text) values.push_back(std::move(text));
    settings.check_count(static_cast<std::size_t>(count));
  }
  return values;
}

}  // namespace

std::optional<std::vector<std::string>> projected_values(const glue::api::Table& table,
                                                         const std::string& key, Timestamp now) {
  const Settings settings(table, key);
  const std::string type = base::to_lower(settings.required("type"));
  if (type == "injected") return std::nullopt;
  if (type == "enum") return enum_values(settings);
  if (type == "integer") return integer_values(settings);
  if (type == "date") return date_values(settings, now);
  settings.fail(fmt::format("the type '{}' of {} is none of enum, integer, date, injected", type,
                            key));
}

}  // namespace engine::athena
