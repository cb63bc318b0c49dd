// Dynamic partitioning: which partition a record belongs to.
#pragma once

#include "engine/services/firehose/settings.h"
#include "engine/services/firehose/source.h"

namespace engine::firehose {

/// Verified: AWS's limit of partitions that wait in a delivery stream's buffer at a time.
inline constexpr std::size_t kMaxPartitions = 500;
inline constexpr std::string_view kPartitionsExceeded =
    "DynamicPartitioning.ActivePartitionsLimitExceeded";

/// Finds the keys that the prefix asks for: in the record by the query, and in what the function
/// answered. Used by one thread.
class Partitioner {
 public:
  /// `settings` outlives this.
  explicit Partitioner(const Settings& settings) : settings_(settings) {}

  /// Fills `keys`, or tells why the record has no partition. `data` is the record as it will be
  /// delivered, `from_function` the function's metadata.partitionKeys.
  std::optional<Refusal> find(std::string_view data, const Keys& from_function,
                              PartitionKeys& keys) const;

 private:
  const Settings& settings_;
};

}  // namespace engine::firehose
