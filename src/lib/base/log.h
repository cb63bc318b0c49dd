// Log lines for whoever operates the process: one line each, to standard error.
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace base {

enum class Level { kDebug, kInfo, kWarning, kError, kOff };

/// Lines below `level` are dropped. The default is kWarning, or BEER_LOG (debug, info, warning, error).
void set_log_level(Level level);
bool log_enabled(Level level);
/// `part` names who speaks: "kinesis", "firehose beers-raw".
void write_log(Level level, std::string_view part, std::string_view text);

template <class... Args>
void log(Level level, std::string_view part, fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(level)) write_log(level, part, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void log_info(std::string_view part, fmt::format_string<Args...> format, Args&&... args) {
  log(Level::kInfo, part, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_warning(std::string_view part, fmt::format_string<Args...> format, Args&&... args) {
  log(Level::kWarning, part, format, std::forward<Args>(args)...);
}
template <class... Args>
void log_error(std::string_view part, fmt::format_string<Args...> format, Args&&... args) {
  log(Level::kError, part, format, std::forward<Args>(args)...);
}

}  // namespace base
