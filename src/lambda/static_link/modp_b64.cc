// The two functions of libmodpbase64 that lib/base calls, under their own names.
#include "lambda/static_link/base64.h"

#include <modp_b64.h>

size_t modp_b64_encode(char* into, const char* bytes, size_t size) {
  return static_link::encode_base64(into, bytes, size);
}

size_t modp_b64_decode(char* into, const char* text, size_t size) {
  return static_link::decode_base64(into, text, size);
}
