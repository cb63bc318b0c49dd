// The table a benchmark prints, and the medians in it.
#include "bench/load/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace bench {
namespace {

std::string in_words(double value) { return fmt::format("{:.{}f}", value, value < 100 ? 2 : 0); }

std::string present_title;

/// One line of BEER_BENCH_OUT: program, title, what, figure, unit, bar; tabs between them.
void tell(const std::string& what, double value, const std::string& unit, const std::string& bar) {
  const char* path = std::getenv("BEER_BENCH_OUT");
  if (path == nullptr) return;
  const auto program = std::filesystem::read_symlink("/proc/self/exe").filename().string();
  std::ofstream(path, std::ios::app) << fmt::format(
      "{}\t{}\t{}\t{}\t{}\t{}\n", program, present_title, what, in_words(value), unit, bar);
}

void print_row(const std::string& what, double value, const std::string& unit,
               const std::string& bar) {
  fmt::print("| {:<66} | {:>12} {:<9} | {:<24} |\n", what, in_words(value), unit, bar);
  std::fflush(stdout);
  tell(what, value, unit, bar);
}

}  // namespace

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

double median(std::vector<double> values) { return quantile(std::move(values), 0.5); }

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return Seconds(std::chrono::steady_clock::now() - start).count();
}

int runs() {
  const char* told = std::getenv("BEER_BENCH_RUNS");
  return told != nullptr ? std::max(1, std::atoi(told)) : 3;
}

double median_of_runs(const std::function<double()>& measure) {
  std::vector<double> all(static_cast<std::size_t>(runs()));
  std::generate(all.begin(), all.end(), measure);
  return median(std::move(all));
}

void title(const std::string& text) {
  present_title = text;
  fmt::print("| {:<66} | {:<22} | {:<24} |\n", text, "median", "bar");
}

void row(const std::string& what, double value, const std::string& unit,
         std::optional<double> bar) {
  print_row(what, value, unit,
            bar ? fmt::format("≥ {}: {}", in_words(*bar), value >= *bar ? "held" : "MISSED") : "");
}

void row_below(const std::string& what, double value, const std::string& unit, double limit) {
  print_row(what, value, unit,
            fmt::format("< {}: {}", in_words(limit), value < limit ? "held" : "MISSED"));
}

void note(const std::string& text) {
  fmt::print("| {}\n", text);
  std::fflush(stdout);
}

}  // namespace bench
