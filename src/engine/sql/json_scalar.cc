// What a JSON value says as a number, a time, a truth or text.
#include "engine/sql/json_scalar.h"

#include "lib/base/encoding.h"
#include "lib/base/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace engine::sql {
namespace {

using JsonType = simdjson::dom::element_type;

template <class Number>
std::optional<Number> number_from(std::string_view text) {
  text = base::trim(text);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view plain_text(const Json& value, std::string& memory) {
  if (value.is_string()) return value.get_string().value_unsafe();
  if (value.is_double()) {
    memory = fmt::format("{}", value.get_double().value_unsafe());
  } else {
    memory = simdjson::minify(value);
  }
  return memory;
}

std::optional<std::int64_t> whole(const Json& value) {
  switch (value.type()) {
    case JsonType::INT64:
      return value.get_int64().value_unsafe();
    case JsonType::STRING:
      return number_from<std::int64_t>(value.get_string().value_unsafe());
    case JsonType::DOUBLE: {
      // Deviation: Hive's SerDes cut 3.7 to 3 silently; here a fraction does not fit an integer.
      const double number = value.get_double().value_unsafe();
      if (std::trunc(number) == number && std::fabs(number) < 9.2e18)
        return static_cast<std::int64_t>(number);
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

std::optional<double> real(const Json& value) {
  if (value.is_number()) return value.get_double().value_unsafe();
  if (value.is_string()) return number_from<double>(value.get_string().value_unsafe());
  return std::nullopt;
}

std::optional<bool> boolean(const Json& value) {
  if (value.is_bool()) return value.get_bool().value_unsafe();
  if (!value.is_string()) return std::nullopt;
  if (base::iequals(value.get_string().value_unsafe(), "true")) return true;
  if (base::iequals(value.get_string().value_unsafe(), "false")) return false;
  return std::nullopt;
}

std::optional<base::Timestamp> timestamp(const Json& value) {
  if (value.is_string()) {
    std::string text(base::trim(value.get_string().value_unsafe()));
    if (text.size() == 10) text += "T00:00:00";
    if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
    const bool zoned = text.size() > 19 && text.find_first_of("Z+-", 19) != std::string::npos;
    return base::from_iso8601(zoned ? text : text + "Z");
  }
  const auto number = real(value);
  if (!number || std::fabs(*number) > 2.5e14) return std::nullopt;
  // Seconds until the year 5138; what is larger is milliseconds.
  const double millis = std::fabs(*number) >= 1e11 ? *number : *number * 1000;
  return base::Timestamp{base::Milliseconds{std::llround(millis)}};
}

bool in_range(std::int64_t value, HiveKind kind) {
  const int bits = kind == HiveKind::kTinyint    ? 8
                   : kind == HiveKind::kSmallint ? 16
                   : kind == HiveKind::kInt      ? 32
                                                 : 64;
  const std::int64_t high = std::numeric_limits<std::int64_t>::max() >> (64 - bits);
  return value <= high && value >= -high - 1;
}

std::optional<duck::Wide> decimal(std::string_view text, int precision, int scale) {
  const bool negative = text.starts_with('-');
  text.remove_prefix(negative || text.starts_with('+') ? 1 : 0);
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  long exponent = 0;
  if (e < text.size()) {
    std::string_view power = text.substr(e + 1);
    if (power.starts_with('+')) power.remove_prefix(1);
    const auto number = number_from<int>(power);
    if (!number) return std::nullopt;
    exponent = *number;
  }
  text = text.substr(0, e);
  const std::size_t point = std::min(text.find('.'), text.size());
  std::string digits(text.substr(0, point));
  if (point < text.size()) digits += text.substr(point + 1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  // How many of the digits stand before the scale's end.
  const long kept = static_cast<long>(point) + exponent + scale;
  duck::Wide value = 0;
  int significant = 0;
  for (long i = 0; i < kept; ++i) {
    const int digit = i < static_cast<long>(digits.size()) ? digits[static_cast<std::size_t>(i)] - '0' : 0;
    if (value != 0 || digit != 0) ++significant;
    if (significant > precision) return std::nullopt;
    if (value == 0 && i >= static_cast<long>(digits.size())) break;  // nothing but zeros
    value = value * 10 + digit;
  }
  const bool round_up = kept >= 0 && kept < static_cast<long>(digits.size()) &&
                        digits[static_cast<std::size_t>(kept)] >= '5';
  if (round_up) {
    duck::Wide limit = 1;
    for (int i = 0; i < precision; ++i) limit *= 10;
    if (++value == limit) return std::nullopt;
  }
  return negative ? -value : value;
}

}  // namespace engine::sql
