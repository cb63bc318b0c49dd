// The digests S3 knows of a body: computing them, and comparing them with what the client said.
#pragma once

#include "lib/base/checksum.h"
#include "lib/http/message.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::s3 {

/// "CRC32" → base64 of the big-endian checksum, as the x-amz-checksum-* headers carry it.
using Checksums = std::map<std::string, std::string>;

/// "CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256".
bool is_checksum_algorithm(std::string_view algorithm);
/// "crc32" → "CRC32"
std::string to_upper(std::string text);
/// Throws InvalidRequest for an algorithm we don't compute.
std::unique_ptr<base::Checksum> make_checksum(std::string_view algorithm);

/// What one pass over some bytes found.
struct Digests {
  std::string md5;      ///< raw
  Checksums checksums;
};

/// Takes the MD5 and some checksums of bytes that come in pieces.
class Digester {
 public:
  explicit Digester(const std::vector<std::string>& algorithms);
  ~Digester();
  void update(std::string_view bytes);
  Digests finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Those that were taken while the body came in are not taken again.
Digests digest(const http::Body& body, const std::vector<std::string>& algorithms);

/// Throws BadDigest when a checksum or the Content-MD5 (base64) differs from what was computed, and
/// InvalidDigest or InvalidRequest when it isn't one.
void verify(const Digests& found, const Checksums& given, const std::optional<std::string>& md5);

/// The checksums a request's members carry, and the other way round. The members have the same names
/// in every shape.
template <class Shape>
Checksums given_checksums(const Shape& shape) {
  Checksums given;
  const auto take = [&](const char* algorithm, const std::optional<std::string>& value) {
    if (value) given.emplace(algorithm, *value);
  };
  take("CRC32", shape.ChecksumCRC32);
  take("CRC32C", shape.ChecksumCRC32C);
  take("CRC64NVME", shape.ChecksumCRC64NVME);
  take("SHA1", shape.ChecksumSHA1);
  take("SHA256", shape.ChecksumSHA256);
  return given;
}

template <class Shape>
void set_checksums(Shape& shape, const Checksums& checksums) {
  const auto put = [&](const char* algorithm, std::optional<std::string>& member) {
    if (const auto found = checksums.find(algorithm); found != checksums.end()) member = found->second;
  };
  put("CRC32", shape.ChecksumCRC32);
  put("CRC32C", shape.ChecksumCRC32C);
  put("CRC64NVME", shape.ChecksumCRC64NVME);
  put("SHA1", shape.ChecksumSHA1);
  put("SHA256", shape.ChecksumSHA256);
}

/// The algorithms to compute for a body: those of `given`, the one `named` by
/// x-amz-sdk-checksum-algorithm, and CRC64NVME when there is none, as S3 does.
std::vector<std::string> wanted_algorithms(const Checksums& given,
                                           const std::optional<std::string>& named);

/// What digest() and the signature are going to need of the body that comes behind this head, as far as
/// the head tells: to be taken while it comes in. Empty when it is no upload.
std::vector<std::string> digests_of_upload(const http::Request& request);

}  // namespace engine::s3
