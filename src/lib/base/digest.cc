// Hashes and checksums.
#include "lib/base/digest.h"

#include "lib/base/crc_fold.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstring>
#include <stdexcept>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace base {
namespace {

/// Looked up once: by name OpenSSL would search, under a lock, for each digest.
const EVP_MD* evp(Digest::Kind kind) {
  static const EVP_MD* const md5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  static const EVP_MD* const sha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  switch (kind) {
    case Digest::Kind::kMd5: return md5;
    case Digest::Kind::kSha1: return sha1;
    case Digest::Kind::kSha256: break;
  }
  return sha256;
}

struct Context {
  EVP_MD_CTX* of = EVP_MD_CTX_new();
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(of); }
};

std::string digest(Digest::Kind kind, std::string_view bytes) {
  // One for each kind: a context that changes its kind is made anew.
  thread_local Context contexts[3];
  EVP_MD_CTX* context = contexts[static_cast<std::size_t>(kind)].of;
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_DigestInit_ex2(context, evp(kind), nullptr) != 1 ||
      EVP_DigestUpdate(context, bytes.data(), bytes.size()) != 1 ||
      EVP_DigestFinal_ex(context, out, &size) != 1) {
    throw std::runtime_error("OpenSSL refused to compute a digest");
  }
  return {reinterpret_cast<const char*>(out), size};
}

/// The byte-wise table of a reflected CRC polynomial.
constexpr std::array<std::uint32_t, 256> crc_table(std::uint32_t polynomial) {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) ? polynomial : 0);
    table[i] = value;
  }
  return table;
}

std::uint32_t crc_by_table(const std::array<std::uint32_t, 256>& table, std::string_view bytes,
                           std::uint32_t crc) {
  for (const char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ (crc >> 8);
  return crc;
}

constexpr auto kCastagnoli = crc_table(0x82f63b78);
constexpr std::uint32_t kIeeePolynomial = 0xedb88320;
constexpr auto kIeee = crc_table(kIeeePolynomial);
constexpr CrcFold kIeeeFold = make_crc_fold(kIeeePolynomial);

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse42(std::string_view bytes,
                                                             std::uint32_t crc) {
  std::uint64_t wide = crc;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (; left > 0; --left, ++at) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(*at));
  return narrow;
}
#endif

}  // namespace

std::string md5(std::string_view bytes) { return digest(Digest::Kind::kMd5, bytes); }
std::string sha1(std::string_view bytes) { return digest(Digest::Kind::kSha1, bytes); }
std::string sha256(std::string_view bytes) { return digest(Digest::Kind::kSha256, bytes); }

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string out(32, '\0');
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
       reinterpret_cast<unsigned char*>(out.data()), &size);
  return out;
}

std::uint32_t crc32c(std::string_view bytes, std::uint32_t seed) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return ~crc32c_sse42(bytes, ~seed);
#endif
  return ~crc_by_table(kCastagnoli, bytes, ~seed);
}

std::uint32_t crc32(std::string_view bytes, std::uint32_t seed) {
  constexpr std::size_t kWorthFolding = 128;
  std::uint32_t crc = ~seed;
  if (bytes.size() >= kWorthFolding && can_fold_crc()) {
    char left[16];
    fold_crc(kIeeeFold, crc, bytes, left);
    crc = crc_by_table(kIeee, {left, sizeof left}, 0);
  }
  return ~crc_by_table(kIeee, bytes, crc);
}

struct Digest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest(Kind kind) : state_(std::make_unique<State>()) {
  EVP_DigestInit_ex(state_->context, evp(kind), nullptr);
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::string_view bytes) {
  EVP_DigestUpdate(state_->context, bytes.data(), bytes.size());
}

std::string Digest::finish() {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(out.data()), &size);
  out.resize(size);
  return out;
}

bool constant_time_equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace base
