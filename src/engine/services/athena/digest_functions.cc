// Trino's digests of varbinary: sha512, hmac_…, crc32, xxhash64. md5, sha1 and sha256 are macros.
#include "engine/services/athena/functions.h"
#include "lib/base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <bit>
#include <cstring>

namespace engine::athena {
namespace {

using duck::Cell;
using duck::Kind;
using duck::Vector;

std::string sha512(std::string_view bytes) {
  std::string digest(64, '\0');
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
             EVP_sha512(), nullptr);
  return digest;
}

std::string hmac(const EVP_MD* kind, std::string_view bytes, std::string_view key) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(kind, key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest, &size);
  return {reinterpret_cast<const char*>(digest), size};
}

// XXH64 with seed 0, by its specification: four lanes over stripes of 32 bytes, then the rest.
class Xxh64 {
 public:
  static std::uint64_t of(std::string_view bytes) {
    const std::uint64_t size = bytes.size();
    std::uint64_t hash = k5;
    if (size >= 32) {
      std::uint64_t lanes[4] = {k1 + k2, k2, 0, 0 - k1};
      for (; bytes.size() >= 32; bytes.remove_prefix(32)) {
        for (std::size_t i = 0; i < 4; ++i) lanes[i] = round(lanes[i], read<std::uint64_t>(bytes, 8 * i));
      }
      hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) +
             std::rotl(lanes[3], 18);
      for (const std::uint64_t lane : lanes) hash = (hash ^ round(0, lane)) * k1 + k4;
    }
    hash += size;
    for (; bytes.size() >= 8; bytes.remove_prefix(8))
      hash = std::rotl(hash ^ round(0, read<std::uint64_t>(bytes, 0)), 27) * k1 + k4;
    if (bytes.size() >= 4) {
      hash = std::rotl(hash ^ read<std::uint32_t>(bytes, 0) * k1, 23) * k2 + k3;
      bytes.remove_prefix(4);
    }
    for (const char c : bytes) hash = std::rotl(hash ^ static_cast<unsigned char>(c) * k5, 11) * k1;
    hash = (hash ^ hash >> 33) * k2;
    hash = (hash ^ hash >> 29) * k3;
    return hash ^ hash >> 32;
  }

 private:
  static constexpr std::uint64_t k1 = 0x9E3779B185EBCA87, k2 = 0xC2B2AE3D27D4EB4F,
                                 k3 = 0x165667B19E3779F9, k4 = 0x85EBCA77C2B2AE63,
                                 k5 = 0x27D4EB2F165667C5;
  static std::uint64_t round(std::uint64_t lane, std::uint64_t input) {
    return std::rotl(lane + input * k2, 31) * k1;
  }
  template <class T>
  static T read(std::string_view bytes, std::size_t at) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  }
};

// Trino gives the hash as eight bytes, the highest first.
std::string xxhash64(std::string_view bytes) {
  const std::uint64_t hash = Xxh64::of(bytes);
  std::string text;
  for (int shift = 56; shift >= 0; shift -= 8) text += static_cast<char>(hash >> shift);
  return text;
}

template <class F>
duck::ScalarFunction bytes_function(std::string name, std::size_t arguments, F make) {
  const duck::Type bytes{.kind = Kind::kBlob};
  return {.name = std::move(name),
          .parameters = std::vector<duck::Type>(arguments, bytes),
          .result = bytes,
          .call = [make](const std::vector<Cell>& cells, Vector& result, std::uint64_t row) {
            result.set_text(row, make(cells));
          }};
}

duck::ScalarFunction hmac_function(std::string name, const EVP_MD* (*kind)()) {
  return bytes_function(std::move(name), 2, [kind](const std::vector<Cell>& cells) {
    return hmac(kind(), cells[0].bytes(), cells[1].bytes());
  });
}

}  // namespace

std::vector<duck::ScalarFunction> digest_functions() {
  using Cells = std::vector<Cell>;
  return {bytes_function("t_sha512", 1, [](const Cells& c) { return sha512(c[0].bytes()); }),
          bytes_function("t_xxhash64", 1, [](const Cells& c) { return xxhash64(c[0].bytes()); }),
          hmac_function("t_hmac_md5", EVP_md5),
          hmac_function("t_hmac_sha1", EVP_sha1),
          hmac_function("t_hmac_sha256", EVP_sha256),
          hmac_function("t_hmac_sha512", EVP_sha512),
          {.name = "t_crc32",
           .parameters = {{.kind = Kind::kBlob}},
           .result = {.kind = Kind::kBigint},
           .call = [](const Cells& cells, Vector& result, std::uint64_t row) {
             result.set(row, std::int64_t{base::crc32(cells[0].bytes())});
           }}};
}

}  // namespace engine::athena
