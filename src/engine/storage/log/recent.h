// The newest bytes of logs: those that stay in the machine's memory.
#pragma once

#include "engine/storage/log/segment.h"

#include <cstdint>
#include <deque>
#include <memory>

namespace engine::storage {

/// Counts what was appended to any number of segments, and lets the machine forget what is older
/// than the newest so many bytes.
///
/// A log is read near its end or, by who begins anew, once from its start: the kernel would keep all of
/// it. That takes a page of memory that was never used for each page appended, and where a host lends
/// its memory page by page, each costs ten times the copying. A page given back is the next one taken.
///
/// Not thread-safe.
class Recent {
 public:
  explicit Recent(std::uint64_t bytes) : most_(bytes) {}

  /// What stands in the segment from `begin` to `end` has become durable.
  void add(io::FileSystem& files, const std::shared_ptr<const Segment>& segment,
           std::uint64_t begin, std::uint64_t end);

 private:
  struct Stretch {
    io::FileSystem* files;  ///< lives as long as the segment does
    std::weak_ptr<const Segment> segment;
    std::uint64_t begin, end;
  };

  const std::uint64_t most_;
  std::uint64_t kept_ = 0;  ///< bytes of all stretches
  std::deque<Stretch> stretches_;
};

}  // namespace engine::storage
