// The digests S3 knows of a body, against published check values.
#include "engine/services/s3/checksums.h"

#include "engine/protocol/error.h"
#include "lib/base/encoding.h"

#include <gtest/gtest.h>

namespace engine::s3 {
namespace {

TEST(Crc64Nvme, HasThePublishedCheckValue) {
  EXPECT_EQ(base::crc64nvme("123456789"), 0xAE8B'1486'0A79'9888u);
}

TEST(Crc64Nvme, ContinuesWhereItStoppedAtAnyCut) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>(i * 7);
  const auto whole = base::crc64nvme(text);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(base::crc64nvme(std::string_view(text).substr(cut),
                        base::crc64nvme(std::string_view(text).substr(0, cut))), whole);
  }
}

TEST(Checksums, AreBigEndianInBase64) {
  const auto found = digest(http::Body("123456789"), {"CRC32", "CRC32C", "SHA1"});
  EXPECT_EQ(found.checksums.at("CRC32"), "y/Q5Jg==");   // CBF43926
  EXPECT_EQ(found.checksums.at("CRC32C"), "4waSgw==");  // E3069283
  EXPECT_EQ(found.checksums.at("SHA1"), "98O8HYCOBHMq32eZZczDTKeuNEE=");
  EXPECT_EQ(base::to_hex(found.md5), "25f9e794323b453885f5181f1b624d0b");
}

TEST(Checksums, OfALargeBodyAreThoseOfItsPieces) {
  std::string text(3'500'000, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * i / 7);
  Digester digester({"CRC64NVME", "SHA256"});
  for (std::size_t at = 0; at < text.size(); at += 1000) {
    digester.update(std::string_view(text).substr(at, 1000));
  }
  const auto pieces = digester.finish();
  const auto whole = digest(http::Body(text), {"CRC64NVME", "SHA256"});
  EXPECT_EQ(whole.md5, pieces.md5);
  EXPECT_EQ(whole.checksums, pieces.checksums);
  EXPECT_EQ(digest(http::Body(text), {}).md5, pieces.md5);
}

TEST(Checksums, ThatWereTakenWhileTheBodyCameInAreNotTakenAgain) {
  http::Body body("123456789");
  body.set_digests({{"MD5", std::string(16, 'm')}, {"CRC32", "crc!"}});
  const auto known = digest(body, {"CRC32"});
  EXPECT_EQ(known.md5, std::string(16, 'm'));
  EXPECT_EQ(known.checksums.at("CRC32"), base::to_base64("crc!"));
  EXPECT_EQ(digest(body, {"CRC32C"}).checksums.at("CRC32C"), "4waSgw==");
}

TEST(Checksums, AreToldByTheHeadOfAnUpload) {
  const auto of = [](const char* method, http::Headers headers) {
    return digests_of_upload({.method = method, .headers = std::move(headers)});
  };
  const std::string hash(64, 'a');
  using Names = std::vector<std::string>;
  EXPECT_EQ(of("PUT", {{"X-Amz-Content-Sha256", hash}}), (Names{"MD5", "SHA256", "CRC64NVME"}));
  EXPECT_EQ(of("PUT", {{"X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"},
                       {"x-amz-sdk-checksum-algorithm", "CRC32"}}),
            (Names{"MD5", "CRC32"}));
  EXPECT_EQ(of("PUT", {{"X-Amz-Content-Sha256", hash}, {"X-Amz-Checksum-Sha256", "x"}}),
            (Names{"MD5", "SHA256"}));
  EXPECT_EQ(of("PUT", {{"X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}}), Names{});
  EXPECT_EQ(of("POST", {{"X-Amz-Content-Sha256", hash}}), Names{});
}

TEST(Checksums, TellAWrongOneFromOneThatIsNone) {
  const auto found = digest(http::Body("123456789"), {"CRC32"});
  EXPECT_NO_THROW(verify(found, {{"CRC32", "y/Q5Jg=="}}, "JfnnlDI7RTiF9RgfG2JNCw=="));
  const auto code = [&](const Checksums& given, std::optional<std::string> md5) {
    try {
      verify(found, given, md5);
    } catch (const AwsError& error) {
      return error.code;
    }
    return std::string();
  };
  EXPECT_EQ(code({{"CRC32", "AAAAAA=="}}, std::nullopt), "BadDigest");
  EXPECT_EQ(code({{"CRC32", "AAAA"}}, std::nullopt), "InvalidRequest");
  EXPECT_EQ(code({}, "AAAAAAAAAAAAAAAAAAAAAA=="), "BadDigest");
  EXPECT_EQ(code({}, "nonsense"), "InvalidDigest");
}

TEST(Checksums, AreCrc64NvmeWhenNobodyAsksForAny) {
  EXPECT_EQ(wanted_algorithms({}, std::nullopt), std::vector<std::string>{"CRC64NVME"});
  EXPECT_EQ(wanted_algorithms({}, "SHA1"), std::vector<std::string>{"SHA1"});
  EXPECT_EQ(wanted_algorithms({{"SHA1", "x"}}, "SHA1"), std::vector<std::string>{"SHA1"});
}

}  // namespace
}  // namespace engine::s3
