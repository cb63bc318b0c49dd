// Base64 into and out of memory that the caller has.
//
// AVX2 takes whole blocks of letters, 24 bytes to 32 characters or back. What is left, which holds
// the padding and all that is wrong, is modp's: both ways give and refuse the same.
#include "lib/base/base64.h"

#include <modp_b64.h>

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace base {
namespace {

constexpr std::size_t kBlockBytes = 24, kBlockCharacters = 32;

#if defined(__x86_64__)
#define BEER_AVX2 __attribute__((target("avx2")))

bool has_avx2() {
  static const bool has = __builtin_cpu_supports("avx2");
  return has;
}

/// 32 numbers below 64 to their letters. Each compare adds what sets a range apart from the one
/// before it.
BEER_AVX2 __m256i letters(__m256i numbers) {
  const auto from = [&](char first, char step) BEER_AVX2 {
    return _mm256_and_si256(_mm256_cmpgt_epi8(numbers, _mm256_set1_epi8(static_cast<char>(first - 1))),
                            _mm256_set1_epi8(step));
  };
  __m256i delta = _mm256_set1_epi8('A');
  delta = _mm256_add_epi8(delta, from(26, 'a' - 26 - 'A'));
  delta = _mm256_add_epi8(delta, from(52, ('0' - 52) - ('a' - 26)));
  delta = _mm256_add_epi8(delta, from(62, ('+' - 62) - ('0' - 52)));
  delta = _mm256_add_epi8(delta, from(63, ('/' - 63) - ('+' - 62)));
  return _mm256_add_epi8(numbers, delta);
}

/// Encodes whole blocks and gives how many bytes it took. Reads four bytes past each block.
BEER_AVX2 std::size_t encode_blocks(std::string_view bytes, char* out) {
  // Each three bytes to one number of 32 bits, the first byte its highest.
  const __m256i spread = _mm256_setr_epi8(2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1,  //
                                          2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1);
  std::size_t at = 0;
  for (; at + kBlockBytes + 4 <= bytes.size(); at += kBlockBytes, out += kBlockCharacters) {
    const char* from = bytes.data() + at;
    const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 12));
    const __m256i word = _mm256_shuffle_epi8(_mm256_set_m128i(high, low), spread);
    const __m256i numbers = _mm256_or_si256(
        _mm256_or_si256(
            _mm256_and_si256(_mm256_srli_epi32(word, 18), _mm256_set1_epi32(0x3f)),
            _mm256_and_si256(_mm256_srli_epi32(word, 4), _mm256_set1_epi32(0x3f00))),
        _mm256_or_si256(
            _mm256_and_si256(_mm256_slli_epi32(word, 10), _mm256_set1_epi32(0x3f0000)),
            _mm256_and_si256(_mm256_slli_epi32(word, 24), _mm256_set1_epi32(0x3f000000))));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), letters(numbers));
  }
  return at;
}

/// Decodes blocks until one holds something else than letters, and gives how many characters it
/// took. Writes eight bytes past each block: the text behind it has more.
BEER_AVX2 std::size_t decode_blocks(std::string_view text, char* out) {
  constexpr std::size_t kBehind = 16;
  const __m256i gather = _mm256_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1,  //
                                          2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  const __m256i close = _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7);
  std::size_t at = 0;
  for (; at + kBlockCharacters + kBehind <= text.size(); at += kBlockCharacters, out += kBlockBytes) {
    const __m256i c = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
    __m256i known = _mm256_setzero_si256(), numbers = _mm256_setzero_si256();
    const auto range = [&](char first, char last, char number) BEER_AVX2 {
      const __m256i in = _mm256_and_si256(
          _mm256_cmpgt_epi8(c, _mm256_set1_epi8(static_cast<char>(first - 1))),
          _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(last + 1)), c));
      known = _mm256_or_si256(known, in);
      const __m256i shifted = _mm256_add_epi8(c, _mm256_set1_epi8(static_cast<char>(number - first)));
      numbers = _mm256_or_si256(numbers, _mm256_and_si256(in, shifted));
    };
    range('A', 'Z', 0);
    range('a', 'z', 26);
    range('0', '9', 52);
    range('+', '+', 62);
    range('/', '/', 63);
    if (_mm256_movemask_epi8(known) != -1) break;
    const __m256i pairs = _mm256_maddubs_epi16(numbers, _mm256_set1_epi16(0x0140));
    const __m256i words = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
    const __m256i bytes = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(words, gather), close);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), bytes);
  }
  return at;
}
#else
bool has_avx2() { return false; }
std::size_t encode_blocks(std::string_view, char*) { return 0; }
std::size_t decode_blocks(std::string_view, char*) { return 0; }
#endif

}  // namespace

void write_base64(std::string_view bytes, char* out) {
  if (has_avx2()) {
    const std::size_t done = encode_blocks(bytes, out);
    bytes.remove_prefix(done);
    out += done / 3 * 4;
  }
  // modp sets a zero behind what it writes: the last one must not stand in the caller's memory.
  const std::size_t last = bytes.empty() ? 0 : (bytes.size() - 1) % kBlockBytes + 1;
  const std::size_t most = bytes.size() - last;
  if (most > 0) out += modp_b64_encode(out, bytes.data(), most);
  char end[kBlockCharacters + 1];
  std::memcpy(out, end, modp_b64_encode(end, bytes.data() + most, last));
}

std::optional<std::size_t> read_base64(std::string_view text, char* out) {
  const std::size_t done = has_avx2() ? decode_blocks(text, out) : 0;
  const std::size_t bytes = done / 4 * 3;
  if (done == text.size()) return bytes;
  const std::size_t rest = modp_b64_decode(out + bytes, text.data() + done, text.size() - done);
  if (rest == static_cast<std::size_t>(-1)) return std::nullopt;
  return bytes + rest;
}

}  // namespace base
