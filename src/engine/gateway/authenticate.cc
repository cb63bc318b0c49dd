// Who sends this request?
#include "engine/gateway/authenticate.h"

#include "engine/gateway/chunked.h"
#include "engine/gateway/gateway.h"
#include "engine/gateway/presigned_v2.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "lib/base/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace engine {
namespace {

constexpr auto kAllowedSkew = std::chrono::minutes(15);

/// What can be wrong, in the words each family of services has for it.
struct Refusals {
  const ServiceDefinition& service;

  bool is_s3() const { return service.protocol == Protocol::kRestXml; }
  bool is_query() const { return service.protocol == Protocol::kQuery; }
  /// awsJson answers 400, everything else 403.
  int status() const {
    const Protocol protocol = service.protocol;
    const bool json = protocol == Protocol::kAwsJson10 || protocol == Protocol::kAwsJson11;
    return json || protocol == Protocol::kAwsCbor11 ? 400 : 403;
  }

  AwsError missing() const {
    if (is_s3()) return {"AccessDenied", "Access Denied", 403};
    return {is_query() ? "MissingAuthenticationToken" : "MissingAuthenticationTokenException",
            is_query() ? "Request is missing Authentication Token" : "Missing Authentication Token", status()};
  }
  AwsError incomplete(const std::string& detail, bool presigned) const {
    if (is_s3() && presigned) return {"AuthorizationQueryParametersError", detail, 400};
    if (is_s3()) return {"AuthorizationHeaderMalformed", "The authorization header is malformed; " + detail, 400};
    return {is_query() ? "IncompleteSignature" : "IncompleteSignatureException", detail, status()};
  }
  /// S3 and the other services without a target are found by this very name.
  AwsError other_scope() const {
    return {"InvalidSignatureException",
            fmt::format("Credential should be scoped to correct service: '{}'.", service.signing_name), status()};
  }
  AwsError unknown_key(const std::string& id) const {
    if (is_s3()) {
      return {"InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403,
              {{"AWSAccessKeyId", id}}};
    }
    return {is_query() ? "InvalidClientTokenId" : "UnrecognizedClientException",
            "The security token included in the request is invalid.", status()};
  }
  /// A temporary key without its token, or with another's.
  AwsError unknown_token(const std::string& id) const {
    if (is_s3()) return {"InvalidToken", "The provided token is malformed or otherwise invalid.", 400};
    return unknown_key(id);
  }
  AwsError expired_token() const {
    if (is_s3()) return {"ExpiredToken", "The provided token has expired.", 400};
    return {is_query() ? "ExpiredToken" : "ExpiredTokenException",
            "The security token included in the request is expired", status()};
  }
  AwsError bad_signature() const {
    if (is_s3()) {
      return {"SignatureDoesNotMatch",
              "The request signature we calculated does not match the signature you provided. Check your key and "
              "signing method.", 403};
    }
    return {is_query() ? "SignatureDoesNotMatch" : "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details.", status()};
  }
  AwsError skewed(Timestamp sent, Timestamp now) const {
    if (is_s3()) {
      return {"RequestTimeTooSkewed", "The difference between the request time and the current time is too large.",
              403, {{"RequestTime", base::to_amz_date(sent)}, {"ServerTime", base::to_iso8601(now)},
                    {"MaxAllowedSkewMilliseconds", std::to_string(base::Milliseconds(kAllowedSkew).count())}}};
    }
    const bool late = sent < now;
    return {is_query() ? "SignatureDoesNotMatch" : "InvalidSignatureException",
            fmt::format("Signature {}: {} is {} than {} ({} {} 15 min.)", late ? "expired" : "not yet current",
                        base::to_amz_date(sent), late ? "now earlier" : "still later",
                        base::to_amz_date(late ? now - kAllowedSkew : now + kAllowedSkew), base::to_amz_date(now),
                        late ? "-" : "+"),
            status()};
  }
  AwsError too_old() const {
    return {"InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.", 400};
  }
  AwsError expired() const { return {"AccessDenied", "Request has expired", 403}; }
};

/// Whom the key belongs to. One that is over is told only who has signed well.
Identity who_has(const KeyStore& keys, const std::string& id, const std::string& token, Timestamp now,
                 const Refusals& refusals) {
  auto who = keys.find(id, token, now);
  if (!who) throw token.empty() ? refusals.unknown_key(id) : refusals.unknown_token(id);
  return std::move(*who);
}

aws::SignatureClaim claim_of(const http::Request& request, const Refusals& refusals) {
  try {
    return aws::read_claim(request);
  } catch (const aws::MalformedSignature& malformed) {
    if (malformed.kind == aws::MalformedSignature::Kind::kMissing) throw refusals.missing();
    throw refusals.incomplete(malformed.detail, !request.headers.has("authorization"));
  }
}

void check_time(const aws::SignatureClaim& claim, Timestamp now, const Refusals& refusals) {
  if (claim.presigned) {
    if (claim.time > now + kAllowedSkew) throw refusals.skewed(claim.time, now);
    if (now > claim.time + claim.expires) throw refusals.expired();
    return;
  }
  if (claim.time > now + kAllowedSkew || claim.time < now - kAllowedSkew) throw refusals.skewed(claim.time, now);
}

std::string body_hash(const http::Body& body) {
  if (const std::string* known = body.find_digest("SHA256")) return base::to_hex(*known);
  base::Digest digest(base::Digest::Kind::kSha256);
  body.for_each_piece([&](std::string_view piece) { digest.update(piece); });
  return base::to_hex(digest.finish());
}

/// The hash that was signed. S3 signs what the header says; the others sign the body itself.
std::string signed_hash(const http::Request& request, const aws::SignatureClaim& claim, bool is_s3) {
  if (!is_s3) return body_hash(request.body);
  if (claim.presigned && claim.payload_hash.empty()) return std::string(aws::kUnsignedPayload);
  return claim.payload_hash;
}

bool is_streaming(std::string_view hash) { return hash.starts_with("STREAMING-"); }

std::optional<std::uint64_t> decoded_length(const http::Request& request) {
  const auto text = request.headers.find("x-amz-decoded-content-length");
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) {
    throw AwsError("InvalidArgument", "x-amz-decoded-content-length is not a number");
  }
  return value;
}

