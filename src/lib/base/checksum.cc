// The digests and checksums that objects are known by.
#include "lib/base/checksum.h"

#include "lib/base/crc_fold.h"
#include "lib/base/digest.h"

#include <array>
#include <bit>
#include <cstring>

namespace base {
namespace {

// The reflected form of NVMe's polynomial AD93D23594C93659.
constexpr std::uint64_t kPolynomial = 0x9A6C'9329'AC4B'C9B5;
constexpr CrcFold kFold = make_crc_fold(kPolynomial);
constexpr std::size_t kWorthFolding = 128;

using Tables = std::array<std::array<std::uint64_t, 256>, 8>;

// tables[n][b]: what byte b contributes when n more bytes follow it ("slicing by 8").
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint64_t byte = 0; byte < 256; ++byte) {
    std::uint64_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) ? (crc >> 1) ^ kPolynomial : crc >> 1;
    tables[0][byte] = crc;
  }
  for (std::size_t n = 1; n < 8; ++n) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint64_t before = tables[n - 1][byte];
      tables[n][byte] = tables[0][before & 0xff] ^ (before >> 8);
    }
  }
  return tables;
}
constexpr Tables kTables = make_tables();

std::uint64_t crc64_by_table(std::string_view bytes, std::uint64_t crc) {
  static_assert(std::endian::native == std::endian::little);
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    word ^= crc;
    crc = 0;
    for (std::size_t n = 0; n < 8; ++n) crc ^= kTables[7 - n][(word >> (8 * n)) & 0xff];
    bytes.remove_prefix(8);
  }
  for (const unsigned char byte : bytes) crc = kTables[0][(crc ^ byte) & 0xff] ^ (crc >> 8);
  return crc;
}

std::string big_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
  return out;
}

class Crc32 final : public Checksum {
 public:
  using Function = std::uint32_t (*)(std::string_view, std::uint32_t);
  explicit Crc32(Function function) : function_(function) {}
  void update(std::string_view bytes) override { crc_ = function_(bytes, crc_); }
  std::string finish() override { return big_endian(crc_, 4); }

 private:
  Function function_;
  std::uint32_t crc_ = 0;
};

class Crc64 final : public Checksum {
 public:
  void update(std::string_view bytes) override { crc_ = crc64nvme(bytes, crc_); }
  std::string finish() override { return big_endian(crc_, 8); }

 private:
  std::uint64_t crc_ = 0;
};

class Hash final : public Checksum {
 public:
  explicit Hash(Digest::Kind kind) : digest_(kind) {}
  void update(std::string_view bytes) override { digest_.update(bytes); }
  std::string finish() override { return digest_.finish(); }

 private:
  Digest digest_;
};

}  // namespace

std::uint64_t crc64nvme(std::string_view bytes, std::uint64_t seed) {
  std::uint64_t crc = ~seed;
  if (bytes.size() >= kWorthFolding && can_fold_crc()) {
    char left[16];
    fold_crc(kFold, crc, bytes, left);
    crc = crc64_by_table({left, sizeof left}, 0);
  }
  return ~crc64_by_table(bytes, crc);
}

std::unique_ptr<Checksum> make_checksum(std::string_view algorithm) {
  if (algorithm == "MD5") return std::make_unique<Hash>(Digest::Kind::kMd5);
  if (algorithm == "SHA1") return std::make_unique<Hash>(Digest::Kind::kSha1);
  if (algorithm == "SHA256") return std::make_unique<Hash>(Digest::Kind::kSha256);
  if (algorithm == "CRC32") return std::make_unique<Crc32>(&crc32);
  if (algorithm == "CRC32C") return std::make_unique<Crc32>(&crc32c);
  if (algorithm == "CRC64NVME") return std::make_unique<Crc64>();
  return nullptr;
}

}  // namespace base
