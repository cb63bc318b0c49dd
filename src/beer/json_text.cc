// Escapes and shortest numbers.
#include "beer/json_text.h"

#include <charconv>
#include <cmath>

namespace beer {
namespace {

template <class Number>
void append_number(std::string& out, Number number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  char digits[32];
  auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (char letter : text) {
    auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      out += '\\';
      out += letter;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += letter;
    }
  }
  out += '"';
}

void append_json_number(std::string& out, double number) { append_number(out, number); }
void append_json_number(std::string& out, float number) { append_number(out, number); }

}  // namespace beer
