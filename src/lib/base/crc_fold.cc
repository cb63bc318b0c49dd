// CRCs of a reflected polynomial, many bytes at once by carry-less multiplication.
// Source: V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ", Intel, 2009.
#include "lib/base/crc_fold.h"

#include <stdexcept>

#if defined(__x86_64__)
#include <wmmintrin.h>
#endif

namespace base {

#if defined(__x86_64__)

namespace {

__attribute__((target("pclmul,sse2"))) inline __m128i moved(__m128i value, __m128i by,
                                                            __m128i onto) {
  return _mm_xor_si128(onto, _mm_xor_si128(_mm_clmulepi64_si128(value, by, 0x00),
                                           _mm_clmulepi64_si128(value, by, 0x11)));
}

__m128i load(const char* at) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)); }

__m128i pair(std::uint64_t low, std::uint64_t high) {
  return _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));
}

}  // namespace

bool can_fold_crc() {
  static const bool can = __builtin_cpu_supports("pclmul") != 0;
  return can;
}

__attribute__((target("pclmul,sse2"))) void fold_crc(const CrcFold& fold, std::uint64_t crc,
                                                     std::string_view& bytes, char (&left)[16]) {
  const char* at = bytes.data();
  std::size_t size = bytes.size();
  const __m128i far = pair(fold.far_low, fold.far_high);
  const __m128i near = pair(fold.near_low, fold.near_high);
  // Four chains: one alone would wait for each multiplication.
  __m128i a = _mm_xor_si128(load(at), pair(crc, 0));
  __m128i b = load(at + 16), c = load(at + 32), d = load(at + 48);
  for (at += 64, size -= 64; size >= 64; at += 64, size -= 64) {
    a = moved(a, far, load(at));
    b = moved(b, far, load(at + 16));
    c = moved(c, far, load(at + 32));
    d = moved(d, far, load(at + 48));
  }
  a = moved(moved(moved(a, near, b), near, c), near, d);
  for (; size >= 16; at += 16, size -= 16) a = moved(a, near, load(at));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(left), a);
  bytes.remove_prefix(bytes.size() - size);
}

#else

bool can_fold_crc() { return false; }

void fold_crc(const CrcFold&, std::uint64_t, std::string_view&, char (&)[16]) {
  throw std::logic_error("this processor can't fold CRCs");
}

#endif

}  // namespace base
