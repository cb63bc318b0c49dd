// Log lines: time, level, part, text.
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

constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};

}  // namespace

void set_log_level(Level level) { threshold() = level; }
bool log_enabled(Level level) { return level >= threshold().load(std::memory_order_relaxed); }

void write_log(Level level, std::string_view part, std::string_view text) {
  const std::string line =
      fmt::format("{} {} {}: {}\n", to_iso8601_millis(system_clock().now()),
                  kNames[static_cast<int>(level)], part, text);
  // One write, so that lines of several threads don't mix. Nobody can be told if it fails.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace base
