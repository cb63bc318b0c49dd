// The digests and checksums that objects are known by, against published values and bit by bit.
#include "lib/base/checksum.h"

#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <gtest/gtest.h>

#include <random>

namespace base {
namespace {

template <class Crc>
Crc bit_by_bit(std::string_view bytes, Crc polynomial) {
  Crc crc = ~Crc{0};
  for (const unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? (crc >> 1) ^ polynomial : crc >> 1;
  }
  return ~crc;
}

std::string some_bytes(std::size_t size) {
  std::mt19937 random(7);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

TEST(Checksum, OfNineDigitsIsThePublishedOne) {
  const auto of = [](std::string_view algorithm) {
    const auto checksum = make_checksum(algorithm);
    checksum->update("123456789");
    return to_hex(checksum->finish());
  };
  EXPECT_EQ(of("CRC32"), "cbf43926");
  EXPECT_EQ(of("CRC32C"), "e3069283");
  EXPECT_EQ(of("CRC64NVME"), "ae8b14860a799888");
  EXPECT_EQ(of("MD5"), "25f9e794323b453885f5181f1b624d0b");
  EXPECT_EQ(of("SHA1"), "f7c3bc1d808e04732adf679965ccc34ca7ae3441");
  EXPECT_EQ(of("SHA256"), "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
  EXPECT_EQ(make_checksum("MD4"), nullptr);
}

TEST(Checksum, OfManyBytesAtOnceIsThatOfEachBit) {
  const std::string bytes = some_bytes(700);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    const std::string_view some = std::string_view(bytes).substr(bytes.size() - size);
    ASSERT_EQ(crc32(some), bit_by_bit<std::uint32_t>(some, 0xedb88320)) << size;
    ASSERT_EQ(crc64nvme(some), bit_by_bit<std::uint64_t>(some, 0x9a6c9329ac4bc9b5)) << size;
  }
}

TEST(Checksum, OfPiecesIsThatOfTheWhole) {
  const std::string bytes = some_bytes(2000);
  const std::string_view whole(bytes);
  for (const std::size_t cut : {0u, 1u, 127u, 128u, 129u, 1000u, 1999u}) {
    EXPECT_EQ(crc32(whole.substr(cut), crc32(whole.substr(0, cut))), crc32(whole)) << cut;
    EXPECT_EQ(crc64nvme(whole.substr(cut), crc64nvme(whole.substr(0, cut))), crc64nvme(whole))
        << cut;
  }
}

}  // namespace
}  // namespace base
