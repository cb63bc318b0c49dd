// Base64 into and out of memory that the caller has: RFC 4648 §4, by AVX2 where the processor has it.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace base {

/// Characters that `bytes` bytes become, padding included.
constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }
/// The most bytes that a text of this size can stand for.
constexpr std::size_t most_base64_bytes(std::size_t characters) { return (characters + 3) / 4 * 3; }

/// Writes base64_size(bytes.size()) characters to `out`.
void write_base64(std::string_view bytes, char* out);

/// Writes the bytes of a padded text, at most most_base64_bytes(text.size()), to `out`, and gives
/// how many they are; nothing when it isn't base64, and `out` holds anything then.
std::optional<std::size_t> read_base64(std::string_view text, char* out);

}  // namespace base
