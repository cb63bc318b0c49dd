// Hash keys: where a record stands on the ring of 128 bits that a stream's shards divide among
// them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::kinesis {

__extension__ typedef unsigned __int128 HashKey;
inline constexpr HashKey kLastHashKey = ~HashKey{0};

/// Both ends belong to it.
struct HashRange {
  HashKey first = 0, last = kLastHashKey;
  bool contains(HashKey key) const { return first <= key && key <= last; }
};

/// The MD5 of the partition key, read as a big-endian number.
HashKey hash_of(std::string_view partition_key);

/// Decimal digits; nothing when the text is anything else or the number is 2^128 or more.
std::optional<HashKey> parse_hash_key(std::string_view text);
std::string to_decimal(HashKey key);

/// The whole ring in `count` adjacent ranges of one size; the last takes what is left over.
std::vector<HashRange> even_ranges(std::size_t count);

}  // namespace engine::kinesis
