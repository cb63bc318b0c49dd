// Hashes and checksums against published values.
#include "lib/base/digest.h"

#include "lib/base/encoding.h"

#include <gtest/gtest.h>

namespace base {
namespace {

// Verified: RFC 1321 A.5, FIPS 180 examples.
TEST(Digest, GivesThePublishedHashesOfAbc) {
  EXPECT_EQ(to_hex(md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(to_hex(sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, KnowsTheHashOfNothing) {
  EXPECT_EQ(to_hex(md5("")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// Verified: RFC 4231, test case 2.
TEST(Digest, GivesThePublishedHmac) {
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Digest, InPiecesIsTheSameAsAtOnce) {
  const std::string bytes(100'000, 'b');
  Digest digest(Digest::Kind::kSha256);
  for (std::size_t at = 0; at < bytes.size(); at += 777) {
    digest.update(std::string_view(bytes).substr(at, 777));
  }
  EXPECT_EQ(digest.finish(), sha256(bytes));
  EXPECT_EQ(Digest(Digest::Kind::kMd5).finish(), md5(""));
  EXPECT_EQ(Digest(Digest::Kind::kSha1).finish(), sha1(""));
}

// Verified: the check values of CRC-32/ISO-HDLC and CRC-32/ISCSI, and RFC 3720 B.4 for 32 zeros.
TEST(Crc, GivesThePublishedCheckValues) {
  EXPECT_EQ(crc32("123456789"), 0xcbf43926u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(""), 0u);
}

TEST(Crc, GoesOnFromWhereItStoppedAtAnyByte) {
  const std::string text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), crc32c(text));
    EXPECT_EQ(crc32(text.substr(cut), crc32(text.substr(0, cut))), crc32(text));
  }
}

TEST(ConstantTimeEqual, ComparesAllBytesAndTheLength) {
  EXPECT_TRUE(constant_time_equal("abc", "abc"));
  EXPECT_FALSE(constant_time_equal("abc", "abd"));
  EXPECT_FALSE(constant_time_equal("abc", "ab"));
  EXPECT_TRUE(constant_time_equal("", ""));
}

}  // namespace
}  // namespace base
