// Base64 by OpenSSL.
#include "lambda/static_link/base64.h"

#include <openssl/evp.h>

#include <limits>
#include <string_view>

namespace static_link {
namespace {

constexpr auto kRefused = static_cast<std::size_t>(-1);

const unsigned char* bytes_of(const char* text) {
  return reinterpret_cast<const unsigned char*>(text);
}

}  // namespace

std::size_t encode_base64(char* into, const char* bytes, std::size_t size) {
  return static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(into),
                                                  bytes_of(bytes), static_cast<int>(size)));
}

std::size_t decode_base64(char* into, const char* text, std::size_t size) {
  const std::string_view all(text, size);
  const auto past_letters = all.find_last_not_of('=');
  const std::size_t letters = past_letters == all.npos ? 0 : past_letters + 1;
  // OpenSSL takes a padding sign for a letter, spaces at both ends for nothing, and counts the
  // padding.
  if (size % 4 != 0 || size - letters > 2 || size > std::numeric_limits<int>::max() ||
      all.substr(0, letters).find_first_of("= \t\r\n") != all.npos) {
    return kRefused;
  }
  const int decoded = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(into), bytes_of(text),
                                      static_cast<int>(size));
  return decoded < 0 ? kRefused : static_cast<std::size_t>(decoded) - (size - letters);
}

}  // namespace static_link
