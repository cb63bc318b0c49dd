// Hashes and checksums, over OpenSSL and the processor's CRC instruction.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace base {

/// Each gives the raw bytes of the digest (16, 20 or 32 of them), not hexadecimal.
std::string md5(std::string_view bytes);
std::string sha1(std::string_view bytes);
std::string sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// CRC-32C (Castagnoli) continuing from `seed`; 0 starts. By SSE4.2 where present, else by table.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed = 0);
/// CRC-32 (IEEE 802.3, zlib's) continuing from `seed`.
std::uint32_t crc32(std::string_view bytes, std::uint32_t seed = 0);

/// A digest of a body that comes in pieces.
class Digest {
 public:
  enum class Kind { kMd5, kSha1, kSha256 };
  explicit Digest(Kind kind);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;

  void update(std::string_view bytes);
  /// The raw bytes; the digest can't be used after.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// True when both are equal, in a time that depends on the length alone.
bool constant_time_equal(std::string_view a, std::string_view b);

}  // namespace base
