// What a fuzz target (x_fuzz.cc, beside x.cc) is made of. It includes this, and says in FUZZ what
// is done with the bytes of one try: no exception may leave it but those that it catches, and what
// it holds must be so. How targets are run stands in docs/security.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace base::fuzz {

/// Ends the process, which is a finding, when what must be so isn't.
inline void hold(bool so, const char* what) {
  if (so) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// Takes the first line off the bytes; the last takes all.
inline std::string_view take_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  const std::string_view line = bytes.substr(0, end);
  bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  return line;
}

/// Takes the first byte; 0 of none.
inline unsigned char take_byte(std::string_view& bytes) {
  if (bytes.empty()) return 0;
  const auto byte = static_cast<unsigned char>(bytes.front());
  bytes.remove_prefix(1);
  return byte;
}

}  // namespace base::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// FUZZ(bytes) { … }, once in a source.
#define FUZZ(bytes)                                                        \
  static void fuzz_one(std::string_view bytes);                            \
  int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    fuzz_one({reinterpret_cast<const char*>(data), size});                 \
    return 0;                                                              \
  }                                                                        \
  static void fuzz_one(std::string_view bytes)
