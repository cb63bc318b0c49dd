// Hash keys: arithmetic over 128 bits.
#include "engine/services/kinesis/hash_key.h"

#include "lib/base/digest.h"

#include <algorithm>

namespace engine::kinesis {

HashKey hash_of(std::string_view partition_key) {
  HashKey key = 0;
  for (const char byte : base::md5(partition_key))
    key = key << 8 | static_cast<unsigned char>(byte);
  return key;
}

std::optional<HashKey> parse_hash_key(std::string_view text) {
  if (text.empty()) return std::nullopt;
  HashKey key = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<unsigned>(c - '0');
    if (key > (kLastHashKey - digit) / 10) return std::nullopt;
    key = key * 10 + digit;
  }
  return key;
}

std::string to_decimal(HashKey key) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(key % 10));
    key /= 10;
  } while (key != 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

std::vector<HashRange> even_ranges(std::size_t count) {
  if (count == 1) return {HashRange{}};
  // 2^128 / count, without the 129th bit.
  const HashKey width = kLastHashKey / count + (kLastHashKey % count + 1 == count ? 1 : 0);
  std::vector<HashRange> ranges(count);
  for (std::size_t i = 0; i < count; ++i) {
    ranges[i].first = width * i;
    ranges[i].last = i + 1 == count ? kLastHashKey : width * (i + 1) - 1;
  }
  return ranges;
}

}  // namespace engine::kinesis
