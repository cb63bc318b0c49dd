// AWS Signature Version 4: one canonicaliser, for those who sign and those who verify.
// Source: "Signature Version 4 signing process", AWS General Reference; S3's variants in its API reference.
#pragma once

#include "lib/base/clock.h"
#include "lib/http/message.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aws {

struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  ///< empty for long-term keys
};

/// "20260102/us-east-1/kinesis/aws4_request"
struct Scope {
  std::string date;  ///< yyyymmdd
  std::string region;
  std::string service;
  std::string text() const;
};

inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
inline constexpr std::string_view kStreamingPayload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
inline constexpr std::string_view kStreamingPayloadTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
inline constexpr std::string_view kStreamingUnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

/// Signs `request` by header: sets Host (from `host`), X-Amz-Date, X-Amz-Content-Sha256 (S3 only),
/// X-Amz-Security-Token (if any) and Authorization. The target must already be encoded as it will be
/// sent.
void sign(http::Request& request, std::string_view host, const Credentials& credentials,
          std::string_view region, std::string_view service, base::Timestamp now);

/// Adds X-Amz-… query parameters so that the URL alone authorises the call for `expires`. S3's way.
void presign(http::Request& request, std::string_view host, const Credentials& credentials,
             std::string_view region, std::string_view service, base::Timestamp now,
             std::chrono::seconds expires);

/// What a request says of its own signature.
struct SignatureClaim {
  std::string access_key_id;
  Scope scope;
  std::vector<std::string> signed_headers;  ///< lower case, sorted
  std::string signature;                    ///< hex
  base::Timestamp time;
  std::string session_token;
  std::string payload_hash;                 ///< X-Amz-Content-Sha256, or empty
  bool presigned = false;
  std::chrono::seconds expires{0};          ///< presigned only
};

/// Why a request's authorisation can't even be read.
struct MalformedSignature {
  enum class Kind { kMissing, kIncomplete, kBadDate, kBadCredential } kind;
  std::string detail;
};

/// Reads the Authorization header or the query parameters. Throws MalformedSignature.
SignatureClaim read_claim(const http::Request& request);

/// The canonical request of `request` under `claim`; for S3 paths are not encoded twice.
std::string canonical_request(const http::Request& request, const SignatureClaim& claim,
                              std::string_view payload_hash);
std::string string_to_sign(const SignatureClaim& claim, std::string_view canonical_request);

/// HMAC chain date → region → service → "aws4_request"; raw bytes.
std::string signing_key(std::string_view secret, const Scope& scope);

/// True when the signature is the one `secret` gives. `payload_hash` is the hash that was signed: the
/// header's word for S3, the body's hash otherwise.
bool verify(const http::Request& request, const SignatureClaim& claim, std::string_view secret,
            std::string_view payload_hash);

/// Signature of one chunk of an aws-chunked body, given the one before it.
std::string chunk_signature(std::string_view signing_key, const SignatureClaim& claim,
                            std::string_view previous_signature, std::string_view chunk);
/// Signature of the trailing headers of an aws-chunked body.
std::string trailer_signature(std::string_view signing_key, const SignatureClaim& claim,
                              std::string_view previous_signature, std::string_view trailer);

}  // namespace aws
