// What a long command shows while it works: one line a stage, on standard error.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cli {

/// A command's stages, one after the other, each with a bar while it runs (on a terminal) and its
/// seconds at the end. Used by one thread.
class Progress {
 public:
  Progress();

  /// Ends the stage before, if it still runs, and begins one. `name` is its key in the times.
  void begin(std::string name, std::string what);
  /// How far the stage is; drawn at most every 50 ms, and only on a terminal.
  void update(std::uint64_t done, std::uint64_t total, std::string_view note = {});
  /// A line of its own within the stage.
  void note(std::string_view line);
  /// Ends the stage with what came of it.
  void done(std::string_view result);

  /// Names and seconds of the stages that ended, in order.
  const std::vector<std::pair<std::string, double>>& seconds() const { return seconds_; }
  /// Since construction.
  double total() const;

 private:
  using Clock = std::chrono::steady_clock;
  void clear_line();

  bool terminal_;
  bool drawn_ = false;
  Clock::time_point started_, stage_started_, last_drawn_;
  std::string name_, what_;
  std::vector<std::pair<std::string, double>> seconds_;
};

}  // namespace cli