/// What x-amz-trailer announces, and the signature covers, must have come.
void check_trailers(const http::Request& request, const http::Headers& trailers) {
  std::string_view names = request.headers.get("x-amz-trailer");
  while (!names.empty()) {
    const auto comma = std::min(names.find(','), names.size());
    const std::string_view name = base::trim(names.substr(0, comma));
    if (!name.empty() && !trailers.has(name)) {
      throw AwsError("MalformedTrailerError",
                     "The request contained trailing data that was not well-formed or did not conform to our published "
                     "schema.");
    }
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
}

/// S3's first signature version: its presigned URLs are served, its Authorization header is not.
std::optional<Caller> authenticate_v2(const http::Request& request, const Refusals& refusals, const KeyStore& keys,
                                      Timestamp now) {
  const std::string_view authorization = request.headers.get("authorization");
  if (authorization.starts_with("AWS ")) throw refusals.too_old();
  const auto claim = authorization.empty() ? read_presigned_v2(request) : std::nullopt;
  if (!claim) return std::nullopt;
  Identity who = who_has(keys, claim->access_key_id, claim->token, now, refusals);
  const auto end = claim->end();
  if (!end) throw AwsError("AccessDenied", "Invalid date (should be seconds since epoch): " + claim->expires, 403);
  if (now > *end) throw refusals.expired();
  if (!verify_presigned_v2(request, *claim, who.secret, virtual_host_bucket(request.headers.get("host")))) {
    throw refusals.bad_signature();
  }
  if (who.expired) throw refusals.expired_token();
  return Caller{claim->access_key_id, std::move(who), request.body, {}};
}

/// Neither a header nor a query that could be a signature.
bool is_unsigned(const http::Request& request) {
  if (request.headers.has("authorization")) return false;
  for (const auto& [name, value] : http::parse_query(request.query())) {
    if (name.starts_with("X-Amz-") || name == "AWSAccessKeyId" || name == "Signature") return false;
  }
  return true;
}

Caller anonymous(const http::Request& request, const std::string& spool_dir) {
  Caller caller;
  caller.who.kind = Identity::Kind::kAnonymous;
  caller.who.arn = "anonymous";
  caller.body = request.body;
  if (request.headers.get("x-amz-content-sha256") != aws::kStreamingUnsignedTrailer) return caller;
  DecodedBody decoded = decode_chunked(request.body, std::nullopt, decoded_length(request), spool_dir);
  check_trailers(request, decoded.trailers);
  caller.body = std::move(decoded.body);
  caller.trailers = std::move(decoded.trailers);
  return caller;
}

}  // namespace

Caller authenticate(const http::Request& request, const ServiceDefinition& service, const KeyStore& keys,
                    Timestamp now, const std::string& spool_dir) {
  const Refusals refusals{service};
  if (refusals.is_s3()) {
    if (is_unsigned(request) && !service.signing_name.empty()) return anonymous(request, spool_dir);
    if (auto caller = authenticate_v2(request, refusals, keys, now)) return std::move(*caller);
  }
  const aws::SignatureClaim claim = claim_of(request, refusals);
  // A signature made for one service is not good for another. The engine's own pages take any.
  const bool scoped = !service.signing_name.empty() && !claim.scope.service.empty();
  if (scoped && claim.scope.service != service.signing_name) throw refusals.other_scope();
  Identity who = who_has(keys, claim.access_key_id, claim.session_token, now, refusals);
  check_time(claim, now, refusals);

  const std::string hash = signed_hash(request, claim, refusals.is_s3());
  if (refusals.is_s3() && hash.empty()) {
    throw AwsError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  }
  if (!aws::verify(request, claim, who.secret, hash)) throw refusals.bad_signature();
  if (who.expired) throw refusals.expired_token();

  Caller caller{claim.access_key_id, std::move(who), request.body, {}};
  if (!refusals.is_s3() || hash == aws::kUnsignedPayload) return caller;
  if (!is_streaming(hash)) {
    if (body_hash(request.body) != hash) {
      throw AwsError("XAmzContentSHA256Mismatch",
                     "The provided 'x-amz-content-sha256' header does not match what was computed.");
    }
    return caller;
  }
  std::optional<ChunkKey> key;
  if (hash != aws::kStreamingUnsignedTrailer) key = {aws::signing_key(caller.who.secret, claim.scope), claim};
  DecodedBody decoded = decode_chunked(request.body, key, decoded_length(request), spool_dir);
  check_trailers(request, decoded.trailers);
  caller.body = std::move(decoded.body);
  caller.trailers = std::move(decoded.trailers);
  return caller;
}

}  // namespace engine
