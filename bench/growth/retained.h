// What a shard has kept, made without having put it there.
#pragma once

#include <cstdint>
#include <string>

namespace bench {

/// Fills a shard's folder with as many segments, and as many places to start reading in each, as
/// `gigabytes` of records make. A record of 28 bytes stands in for the 64 KiB between two places,
/// so that it is a thousandth of that on the disk. The engine doesn't run meanwhile.
void stand_in(const std::string& shard_folder, std::uint64_t gigabytes);

/// Fills a shard's folder with so many records of 20 bytes, in segments of the usual size.
void fill(const std::string& shard_folder, std::uint64_t records);

}  // namespace bench
