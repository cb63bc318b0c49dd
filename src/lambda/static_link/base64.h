// Base64 by OpenSSL, for executables that can't have libmodpbase64: Debian has it shared only.
#pragma once

#include <cstddef>

namespace static_link {

/// Writes padded base64 and a zero byte to `into`; gives the length without that byte.
std::size_t encode_base64(char* into, const char* bytes, std::size_t size);

/// Writes the bytes to `into`, which has room for three for each four letters. All ones when the
/// text isn't padded base64.
std::size_t decode_base64(char* into, const char* text, std::size_t size);

}  // namespace static_link
