// ISO 8601 durations.
//
//   duration = ["P"] { digits unit } ["T" { digits unit }], at least one digits unit
//   unit     = "Y" | "M" | "W" | "D", after the "T": "H" | "M" | "S"
#include "engine/services/sagemaker/pipelines/duration.h"

#include <cctype>
#include <charconv>
#include <cstdint>

namespace engine::sagemaker::pipelines {
namespace {

constexpr std::int64_t kDay = 24 * 3600;
constexpr std::int64_t kLongest = 10'000 * 365 * kDay;

std::optional<std::int64_t> seconds_of(char unit, bool in_time) {
  switch (unit) {
    case 'Y':
      return in_time ? std::nullopt : std::optional(365 * kDay);
    case 'M':
      return in_time ? 60 : 30 * kDay;
    case 'W':
      return in_time ? std::nullopt : std::optional(7 * kDay);
    case 'D':
      return in_time ? std::nullopt : std::optional(kDay);
    case 'H':
      return in_time ? std::optional<std::int64_t>(3600) : std::nullopt;
    case 'S':
      return in_time ? std::optional<std::int64_t>(1) : std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::chrono::seconds> parse_duration(std::string_view text) {
  const auto upper = [](char c) {
    return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  };
  if (!text.empty() && upper(text.front()) == 'P') text.remove_prefix(1);
  bool in_time = false, any = false;
  std::int64_t total = 0;
  while (!text.empty()) {
    if (upper(text.front()) == 'T' && !in_time) {
      in_time = true;
      text.remove_prefix(1);
      continue;
    }
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{} || count < 0 || end == text.data() + text.size()) return std::nullopt;
    const auto unit = seconds_of(upper(*end), in_time);
    if (!unit || count > (kLongest - total) / *unit) return std::nullopt;
    total += count * *unit;
    any = true;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  }
  return any ? std::optional(std::chrono::seconds(total)) : std::nullopt;
}

}  // namespace engine::sagemaker::pipelines
