// The ways AWS writes time on the wire.
#include "lib/base/time_text.h"

#include <fmt/format.h>

#include <cstring>
#include <ctime>

namespace base {
namespace {

using std::chrono::seconds;

std::tm utc(Timestamp time) {
  const std::time_t whole = std::chrono::floor<seconds>(time).time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&whole, &parts);
  return parts;
}

int millis(Timestamp time) {
  return static_cast<int>((time - std::chrono::floor<seconds>(time)).count());
}

/// Parses by strptime; `rest` is what follows the pattern.
std::optional<Timestamp> parse(std::string_view text, const char* pattern, std::string& rest) {
  const std::string copy(text);
  std::tm parts{};
  const char* end = strptime(copy.c_str(), pattern, &parts);
  if (end == nullptr) return std::nullopt;
  rest = end;
  return Timestamp{seconds{timegm(&parts)}};
}

}  // namespace

std::string format_utc(Timestamp time, const char* pattern) {
  const std::tm parts = utc(time);
  char buffer[256];
  return {buffer, std::strftime(buffer, sizeof buffer, pattern, &parts)};
}

std::string to_iso8601(Timestamp time) {
  return millis(time) == 0 ? format_utc(time, "%Y-%m-%dT%H:%M:%SZ") : to_iso8601_millis(time);
}
std::string to_iso8601_millis(Timestamp time) {
  return format_utc(time, "%Y-%m-%dT%H:%M:%S") + fmt::format(".{:03}Z", millis(time));
}
std::string to_http_date(Timestamp time) { return format_utc(time, "%a, %d %b %Y %H:%M:%S GMT"); }
std::string to_amz_date(Timestamp time) { return format_utc(time, "%Y%m%dT%H%M%SZ"); }

std::optional<Timestamp> from_iso8601(std::string_view text) {
  std::string rest;
  auto time = parse(text, "%Y-%m-%dT%H:%M:%S", rest);
  if (!time) return std::nullopt;
  std::size_t at = 0;
  if (at < rest.size() && rest[at] == '.') {
    int scale = 100;
    for (++at; at < rest.size() && rest[at] >= '0' && rest[at] <= '9'; ++at, scale /= 10) {
      *time += Milliseconds((rest[at] - '0') * scale);
    }
  }
  if (at == rest.size() || rest.substr(at) == "Z") return time;
  int hours = 0, minutes = 0;
  char sign = '+';
  if (std::sscanf(rest.c_str() + at, "%c%2d:%2d", &sign, &hours, &minutes) != 3 ||
      (sign != '+' && sign != '-')) {
    return std::nullopt;
  }
  const auto offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return sign == '+' ? *time - offset : *time + offset;
}

std::optional<Timestamp> from_http_date(std::string_view text) {
  std::string rest;
  auto time = parse(text, "%a, %d %b %Y %H:%M:%S GMT", rest);
  return rest.empty() ? time : std::nullopt;
}

std::optional<Timestamp> from_amz_date(std::string_view text) {
  std::string rest;
  auto time = parse(text, "%Y%m%dT%H%M%SZ", rest);
  return rest.empty() ? time : std::nullopt;
}

}  // namespace base
