// What a shard takes and gives in a second.
#pragma once

#include "lib/base/clock.h"

#include <cstdint>

namespace engine::kinesis {

/// What a shard may be asked for in a second.
struct Share {
  std::uint64_t bytes;
  std::uint64_t count;  ///< records put, or calls that read
};

/// Counts one direction of one shard. A window opens with the first thing counted and lasts a second, or
/// longer where one large thing took the bytes of several: what is past the share waits for the next.
/// Not thread-safe.
class Throughput {
 public:
  /// True, and counted, when a record of `bytes` still fits. A record larger than the whole share fits an
  /// empty window.
  bool take(base::Timestamp now, std::uint64_t bytes, Share share);

  /// True, and counted, when one more call may read. How much it got is told afterwards: the bytes of a
  /// large answer keep later calls waiting, 10 MiB of 2 MiB a second for five seconds.
  bool begin_read(base::Timestamp now, Share share);
  void end_read(std::uint64_t bytes) { bytes_ += bytes; }

 private:
  void open_window(base::Timestamp now, Share share);

  base::Timestamp since_{};
  std::uint64_t bytes_ = 0, count_ = 0;
};

}  // namespace engine::kinesis
