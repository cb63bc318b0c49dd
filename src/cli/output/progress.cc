// What a long command shows while it works.
#include "cli/output/progress.h"

#include "cli/output/table.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace cli {
namespace {

constexpr int kBarWidth = 24;
constexpr std::size_t kNameWidth = 26;
constexpr std::chrono::milliseconds kBetweenDraws{50};

std::string padded(const std::string& text) {
  const std::size_t used = width_of(text);
  return text + std::string(used < kNameWidth ? kNameWidth - used : 0, ' ');
}

std::string bar(std::uint64_t done, std::uint64_t total) {
  const double share =
      total == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto full = static_cast<std::size_t>(share * kBarWidth);
  return "[" + std::string(full, '#') + std::string(kBarWidth - full, '.') + "]";
}

double seconds_between(std::chrono::steady_clock::time_point from,
                       std::chrono::steady_clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

}  // namespace

Progress::Progress()
    : terminal_(::isatty(STDERR_FILENO) == 1), started_(Clock::now()), stage_started_(started_) {}

double Progress::total() const { return seconds_between(started_, Clock::now()); }

void Progress::begin(std::string name, std::string what) {
  if (!name_.empty()) done("");
  name_ = std::move(name);
  what_ = std::move(what);
  stage_started_ = Clock::now();
  last_drawn_ = {};
}

void Progress::update(std::uint64_t done, std::uint64_t total, std::string_view note) {
  const auto now = Clock::now();
  if (!terminal_ || now - last_drawn_ < kBetweenDraws) return;
  last_drawn_ = now;
  clear_line();
  fmt::print(stderr, "  {}  {} {}/{} {}", padded(what_), bar(done, total), done, total, note);
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::note(std::string_view line) {
  clear_line();
  fmt::print(stderr, "  {}  {}\n", padded(""), line);
}

void Progress::done(std::string_view result) {
  clear_line();
  const double seconds = seconds_between(stage_started_, Clock::now());
  fmt::print(stderr, "  {}  {:>6.2f} s  {}\n", padded(what_), seconds, result);
  seconds_.emplace_back(name_, seconds);
  name_.clear();
}

void Progress::clear_line() {
  if (drawn_) fmt::print(stderr, "\r\x1b[K");
  drawn_ = false;
}

}  // namespace cli
