// The digests and checksums that objects are known by, each under the name it has on the wire.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace base {

/// CRC-64/NVME continuing from `seed`; 0 starts.
std::uint64_t crc64nvme(std::string_view bytes, std::uint64_t seed = 0);

/// One running digest or checksum. Used by one thread at a time.
class Checksum {
 public:
  virtual ~Checksum() = default;
  virtual void update(std::string_view bytes) = 0;
  /// The raw bytes, of a checksum the highest first; the object can't be used after.
  virtual std::string finish() = 0;
};

/// "MD5", "SHA1", "SHA256", "CRC32", "CRC32C", "CRC64NVME"; null for any other name.
std::unique_ptr<Checksum> make_checksum(std::string_view algorithm);

}  // namespace base
