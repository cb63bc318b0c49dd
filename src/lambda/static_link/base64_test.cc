// OpenSSL's base64 is the same as the library's it stands for.
#include "lambda/static_link/base64.h"

#include "lib/base/encoding.h"

#include <gtest/gtest.h>

namespace static_link {
namespace {

std::optional<std::string> decoded(std::string_view text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  const std::size_t size = decode_base64(out.data(), text.data(), text.size());
  if (size == static_cast<std::size_t>(-1)) return std::nullopt;
  return out.substr(0, size);
}

TEST(StaticBase64, EncodesAndDecodesEveryLengthAsTheLibraryDoes) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    text.resize(encode_base64(text.data(), bytes.data(), bytes.size()));
    EXPECT_EQ(text, base::to_base64(bytes));
    EXPECT_EQ(decoded(text), bytes);
    bytes.push_back(static_cast<char>(i * 7));
  }
}

TEST(StaticBase64, RefusesWhatTheLibraryRefuses) {
  for (const std::string_view text : {"Zg", "Zg=", "Z===", "====", "Zm=v", "Zm9v\n", " Zm9",
                                      "Zm9v!mFy", "Zg==Zg==", "Zm 9", "----"}) {
    EXPECT_EQ(decoded(text), std::nullopt) << text;
    EXPECT_EQ(base::from_base64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace static_link
