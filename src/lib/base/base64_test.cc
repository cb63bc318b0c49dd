// Tests of base64 in the caller's memory: blocks and the rest give what modp alone gives.
#include "lib/base/base64.h"

#include <gtest/gtest.h>
#include <modp_b64.h>

#include <random>
#include <string>

namespace base {
namespace {

std::string random_bytes(std::mt19937& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string plainly_encoded(std::string_view bytes) {
  std::string out(modp_b64_encode_len(bytes.size()), '\0');
  out.resize(modp_b64_encode(out.data(), bytes.data(), bytes.size()));
  return out;
}

std::optional<std::string> plainly_decoded(std::string_view text) {
  if (text.empty()) return std::string();
  std::string out(modp_b64_decode_len(text.size()), '\0');
  const std::size_t size = modp_b64_decode(out.data(), text.data(), text.size());
  if (size == static_cast<std::size_t>(-1)) return std::nullopt;
  out.resize(size);
  return out;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out(most_base64_bytes(text.size()), '\0');
  const auto size = read_base64(text, out.data());
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

TEST(Base64InPlace, WritesWhatThePlainOneWritesAndNothingBehindIt) {
  std::mt19937 random(1);
  for (std::size_t size = 0; size < 600; ++size) {
    const std::string bytes = random_bytes(random, size);
    std::string out(base64_size(size) + 1, '~');
    write_base64(bytes, out.data());
    ASSERT_EQ(out, plainly_encoded(bytes) + "~") << size;
  }
}

TEST(Base64InPlace, ReadsEveryLengthAndWritesNothingBehindTheMost) {
  std::mt19937 random(2);
  for (std::size_t size = 0; size < 600; ++size) {
    const std::string bytes = random_bytes(random, size), text = plainly_encoded(bytes);
    std::string out(most_base64_bytes(text.size()) + 1, '~');
    ASSERT_EQ(read_base64(text, out.data()), size);
    ASSERT_EQ(out.substr(0, size), bytes);
    ASSERT_EQ(out.back(), '~');
  }
}

TEST(Base64InPlace, ReadsAndRefusesAsThePlainOneDoesWhereverALetterIsWrong) {
  std::mt19937 random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = plainly_encoded(random_bytes(random, random() % 300));
    if (text.empty()) continue;
    text[random() % text.size()] = static_cast<char>(random());
    if (random() % 4 == 0) text.resize(random() % text.size());
    ASSERT_EQ(decoded(text), plainly_decoded(text)) << text;
  }
}

}  // namespace
}  // namespace base
