// The values of every metric, by the minute.
#pragma once

#include "engine/services/cloudwatch/metric.h"
#include "engine/services/cloudwatch/totals.h"
#include "engine/storage/catalog.h"
#include "lib/base/clock.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace engine::cloudwatch {

/// Minutes since 1970.
using Minute = std::int64_t;
Minute minute_of(base::Timestamp time);
base::Timestamp time_of(Minute minute);

using Minutes = std::map<Minute, Totals>;

/// Totals of each minute of each metric. An hour of a metric is a row of the catalog; hours that are being
/// written to are in memory, the rest is read when asked for. What is added is in memory until flush().
/// Thread-safe.
class MetricStore {
 public:
  static constexpr std::size_t kMostMetrics = 5'000;
  static constexpr Minute kRetention = 15 * 24 * 60;

  explicit MetricStore(storage::Catalog& catalog);

  /// False when there are too many metrics to take a new one.
  bool add(const std::string& key, Minute minute, const Totals& totals);

  /// Durable when it returns.
  void flush();

  /// The minutes from `from` up to, not including, `to` of every metric that begins with `prefix`, added up.
  Minutes read(std::string_view prefix, Minute from, Minute to) const;

  struct Known {
    std::string key;
    Minute last;  ///< that had a value
  };
  /// The metrics that begin with `prefix`, in the order of their keys.
  std::vector<Known> metrics(std::string_view prefix = {}) const;

  /// Lets go of what is older than the retention.
  void drop_expired(Minute now);

 private:
  using Hour = std::int64_t;
  struct Block {
    Minutes minutes;
    bool dirty = false;
  };
  struct State {
    Minute last = 0;
    Minute saved_last = 0;
    std::map<Hour, Block> blocks;
  };

  static std::string row_key(std::string_view key, Hour hour);
  Block& block(const std::string& key, State& state, Hour hour) const;
  storage::Batch take_dirty();
  void add_rows(std::string_view key, Minute from, Minute to, const std::map<Hour, Block>& in_memory, Minutes& into) const;

  storage::Catalog& catalog_;
  std::mutex flushing_;  ///< taken before `mutex_`
  mutable std::mutex mutex_;
  std::map<std::string, State, std::less<>> metrics_;
};

}  // namespace engine::cloudwatch
