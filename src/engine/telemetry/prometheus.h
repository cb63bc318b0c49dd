// Metrics as Prometheus reads them: families with a type, series by labels, one text. By hand, since
// the format is a page long, and prometheus-cpp would bring a registry that knows all labels beforehand.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace engine::telemetry {

/// In the order in which they are written.
using Labels = std::vector<std::pair<std::string, std::string>>;

enum class Kind { kCounter, kGauge, kSummary, kHistogram };

/// Families of metrics. A family is made by its first value; a series of it by its first value under
/// those labels. Thread-safe.
/// Verified: the text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
class Registry {
 public:
  /// More series than these are not kept: a stranger who makes names can't fill the memory.
  static constexpr std::size_t kMostSeries = 10'000;

  struct Family {
    std::string name, help;
    Kind kind = Kind::kCounter;
    std::vector<double> bounds = {};  ///< of a histogram's buckets, ascending
  };

  /// Adds to a counter; observes for a summary or histogram; sets a gauge.
  void take(const Family& family, const Labels& labels, double value);

  /// All families by name, each series by its labels. Ends with a line end.
  std::string text() const;

 private:
  struct Series {
    double sum = 0;
    double count = 0;
    std::vector<double> buckets;  ///< not cumulated
  };
  struct Kept {
    Family family;
    std::map<std::string, Series> series;  ///< by its labels as written
  };

  mutable std::mutex mutex_;
  std::map<std::string, Kept, std::less<>> families_;
  std::size_t series_ = 0;
};

/// `name="value",…` with what a value must not hold escaped.
std::string labels_text(const Labels& labels);

/// A family of a single series, ready.
std::string single(const Registry::Family& family, double value);

}  // namespace engine::telemetry
