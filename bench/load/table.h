// The table a benchmark prints, and the medians in it. Each row also goes to the file that
// BEER_BENCH_OUT names, as one line, so that tools/bench.sh makes one table of all benchmarks. A
// row whose name begins with "... " says more of the one above;
// "... to the file copy", in "%" or "times", is its ratio to that.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace bench {

using Seconds = std::chrono::duration<double>;

/// The middle one; of an even number the lower.
double median(std::vector<double> values);
/// The value below which `share` of them lie: 0.99 for p99.
double quantile(std::vector<double> values, double share);

/// Seconds that `work` takes.
double seconds(const std::function<void()>& work);

/// How often a figure is taken: BEER_BENCH_RUNS, or 3.
int runs();
/// The median of that many calls of `measure`.
double median_of_runs(const std::function<double()>& measure);

void title(const std::string& text);
/// A line: what, the figure, its unit, the bar it is held to and how it stands to it.
void row(const std::string& what, double value, const std::string& unit,
         std::optional<double> bar = std::nullopt);
/// A line where the bar is a limit: less is better.
void row_below(const std::string& what, double value, const std::string& unit, double limit);
void note(const std::string& text);

}  // namespace bench
