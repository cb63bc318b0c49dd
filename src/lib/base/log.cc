// Log lines: time, level, part, text; or the same as JSON, for programs that collect them.
#include "lib/base/log.h"

#include "lib/base/clock.h"
#include "lib/base/time_text.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <string>

namespace base {
namespace {

Level level_from_environment() {
  const char* value = std::getenv("BEER_LOG");
  const std::string_view text = value == nullptr ? "" : value;
  if (text == "debug") return Level::kDebug;
  if (text == "info") return Level::kInfo;
  if (text == "error") return Level::kError;
  return Level::kWarning;
}

std::atomic<Level>& threshold() {
  static std::atomic<Level> level{level_from_environment()};
  return level;
}

bool json_from_environment() {
  const char* value = std::getenv("BEER_LOG_FORMAT");
  return value != nullptr && std::string_view(value) == "json";
}

void append_json(std::string& line, std::string_view text) {
  line += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') line += '\\';
    if (static_cast<unsigned char>(c) < 0x20) line += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else line += c;
  }
  line += '"';
}

/// What is told of a request begins with its id, a UUID; "" of other texts.
std::string_view request_id_of(std::string_view text) {
  constexpr std::size_t kLength = 36;
  if (text.size() <= kLength || text[kLength] != ' ') return {};
  for (std::size_t i = 0; i < kLength; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !hex) return {};
  }
  return text.substr(0, kLength);
}

std::string json_line(std::string_view level, std::string_view part, std::string_view text) {
  std::string line = fmt::format("{{\"time\":\"{}\",\"level\":\"{}\",\"part\":",
                                 to_iso8601_millis(system_clock().now()), level);
  append_json(line, part);
  if (const auto id = request_id_of(text); !id.empty()) {
    line += fmt::format(",\"request_id\":\"{}\"", id);
    text.remove_prefix(id.size() + 1);
  }
  line += ",\"text\":";
  append_json(line, text);
  return line + "}\n";
}

constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};

}  // namespace

void set_log_level(Level level) { threshold() = level; }
bool log_enabled(Level level) { return level >= threshold().load(std::memory_order_relaxed); }

void write_log(Level level, std::string_view part, std::string_view text) {
  static const bool json = json_from_environment();
  const std::string_view name = kNames[static_cast<int>(level)];
  const std::string line =
      json ? json_line(name, part, text)
           : fmt::format("{} {} {}: {}\n", to_iso8601_millis(system_clock().now()), name, part, text);
  // One write, so that lines of several threads don't mix. Nobody can be told if it fails.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace base
