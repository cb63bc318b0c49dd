// Text forms of bytes.
#include "lib/base/encoding.h"

#include <gtest/gtest.h>

namespace base {
namespace {

using namespace std::string_literals;

const std::string kAllBytes = [] {
  std::string all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
  return all;
}();

TEST(Hex, IsLowerCaseAndReadsBothCases) {
  EXPECT_EQ(to_hex("\x00\x7f\xff"s), "007fff");
  EXPECT_EQ(from_hex("007FfF"), "\x00\x7f\xff"s);
  EXPECT_EQ(from_hex(to_hex(kAllBytes)), kAllBytes);
}

TEST(Hex, RefusesOddLengthsAndOtherLetters) {
  EXPECT_EQ(from_hex("abc"), std::nullopt);
  EXPECT_EQ(from_hex("0g"), std::nullopt);
  EXPECT_EQ(from_hex(""), "");
}

// Verified: RFC 4648, section 10.
TEST(Base64, GivesTheVectorsOfItsRfc) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, ReadsBackEveryLength) {
  for (std::size_t size = 0; size <= kAllBytes.size(); ++size) {
    EXPECT_EQ(from_base64(to_base64(kAllBytes.substr(0, size))), kAllBytes.substr(0, size));
  }
}

TEST(Base64, RefusesWhatIsNotBase64) {
  EXPECT_EQ(from_base64("Zm9v!mFy"), std::nullopt);
  EXPECT_EQ(from_base64("not base64"), std::nullopt);
}

TEST(PercentEncode, KeepsTheUnreservedAndWritesUpperCase) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode("a b+c/d=é"), "a%20b%2Bc%2Fd%3D%C3%A9");
  EXPECT_EQ(percent_encode("a/b c", true), "a/b%20c");
}

TEST(PercentDecode, UndoesTheEncodingOfEveryByte) {
  EXPECT_EQ(percent_decode(percent_encode(kAllBytes)), kAllBytes);
}

TEST(PercentDecode, LeavesMalformedEscapesAndReadsOneAtTheEnd) {
  EXPECT_EQ(percent_decode("100%"), "100%");
  EXPECT_EQ(percent_decode("%4"), "%4");
  EXPECT_EQ(percent_decode("%zz%41"), "%zzA");
  EXPECT_EQ(percent_decode("a+b"), "a+b");
}

TEST(FormDecode, ReadsAPlusAsASpace) { EXPECT_EQ(form_decode("a+b%2Bc"), "a b+c"); }

TEST(IsUtf8, TakesWellFormedText) {
  for (const std::string_view text : {"", "beer", "é", "€", "🍺", "\xf4\x8f\xbf\xbf", "🍺x"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
}

TEST(IsUtf8, RefusesBrokenOverlongSurrogateAndTooLargeForms) {
  for (const std::string_view text :
       {"\x80", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xed\xa0\x80",
        "\xf4\x90\x80\x80", "\xff", "a\xe2\x82", "\xe2\x28\xa1"}) {
    EXPECT_FALSE(is_utf8(text)) << to_hex(text);
  }
}

TEST(Text, LowersAndComparesAsciiOnly) {
  EXPECT_EQ(to_lower("X-AMZ-Ä"), "x-amz-Ä");
  EXPECT_TRUE(iequals("Content-Type", "content-TYPE"));
  EXPECT_FALSE(iequals("a", "ab"));
}

TEST(Text, TrimsBothEnds) {
  EXPECT_EQ(trim(" \t two words\r\n"), "two words");
  EXPECT_EQ(trim(" \n "), "");
}

}  // namespace
}  // namespace base
