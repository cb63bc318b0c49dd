// CRCs of a reflected polynomial, many bytes at once by carry-less multiplication.
#pragma once

#include <cstdint>
#include <string_view>

namespace base {

/// The constants by which 16 bytes of a message are moved `512` or `128` bits ahead, modulo the
/// polynomial. A polynomial of 32 bits stands in the upper half of the register, as x^0 does.
struct CrcFold {
  std::uint64_t far_low, far_high;    ///< by 512 bits
  std::uint64_t near_low, near_high;  ///< by 128 bits
};

/// x^power modulo the polynomial, reflected: the highest bit is x^0.
constexpr std::uint64_t x_to_the(int power, std::uint64_t polynomial) {
  std::uint64_t value = std::uint64_t{1} << 63;
  for (; power > 0; --power) value = (value >> 1) ^ ((value & 1) != 0 ? polynomial : 0);
  return value;
}

/// Of two reflected factors the product is one bit short: hence the odd powers.
constexpr CrcFold make_crc_fold(std::uint64_t polynomial) {
  return {x_to_the(512 + 63, polynomial), x_to_the(512 - 1, polynomial),
          x_to_the(128 + 63, polynomial), x_to_the(128 - 1, polynomial)};
}

/// Whether the processor has the instruction.
bool can_fold_crc();

/// Replaces a message of at least 64 bytes, of which `crc` is the raw state before, by 16 bytes that
/// leave the same state when they follow the state 0. Takes the whole pieces of 16 bytes off the
/// front of `bytes`.
void fold_crc(const CrcFold& fold, std::uint64_t crc, std::string_view& bytes, char (&left)[16]);

}  // namespace base
