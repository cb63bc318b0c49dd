// Identifiers of the shapes AWS uses.
#include "lib/base/ids.h"

#include <string_view>

namespace base {
namespace {

std::uint64_t entropy() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) ^ device();
}

}  // namespace

Ids::Ids() : Ids(entropy()) {}
Ids::Ids(std::uint64_t seed) : random_(seed) {}

std::uint64_t Ids::number() {
  std::lock_guard lock(mutex_);
  return random_();
}

std::string Ids::hex(std::size_t digits) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(digits, '0');
  std::lock_guard lock(mutex_);
  for (char& c : text) c = kDigits[random_() & 15];
  return text;
}

std::string Ids::alnum(std::size_t length) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string text(length, '0');
  std::lock_guard lock(mutex_);
  for (char& c : text) c = kLetters[random_() % kLetters.size()];
  return text;
}

std::string Ids::uuid() {
  std::string text = hex(32);
  text[12] = '4';
  constexpr std::string_view kVariant = "89ab";
  text[16] = kVariant[number() & 3];
  for (std::size_t at : {20u, 16u, 12u, 8u}) text.insert(at, "-");
  return text;
}

}  // namespace base
