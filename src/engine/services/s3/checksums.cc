// The digests S3 knows of a body.
#include "engine/services/s3/checksums.h"

#include "engine/services/s3/errors.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <array>
#include <bit>
#include <cstring>
#include <future>

namespace engine::s3 {
namespace {

// The reflected form of NVMe's polynomial AD93D23594C93659.
constexpr std::uint64_t kPolynomial = 0x9A6C'9329'AC4B'C9B5;

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

class Sha final : public Checksum {
 public:
  explicit Sha(base::Digest::Kind kind) : digest_(kind) {}
  void update(std::string_view bytes) override { digest_.update(bytes); }
  std::string finish() override { return digest_.finish(); }

 private:
  base::Digest digest_;
};

std::size_t checksum_size(std::string_view algorithm) {
  if (algorithm == "SHA1") return 20;
  if (algorithm == "SHA256") return 32;
  return algorithm == "CRC64NVME" ? 8 : 4;
}

/// The MD5 on a thread of its own, the others on this one.
Digests digest_side_by_side(const http::Body& body, const std::vector<std::string>& algorithms) {
  std::future<std::string> md5 = std::async(std::launch::async, [&body] {
    base::Digest digest(base::Digest::Kind::kMd5);
    body.for_each_piece([&](std::string_view piece) { digest.update(piece); });
    return digest.finish();
  });
  std::map<std::string, std::unique_ptr<Checksum>> checksums;
  for (const auto& algorithm : algorithms) checksums.emplace(algorithm, make_checksum(algorithm));
  body.for_each_piece([&](std::string_view piece) {
    for (auto& [algorithm, checksum] : checksums) checksum->update(piece);
  });
  Digests found{md5.get(), {}};
  for (auto& [algorithm, checksum] : checksums) {
    found.checksums.emplace(algorithm, base::to_base64(checksum->finish()));
  }
  return found;
}

}  // namespace

std::uint64_t crc64nvme(std::string_view bytes, std::uint64_t seed) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t crc = ~seed;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    word ^= crc;
    crc = 0;
    for (std::size_t n = 0; n < 8; ++n) crc ^= kTables[7 - n][(word >> (8 * n)) & 0xff];
    bytes.remove_prefix(8);
  }
  for (const unsigned char byte : bytes) crc = kTables[0][(crc ^ byte) & 0xff] ^ (crc >> 8);
  return ~crc;
}

bool is_checksum_algorithm(std::string_view algorithm) {
  return algorithm == "CRC32" || algorithm == "CRC32C" || algorithm == "CRC64NVME" ||
         algorithm == "SHA1" || algorithm == "SHA256";
}

std::string to_upper(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return text;
}

std::unique_ptr<Checksum> make_checksum(std::string_view algorithm) {
  if (algorithm == "CRC32") return std::make_unique<Crc32>(&base::crc32);
  if (algorithm == "CRC32C") return std::make_unique<Crc32>(&base::crc32c);
  if (algorithm == "CRC64NVME") return std::make_unique<Crc64>();
  if (algorithm == "SHA1") return std::make_unique<Sha>(base::Digest::Kind::kSha1);
  if (algorithm == "SHA256") return std::make_unique<Sha>(base::Digest::Kind::kSha256);
  throw invalid_request("Checksum algorithm provided is unsupported. Please try again with any of the "
                        "valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
}

struct Digester::State {
  base::Digest md5{base::Digest::Kind::kMd5};
  std::map<std::string, std::unique_ptr<Checksum>> checksums;
};

Digester::Digester(const std::vector<std::string>& algorithms) : state_(std::make_unique<State>()) {
  for (const auto& algorithm : algorithms) {
    state_->checksums.emplace(algorithm, make_checksum(algorithm));
  }
}
Digester::~Digester() = default;

void Digester::update(std::string_view bytes) {
  state_->md5.update(bytes);
  for (auto& [algorithm, checksum] : state_->checksums) checksum->update(bytes);
}

Digests Digester::finish() {
  Digests found{state_->md5.finish(), {}};
  for (auto& [algorithm, checksum] : state_->checksums) {
    found.checksums.emplace(algorithm, base::to_base64(checksum->finish()));
  }
  return found;
}

Digests digest(const http::Body& body, const std::vector<std::string>& algorithms) {
  // Worth a thread: MD5 takes longer than all the others together.
  constexpr std::uint64_t kLarge = 1 << 20;
  if (body.size() >= kLarge) return digest_side_by_side(body, algorithms);
  Digester digester(algorithms);
  body.for_each_piece([&](std::string_view piece) { digester.update(piece); });
  return digester.finish();
}

void verify(const Digests& found, const Checksums& given, const std::optional<std::string>& md5) {
  if (md5) {
    const auto raw = base::from_base64(*md5);
    if (!raw || raw->size() != 16) throw invalid_digest();
    if (*raw != found.md5) throw bad_md5();
  }
  for (const auto& [algorithm, value] : given) {
    const auto raw = base::from_base64(value);
    if (!raw || raw->size() != checksum_size(algorithm)) {
      throw invalid_checksum("x-amz-checksum-" + base::to_lower(algorithm));
    }
    if (found.checksums.at(algorithm) != value) throw bad_checksum(algorithm);
  }
}

std::vector<std::string> wanted_algorithms(const Checksums& given,
                                           const std::optional<std::string>& named) {
  std::vector<std::string> wanted;
  for (const auto& [algorithm, value] : given) wanted.push_back(algorithm);
  if (named && !given.contains(*named)) wanted.push_back(*named);
  if (wanted.empty()) wanted.emplace_back("CRC64NVME");
  return wanted;
}

}  // namespace engine::s3
