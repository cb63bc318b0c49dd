// What is kept of the values of a minute: enough for five statistics.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

namespace engine::cloudwatch {

/// The sum, number and extremes of some values; there is at least one.
struct Totals {
  double sum = 0, count = 0, minimum = 0, maximum = 0;

  static Totals of(double value, double times = 1) { return {value * times, times, value, value}; }

  void add(const Totals& other) {
    if (count == 0) {
      *this = other;
      return;
    }
    sum += other.sum;
    count += other.count;
    minimum = std::min(minimum, other.minimum);
    maximum = std::max(maximum, other.maximum);
  }

  /// By AWS's name of the statistic; nothing for one we don't keep.
  std::optional<double> statistic(std::string_view name) const {
    if (name == "Sum") return sum;
    if (name == "SampleCount") return count;
    if (name == "Average") return sum / count;
    if (name == "Minimum") return minimum;
    if (name == "Maximum") return maximum;
    return std::nullopt;
  }

  static bool is_statistic(std::string_view name) { return Totals{0, 1, 0, 0}.statistic(name).has_value(); }
};

}  // namespace engine::cloudwatch
