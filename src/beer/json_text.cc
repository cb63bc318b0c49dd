// Escapes and shortest numbers.
#include "beer/json_text.h"

#include <charconv>
#include <cmath>

namespace beer {
namespace {

// Most numbers of a catalogue are whole or have one or two decimals: their digits are those of a
// whole number, and far cheaper to write. False when this isn't one. Below 10^4 the shortest form
// is never the scientific one, and with so few digits no other decimal reads back to the number.
template <class Number>
bool write_hundredths(char*& at, Number number) {
  constexpr Number kMost = 9999;
  if (!(number >= 0 && number <= kMost) || std::signbit(number)) return false;
  const auto hundredths = static_cast<unsigned>(number * 100 + Number(0.5));
  if (static_cast<Number>(hundredths) / 100 != number) return false;
  at = std::to_chars(at, at + 8, hundredths / 100).ptr;
  const unsigned rest = hundredths % 100;
  if (rest == 0) return true;
  *at++ = '.';
  *at++ = static_cast<char>('0' + rest / 10);
  if (rest % 10 != 0) *at++ = static_cast<char>('0' + rest % 10);
  return true;
}

template <class Number>
char* write_number(char* at, Number number) {
  if (write_hundredths(at, number)) return at;
  if (std::isfinite(number)) return std::to_chars(at, at + kMostJsonNumber, number).ptr;
  return at + std::string_view("null").copy(at, 4);
}

bool must_be_escaped(char letter) {
  return letter == '"' || letter == '\\' || static_cast<unsigned char>(letter) < 0x20;
}

char* write_escaped(char* at, char letter) {
  constexpr char kHex[] = "0123456789abcdef";
  *at++ = '\\';
  if (letter == '"' || letter == '\\') {
    *at++ = letter;
    return at;
  }
  const auto byte = static_cast<unsigned char>(letter);
  at += std::string_view("u00").copy(at, 3);
  *at++ = kHex[byte >> 4];
  *at++ = kHex[byte & 15];
  return at;
}

template <class Number>
void append_number(std::string& out, Number number) {
  char digits[kMostJsonNumber];
  out.append(digits, write_number(digits, number));
}

}  // namespace

char* write_json_number(char* at, double number) { return write_number(at, number); }
char* write_json_number(char* at, float number) { return write_number(at, number); }

char* write_json_string(char* at, std::string_view text) {
  *at++ = '"';
  for (char letter : text) {
    if (must_be_escaped(letter)) {
      at = write_escaped(at, letter);
    } else {
      *at++ = letter;
    }
  }
  *at++ = '"';
  return at;
}

void append_json_string(std::string& out, std::string_view text) {
  const std::size_t before = out.size();
  out.resize(before + most_json_string(text.size()));
  out.resize(static_cast<std::size_t>(write_json_string(out.data() + before, text) - out.data()));
}

void append_json_number(std::string& out, double number) { append_number(out, number); }
void append_json_number(std::string& out, float number) { append_number(out, number); }

}  // namespace beer
