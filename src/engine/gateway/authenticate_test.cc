// Signatures by header and by URL: who gets in, and what the others are told.
#include "engine/gateway/authenticate.h"

#include "engine/gateway/test_gateway.h"

#include <gmock/gmock.h>

namespace engine {
namespace {

using namespace std::chrono_literals;

using Authenticate = GatewayTest;

const aws::Credentials kWrongSecret{"AKIAIOSFODNN7EXAMPLE", "wrong", {}};
const aws::Credentials kUnknown{"AKIANOBODY", "wrong", {}};

TEST_F(Authenticate, RefusesAWrongSecretInEachServicesWords) {
  EXPECT_EQ(outcome(sign(record(), "kinesis", kWrongSecret)), "400 InvalidSignatureException");
  EXPECT_EQ(outcome(sign(put("/b/k", "x"), "s3", kWrongSecret)), "403 SignatureDoesNotMatch");
  EXPECT_EQ(outcome(sign(identity(), "sts", kWrongSecret)), "403 SignatureDoesNotMatch");
  EXPECT_EQ(seen.calls, 0);
}

TEST_F(Authenticate, RefusesAnUnknownKey) {
  EXPECT_EQ(outcome(sign(record(), "kinesis", kUnknown)), "400 UnrecognizedClientException");
  EXPECT_EQ(outcome(sign(put("/b/k", "x"), "s3", kUnknown)), "403 InvalidAccessKeyId");
  EXPECT_EQ(outcome(sign(identity(), "sts", kUnknown)), "403 InvalidClientTokenId");
}

TEST_F(Authenticate, RefusesASignatureMadeForAnotherService) {
  EXPECT_EQ(outcome(sign(record(), "sts")), "400 InvalidSignatureException");
  EXPECT_EQ(outcome(sign(record(), "s3")), "400 InvalidSignatureException");
  EXPECT_EQ(seen.calls, 0);
}

TEST_F(Authenticate, RefusesTheUnsigned) {
  EXPECT_EQ(outcome(record()), "400 MissingAuthenticationTokenException");
  EXPECT_EQ(outcome(put("/b/k", "x")), "403 AccessDenied");
  EXPECT_EQ(seen.calls, 0);
}

TEST_F(Authenticate, RefusesAHalfSignature) {
  auto request = sign(record(), "kinesis");
  request.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101");
  EXPECT_EQ(outcome(request), "400 IncompleteSignatureException");
}

TEST_F(Authenticate, RefusesAClockMoreThanAQuarterOfAnHourOff) {
  EXPECT_EQ(outcome(sign(record(), "kinesis", kKeys, -14min)), "200 ");
  EXPECT_EQ(outcome(sign(record(), "kinesis", kKeys, 14min)), "200 ");
  EXPECT_EQ(outcome(sign(record(), "kinesis", kKeys, -16min)), "400 InvalidSignatureException");
  EXPECT_EQ(outcome(sign(record(), "kinesis", kKeys, 16min)), "400 InvalidSignatureException");
  EXPECT_EQ(outcome(sign(put("/b/k", "x"), "s3", kKeys, -16min)), "403 RequestTimeTooSkewed");
}

TEST_F(Authenticate, SaysInAwssWordsHowFarAClockIsOff) {
  const auto told = [&](const http::Request& request) { return handle(request).body.string(); };
  const std::string time = "[0-9]{8}T[0-9]{6}Z";
  EXPECT_THAT(told(sign(record(), "kinesis", kKeys, -16min)),
              testing::ContainsRegex("Signature expired: " + time + " is now earlier than " + time + " .(" + time + " - 15 min..)"));
  EXPECT_THAT(told(sign(record(), "kinesis", kKeys, 16min)),
              testing::ContainsRegex("Signature not yet current: " + time + " is still later than " + time + " .(" + time + " . 15 min..)"));
  EXPECT_THAT(told(sign(put("/b/k", "x"), "s3", kKeys, 16min)),
              testing::AllOf(testing::HasSubstr("The difference between the request time and the current time is too large."),
                             testing::HasSubstr("<MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>")));
}

TEST_F(Authenticate, RefusesATamperedBody) {
  auto json = sign(record(), "kinesis");
  json.body = std::string(R"({"StreamName":"wine","PartitionKey":"k","Data":"YmVlcg=="})");
  EXPECT_EQ(outcome(json), "400 InvalidSignatureException");
  auto object = sign(put("/b/k", "beer"), "s3");
  object.body = std::string("wine");
  EXPECT_EQ(outcome(object), "400 XAmzContentSHA256Mismatch");
  EXPECT_EQ(seen.calls, 0);
}

TEST_F(Authenticate, RefusesATamperedTargetOrHeader) {
  auto request = sign(put("/b/k", "x"), "s3");
  request.target = "/b/other";
  EXPECT_EQ(outcome(request), "403 SignatureDoesNotMatch");
  request = sign(put("/b/k?x=1", "x"), "s3");
  request.target = "/b/k?x=2";
  EXPECT_EQ(outcome(request), "403 SignatureDoesNotMatch");
  auto record_request = sign(record(), "kinesis");
  record_request.headers.set("X-Amz-Target", "Kinesis_20131202.ListStreams");
  EXPECT_EQ(outcome(record_request), "400 InvalidSignatureException");
}

TEST_F(Authenticate, TakesAnUnsignedPayloadFromS3sClients) {
  auto request = put("/b/k", "beer");
  request.headers.set("X-Amz-Content-Sha256", std::string(aws::kUnsignedPayload));
  EXPECT_EQ(outcome(sign(request, "s3")), "200 ");
  EXPECT_EQ(seen.body, "beer");
}

TEST_F(Authenticate, LetsAPresignedUrlIn) {
  http::Request request{.target = "/b/a%20k"};
  aws::presign(request, kHost, kKeys, "us-east-1", "s3", base::system_clock().now(), 60s);
  EXPECT_EQ(outcome(request), "200 ");
  EXPECT_EQ(seen.key, "a k");
  request = put("/b/k", "beer");
  aws::presign(request, kHost, kKeys, "us-east-1", "s3", base::system_clock().now(), 60s);
  EXPECT_EQ(outcome(request), "200 ");
  EXPECT_EQ(seen.body, "beer");
}

TEST_F(Authenticate, RefusesAPresignedUrlThatExpiredOrWasTurned) {
  const auto presigned = [](std::chrono::seconds ago, std::chrono::seconds expires,
                            const aws::Credentials& as = kKeys) {
    http::Request request{.target = "/b/k"};
    aws::presign(request, kHost, as, "us-east-1", "s3", base::system_clock().now() - ago, expires);
    return request;
  };
  EXPECT_EQ(outcome(presigned(50s, 60s)), "200 ");
  EXPECT_EQ(outcome(presigned(70s, 60s)), "403 AccessDenied");
  EXPECT_EQ(outcome(presigned(48h, 72h)), "200 ");
  EXPECT_EQ(outcome(presigned(0s, 8 * 24h)), "400 AuthorizationQueryParametersError");
  EXPECT_EQ(outcome(presigned(-1h, 60s)), "403 RequestTimeTooSkewed");
  EXPECT_EQ(outcome(presigned(0s, 60s, kWrongSecret)), "403 SignatureDoesNotMatch");
  auto request = presigned(0s, 60s);
  request.method = "PUT";
  EXPECT_EQ(outcome(request), "403 SignatureDoesNotMatch");
}

/// URLs as botocore 1.x makes them unless it is told to use version 4, all ending at second
/// 1900000000.
class AuthenticateV2 : public GatewayTest {
 protected:
  http::Request request(const std::string& method, const std::string& target,
                        const std::string& host = kHost) {
    return {.method = method, .target = target, .headers = {{"Host", host}}};
  }
  std::string code(const http::Request& request, std::int64_t now = 1'899'999'999) {
    try {
      return authenticate(request, s3, keys, Timestamp(std::chrono::seconds(now)), folder.path())
          .access_key_id;
    } catch (const AwsError& error) {
      return error.code;
    }
  }
  static constexpr const char* kGet =
      "/lake/a%20k/%C3%BC?response-content-type=text%2Fplain&AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE"
      "&Signature=KcjeC7fj%2BuIJONNJJZY%2Bmi0oAis%3D&Expires=1900000000";
  const ServiceDefinition s3 = services()[0];
};

TEST_F(AuthenticateV2, LetsPresignedUrlsIn) {
  EXPECT_EQ(code(request("GET", kGet)), kKeys.access_key_id);
  auto put = request(
      "PUT",
      "/lake/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=ajfCr7%2B69xiL%2Bg2QLiQQrIjqJDE%3D"
      "&content-type=text%2Fx&x-amz-meta-a=b%20c&Expires=1900000000");
  put.headers.set("Content-Type", "text/x");
  EXPECT_EQ(code(put), kKeys.access_key_id);
  EXPECT_EQ(
      code(request("GET",
                   "/k?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=E9E6uKimph1AB1xyB9TF8Vlaf38%3D"
                   "&Expires=1900000000",
                   "lake.s3.localhost:4566")),
      kKeys.access_key_id);
}

TEST_F(AuthenticateV2, TakesABucketSignedWithASlashBehindIt) {
  const std::string rest =
      "?list-type=2&AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=al7Rtl7M%2B526Ei5JJm2LHdfg93Q%3D"
      "&Expires=1900000000";
  EXPECT_EQ(code(request("GET", "/lake" + rest)), kKeys.access_key_id);
  EXPECT_EQ(code(request("GET", "/lake/" + rest)), kKeys.access_key_id);
  EXPECT_EQ(code(request("GET", "/lake/k" + rest)), "SignatureDoesNotMatch");
}

TEST_F(AuthenticateV2, RefusesThemTooLateTurnedOrOfSomebodyElse) {
  EXPECT_EQ(code(request("GET", kGet), 1'900'000'001), "AccessDenied");
  EXPECT_EQ(code(request("DELETE", kGet)), "SignatureDoesNotMatch");
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string target = kGet;
    target.replace(target.find(from), from.size(), to);
    return request("GET", target);
  };
  EXPECT_EQ(code(with("/lake", "/cellar")), "SignatureDoesNotMatch");
  EXPECT_EQ(code(with("text%2Fplain", "text%2Fhtml")), "SignatureDoesNotMatch");
  EXPECT_EQ(code(with("response-content-type", "acl&response-content-type")),
            "SignatureDoesNotMatch");
  EXPECT_EQ(code(with("1900000000", "1900000001")), "SignatureDoesNotMatch");
  EXPECT_EQ(code(with("1900000000", "tomorrow")), "AccessDenied");
  EXPECT_EQ(code(with("AKIAIOSFODNN7EXAMPLE", "AKIANOBODY")), "InvalidAccessKeyId");
  auto more = request("GET", kGet);
  more.headers.set("x-amz-copy-source", "/cellar/secret");
  EXPECT_EQ(code(more), "SignatureDoesNotMatch");
}

TEST_F(AuthenticateV2, SaysThatItsHeaderIsNotSupported) {
  auto old = put("/b/k", "x");
  old.headers.set("Authorization", "AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=");
  EXPECT_EQ(outcome(old), "400 InvalidRequest");
}

}  // namespace
}  // namespace engine
