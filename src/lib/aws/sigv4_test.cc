// Signature Version 4 against AWS's published examples, and signer against verifier.
#include "lib/aws/sigv4.h"

#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "lib/base/time_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace aws {
namespace {

using testing::HasSubstr;
using Kind = MalformedSignature::Kind;

const std::string kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const std::string kS3Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const std::string kEmptyHash = base::to_hex(base::sha256(""));

base::Timestamp at(std::string_view amz_date) { return *base::from_amz_date(amz_date); }

std::string hash_of(const http::Request& request) {
  return base::to_hex(base::sha256(request.body.string()));
}

Kind kind_of(const http::Request& request) {
  try {
    read_claim(request);
  } catch (const MalformedSignature& malformed) {
    return malformed.kind;
  }
  throw std::logic_error("the claim was read");
}

// Verified: "Create a signed AWS API request", the ListUsers example.
http::Request list_users() {
  http::Request request;
  request.target = "/?Action=ListUsers&Version=2010-05-08";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  return request;
}

TEST(SigV4, GivesTheSignatureOfAwssListUsersExample) {
  http::Request request = list_users();
  sign(request, "iam.amazonaws.com", {"AKIDEXAMPLE", kSecret, ""}, "us-east-1", "iam",
       at("20150830T123600Z"));
  EXPECT_EQ(request.headers.get("Authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
  const SignatureClaim claim = read_claim(request);
  EXPECT_EQ(base::to_hex(base::sha256(canonical_request(request, claim, kEmptyHash))),
            "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
  EXPECT_EQ(base::to_hex(signing_key(kSecret, claim.scope)),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}

// Verified: "Authenticating requests: examples", Amazon S3 API reference.
http::Request s3_example(std::string method, std::string target) {
  http::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  return request;
}

std::string s3_signature(http::Request request) {
  sign(request, "examplebucket.s3.amazonaws.com", {"AKIAIOSFODNN7EXAMPLE", kS3Secret, ""},
       "us-east-1", "s3", at("20130524T000000Z"));
  return read_claim(request).signature;
}

TEST(SigV4, GivesTheSignatureOfS3sGetObjectExample) {
  http::Request request = s3_example("GET", "/test.txt");
  request.headers.add("Range", "bytes=0-9");
  EXPECT_EQ(s3_signature(request),
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SigV4, GivesTheSignatureOfS3sPutObjectExample) {
  http::Request request = s3_example("PUT", "/test$file.text");
  request.headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                     {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  request.body = std::string("Welcome to Amazon S3.");
  EXPECT_EQ(s3_signature(request),
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SigV4, GivesTheSignatureOfS3sLifecycleExampleWhoseQueryHasNoValue) {
  EXPECT_EQ(s3_signature(s3_example("GET", "/?lifecycle")),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(SigV4, GivesTheSignatureOfS3sListObjectsExampleInAnyOrder) {
  const std::string expected = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
  EXPECT_EQ(s3_signature(s3_example("GET", "/?max-keys=2&prefix=J")), expected);
  EXPECT_EQ(s3_signature(s3_example("GET", "/?prefix=J&max-keys=2")), expected);
}

TEST(SigV4, GivesTheSignatureOfS3sPresignedExample) {
  http::Request request = s3_example("GET", "/test.txt");
  presign(request, "examplebucket.s3.amazonaws.com", {"AKIAIOSFODNN7EXAMPLE", kS3Secret, ""},
          "us-east-1", "s3", at("20130524T000000Z"), std::chrono::hours(24));
  EXPECT_THAT(
      request.target,
      testing::EndsWith("&X-Amz-Signature="
                        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
  const SignatureClaim claim = read_claim(request);
  EXPECT_TRUE(claim.presigned);
  EXPECT_EQ(claim.expires, std::chrono::hours(24));
  EXPECT_TRUE(verify(request, claim, kS3Secret, claim.payload_hash));
}

// Verified: "Signature calculations for the Authorization header: transferring payload in multiple
// chunks", Amazon S3 API reference.
TEST(SigV4, GivesTheSignaturesOfS3sChunkedUploadExample) {
  http::Request request = s3_example("PUT", "/examplebucket/chunkObject.txt");
  request.headers = {
      {"Host", "s3.amazonaws.com"},
      {"x-amz-date", "20130524T000000Z"},
      {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
      {"Authorization",
       "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
       "SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
       "x-amz-decoded-content-length;x-amz-storage-class,"
       "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"},
      {"x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"},
      {"Content-Encoding", "aws-chunked"},
      {"x-amz-decoded-content-length", "66560"},
      {"Content-Length", "66824"}};
  const SignatureClaim claim = read_claim(request);
  EXPECT_EQ(claim.payload_hash, kStreamingPayload);
  EXPECT_TRUE(verify(request, claim, kS3Secret, claim.payload_hash));

  const std::string key = signing_key(kS3Secret, claim.scope);
  const std::string first = chunk_signature(key, claim, claim.signature, std::string(65536, 'a'));
  EXPECT_EQ(first, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648");
  const std::string second = chunk_signature(key, claim, first, std::string(1024, 'a'));
  EXPECT_EQ(second, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497");
  EXPECT_EQ(chunk_signature(key, claim, second, ""),
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9");
}

TEST(SigV4, EncodesPathsTwiceForAllButS3) {
  http::Request request = s3_example("GET", "/2015-03-31/functions/arn%3Aaws%3Ax:y/a%20b");
  SignatureClaim claim;
  claim.scope.service = "lambda";
  EXPECT_THAT(canonical_request(request, claim, ""),
              HasSubstr("\n/2015-03-31/functions/arn%253Aaws%253Ax%3Ay/a%2520b\n"));
  claim.scope.service = "s3";
  EXPECT_THAT(canonical_request(request, claim, ""),
              HasSubstr("\n/2015-03-31/functions/arn%3Aaws%3Ax%3Ay/a%20b\n"));
}

TEST(SigV4, NormalisesPathsForAllButS3) {
  http::Request request = s3_example("GET", "/a//b/./../c/");
  SignatureClaim claim;
  claim.scope.service = "lambda";
  EXPECT_THAT(canonical_request(request, claim, ""), HasSubstr("\n/a/c/\n"));
  claim.scope.service = "s3";
  EXPECT_THAT(canonical_request(request, claim, ""), HasSubstr("\n/a//b/./../c/\n"));
}

TEST(SigV4, KeepsAnEncodedSlashApartFromASeparatorInS3) {
  SignatureClaim claim;
  claim.scope.service = "s3";
  EXPECT_THAT(canonical_request(s3_example("GET", "/b/x%2fy"), claim, ""),
              HasSubstr("\n/b/x%2Fy\n"));
}

TEST(SigV4, SortsByEncodedNameThenByEncodedValue) {
  SignatureClaim claim;
  claim.scope.service = "s3";
  EXPECT_THAT(canonical_request(s3_example("GET", "/?b=2&a=%7E&a=%24&B=1&a%3Db=c&a"), claim, ""),
              HasSubstr("\nB=1&a=&a=%24&a=~&a%3Db=c&b=2\n"));
}

TEST(SigV4, SqueezesSpacesInsideAHeaderAndJoinsRepeatedOnes) {
  http::Request request = s3_example("GET", "/");
  request.headers = {{"X-Amz-Meta-A", "  one   two  "}, {"x-amz-meta-a", "three"}};
  SignatureClaim claim;
  claim.signed_headers = {"x-amz-meta-a"};
  EXPECT_THAT(canonical_request(request, claim, ""), HasSubstr("\nx-amz-meta-a:one two,three\n"));
}

struct Nasty {
  std::string_view service, target;
};

class RoundTrip : public testing::TestWithParam<Nasty> {
 protected:
  http::Request signed_request() {
    http::Request request = s3_example("POST", std::string(GetParam().target));
    request.headers = {{"X-Amz-Meta-Note", " two  inner   spaces "}, {"User-Agent", "any"}};
    request.body = std::string("{}");
    sign(request, "localhost:4566", {"AKID/with+slash", kSecret, "token=="}, "sa-east-1",
         GetParam().service, at("20260102T030405Z"));
    return request;
  }
};

TEST_P(RoundTrip, IsVerifiedAndBreaksWithAnyChange) {
  http::Request request = signed_request();
  const SignatureClaim claim = read_claim(request);
  EXPECT_EQ(claim.access_key_id, "AKID/with+slash");
  EXPECT_EQ(claim.session_token, "token==");
  EXPECT_EQ(claim.scope.text(),
            fmt::format("20260102/sa-east-1/{}/aws4_request", GetParam().service));
  EXPECT_TRUE(verify(request, claim, kSecret, hash_of(request)));
  EXPECT_FALSE(verify(request, claim, kSecret + "x", hash_of(request)));
  EXPECT_FALSE(verify(request, claim, kSecret, kEmptyHash));
  http::Request other = request;
  other.target += request.query().empty() ? "?z" : "&z";
  EXPECT_FALSE(verify(other, claim, kSecret, hash_of(request)));
  other = request;
  other.method = "PUT";
  EXPECT_FALSE(verify(other, claim, kSecret, hash_of(request)));
  other = request;
  other.headers.set("Host", "elsewhere");
  EXPECT_FALSE(verify(other, claim, kSecret, hash_of(request)));
}

TEST_P(RoundTrip, IsVerifiedWhenPresigned) {
  http::Request request = s3_example("GET", std::string(GetParam().target));
  presign(request, "localhost:4566", {"AKID", kSecret, "to/ken+="}, "us-east-1", GetParam().service,
          at("20260102T030405Z"), std::chrono::seconds(60));
  const SignatureClaim claim = read_claim(request);
  EXPECT_EQ(claim.session_token, "to/ken+=");
  const std::string hash = claim.payload_hash.empty() ? kEmptyHash : claim.payload_hash;
  EXPECT_TRUE(verify(request, claim, kSecret, hash));
  EXPECT_FALSE(verify(request, claim, "other", hash));
}

INSTANTIATE_TEST_SUITE_P(
    SigV4, RoundTrip,
    testing::Values(Nasty{"kinesis", "/"}, Nasty{"s3", "/bucket/key?uploads"},
                    Nasty{"s3", "/bucket?prefix=a%2Fb&list-type=2&delimiter=%2F"},
                    Nasty{"s3", "/bucket/year=2026/month=01/part-0.parquet"},
                    Nasty{"s3", "/bucket/a//b/../c/./d"},
                    Nasty{"s3",
                          "/bucket/%E6%97%A5%E6%9C%AC%20%2B%25?partNumber=1&uploadId=x%3D%3D"},
                    Nasty{"s3", "/bucket/caf\xc3\xa9+plain"},
                    Nasty{"s3", "/bucket/(p)!*'?marker=a+b"}, Nasty{"s3", "/bucket/100%/x%zz"},
                    Nasty{"lambda", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Ax/invocations"},
                    Nasty{"lambda", "/2015-03-31/functions/arn:aws:lambda/versions?b=1&a=2"}));

TEST(ReadClaim, SaysWhatIsWrongWithAnAuthorization) {
  http::Request request = list_users();
  EXPECT_EQ(kind_of(request), Kind::kMissing);
  request.headers.set("Authorization", "Basic dXNlcg==");
  EXPECT_EQ(kind_of(request), Kind::kIncomplete);
  request.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=A/20260102/r/s/aws4_request");
  EXPECT_EQ(kind_of(request), Kind::kIncomplete);
  const std::string rest = ", SignedHeaders=host, Signature=00";
  request.headers.set("X-Amz-Date", "20260102T030405Z");
  request.headers.set("Authorization", "AWS4-HMAC-SHA256 Credential=A/20260102/r/s" + rest);
  EXPECT_EQ(kind_of(request), Kind::kBadCredential);
  request.headers.set("Authorization",
                      "AWS4-HMAC-SHA256 Credential=A/20260103/r/s/aws4_request" + rest);
  EXPECT_EQ(kind_of(request), Kind::kBadCredential);
  request.headers.set("X-Amz-Date", "yesterday");
  EXPECT_EQ(kind_of(request), Kind::kBadDate);
}

TEST(ReadClaim, SaysWhatIsWrongWithAPresignedLink) {
  EXPECT_EQ(kind_of(s3_example("GET", "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256")), Kind::kIncomplete);
  http::Request request = s3_example("GET", "/b/k");
  presign(request, "h", {"A", "S", ""}, "r", "s3", at("20260102T030405Z"), std::chrono::hours(200));
  EXPECT_EQ(kind_of(request), Kind::kIncomplete);
}

TEST(Verify, RefusesASignatureThatDoesNotBindTheHost) {
  http::Request request = s3_example("GET", "/");
  request.headers = {{"X-Amz-Date", "20260102T030405Z"},
                     {"Authorization",
                      "AWS4-HMAC-SHA256 Credential=A/20260102/r/s/aws4_request, "
                      "SignedHeaders=x-amz-date, Signature=00"}};
  SignatureClaim claim = read_claim(request);
  const std::string canonical = canonical_request(request, claim, kEmptyHash);
  claim.signature = base::to_hex(
      base::hmac_sha256(signing_key("secret", claim.scope), string_to_sign(claim, canonical)));
  EXPECT_FALSE(verify(request, claim, "secret", kEmptyHash));
}

}  // namespace
}  // namespace aws
