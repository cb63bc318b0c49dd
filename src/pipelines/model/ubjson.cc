// UBJSON, one value after the other.
#include "pipelines/model/ubjson.h"

#include <fmt/format.h>

#include <bit>
#include <utility>

namespace pipelines {
namespace {

constexpr int kDeepest = 64;

/// How many bytes a number of that type has; 0: it is none.
std::size_t size_of(char type) {
  switch (type) {
    case 'i':
    case 'U':
      return 1;
    case 'I':
      return 2;
    case 'l':
    case 'd':
      return 4;
    case 'L':
    case 'D':
      return 8;
    default:
      return 0;
  }
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

double number_of(char type, std::uint64_t bits) {
  switch (type) {
    case 'i':
      return static_cast<std::int8_t>(bits);
    case 'U':
      return static_cast<std::uint8_t>(bits);
    case 'I':
      return static_cast<std::int16_t>(bits);
    case 'l':
      return static_cast<std::int32_t>(bits);
    case 'L':
      return static_cast<double>(static_cast<std::int64_t>(bits));
    case 'd':
      return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    default:
      return std::bit_cast<double>(bits);
  }
}

}  // namespace

std::string_view UbjsonReader::bytes(std::uint64_t count) {
  if (count > rest_.size()) throw UbjsonError("the bytes end too early");
  const std::string_view taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

char UbjsonReader::type() { return bytes(1).front(); }

bool UbjsonReader::takes(char expected) {
  if (!rest_.starts_with(expected)) return false;
  rest_.remove_prefix(1);
  return true;
}

void UbjsonReader::take(char expected) {
  if (!takes(expected)) throw UbjsonError(fmt::format("expected '{}'", expected));
}

std::uint64_t UbjsonReader::length() {
  const char kind = type();
  const double value = number(kind);
  // No document has more elements than bytes: what says so is damaged, and nothing is reserved.
  if (kind == 'd' || kind == 'D' || value < 0 || value > static_cast<double>(rest_.size())) {
    throw UbjsonError("a length is longer than the document");
  }
  return static_cast<std::uint64_t>(value);
}

std::string_view UbjsonReader::name() { return bytes(length()); }

std::string_view UbjsonReader::text() {
  take('S');
  return name();
}

UbjsonReader::Array UbjsonReader::begin_array() {
  take('[');
  const char each = takes('$') ? type() : '\0';
  take('#');
  return {each, length()};
}

double UbjsonReader::number(char type) {
  if (type == 'T' || type == 'F') return type == 'T' ? 1 : 0;
  const std::size_t size = size_of(type);
  if (size == 0) throw UbjsonError(fmt::format("expected a number, not '{}'", type));
  return number_of(type, big_endian(bytes(size)));
}

void UbjsonReader::skip(char type, int depth) {
  if (depth > kDeepest) throw UbjsonError("it is nested too deeply");
  if (type == '{') {
    while (!takes('}')) {
      name();
      skip(this->type(), depth + 1);
    }
  } else if (type == '[') {
    const char each = takes('$') ? this->type() : '\0';
    take('#');
    std::uint64_t left = length();
    if (const std::size_t size = size_of(each)) {
      if (left > rest_.size() / size) throw UbjsonError("the bytes end too early");
      bytes(std::exchange(left, 0) * size);
    }
    for (; left > 0; --left) {
      skip(each != '\0' ? each : this->type(), depth + 1);
    }
  } else if (type == 'S') {
    name();
  } else if (type != 'Z') {
    number(type);
  }
}

}  // namespace pipelines
