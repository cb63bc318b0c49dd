// Signing and verifying over the canonical request.
#include "lib/aws/sigv4.h"

#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "lib/base/time_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string hex_sha256(std::string_view bytes) { return base::to_hex(base::sha256(bytes)); }

std::string hash_of(const http::Body& body) {
  base::Digest digest(base::Digest::Kind::kSha256);
  body.for_each_piece([&](std::string_view piece) { digest.update(piece); });
  return base::to_hex(digest.finish());
}

/// Fields that are left out of a signature: those the way to AWS may change, and its own.
bool is_unsigned(std::string_view lower) {
  constexpr std::string_view kLeftOut[] = {
      "authorization", "connection",      "content-length",    "expect",
      "user-agent",    "x-amzn-trace-id", "transfer-encoding", "accept-encoding"};
  return std::find(std::begin(kLeftOut), std::end(kLeftOut), lower) != std::end(kLeftOut);
}

template <class Keep>
std::vector<std::string> header_names(const http::Headers& headers, Keep&& keep) {
  std::vector<std::string> names;
  for (const auto& [name, value] : headers) {
    std::string lower = base::to_lower(name);
    if (keep(lower)) names.push_back(std::move(lower));
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ";"));
}

SignatureClaim new_claim(const Credentials& credentials, std::string_view region,
                         std::string_view service, base::Timestamp now) {
  SignatureClaim claim;
  claim.access_key_id = credentials.access_key_id;
  claim.scope = {base::format_utc(now, "%Y%m%d"), std::string(region), std::string(service)};
  claim.time = now;
  claim.session_token = credentials.session_token;
  return claim;
}

std::string signature_of(const SignatureClaim& claim, std::string_view secret,
                         std::string_view canonical) {
  return base::to_hex(
      base::hmac_sha256(signing_key(secret, claim.scope), string_to_sign(claim, canonical)));
}

std::string chained(std::string_view kind, std::string_view key, const SignatureClaim& claim,
                    std::string_view previous, std::string_view hashes) {
  return base::to_hex(
      base::hmac_sha256(key, fmt::format("{}\n{}\n{}\n{}\n{}", kind, base::to_amz_date(claim.time),
                                         claim.scope.text(), previous, hashes)));
}

}  // namespace

std::string Scope::text() const {
  return fmt::format("{}/{}/{}/aws4_request", date, region, service);
}

std::string signing_key(std::string_view secret, const Scope& scope) {
  const std::string day = base::hmac_sha256(fmt::format("AWS4{}", secret), scope.date);
  const std::string region = base::hmac_sha256(day, scope.region);
  return base::hmac_sha256(base::hmac_sha256(region, scope.service), "aws4_request");
}

std::string string_to_sign(const SignatureClaim& claim, std::string_view canonical_request) {
  return fmt::format("{}\n{}\n{}\n{}", kAlgorithm, base::to_amz_date(claim.time),
                     claim.scope.text(), hex_sha256(canonical_request));
}

void sign(http::Request& request, std::string_view host, const Credentials& credentials,
          std::string_view region, std::string_view service, base::Timestamp now) {
  SignatureClaim claim = new_claim(credentials, region, service, now);
  request.headers.remove("Authorization");
  request.headers.set("Host", std::string(host));
  request.headers.set("X-Amz-Date", base::to_amz_date(now));
  if (!credentials.session_token.empty()) {
    request.headers.set("X-Amz-Security-Token", credentials.session_token);
  }
  std::string hash(request.headers.get("X-Amz-Content-Sha256"));
  if (hash.empty()) hash = hash_of(request.body);
  if (service == "s3") request.headers.set("X-Amz-Content-Sha256", hash);
  claim.signed_headers =
      header_names(request.headers, [](std::string_view name) { return !is_unsigned(name); });
  const std::string signature =
      signature_of(claim, credentials.secret_access_key, canonical_request(request, claim, hash));
  request.headers.set("Authorization",
                      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm,
                                  claim.access_key_id, claim.scope.text(),
                                  joined(claim.signed_headers), signature));
}

void presign(http::Request& request, std::string_view host, const Credentials& credentials,
             std::string_view region, std::string_view service, base::Timestamp now,
             std::chrono::seconds expires) {
  SignatureClaim claim = new_claim(credentials, region, service, now);
  request.headers.set("Host", std::string(host));
  claim.signed_headers = header_names(request.headers, [](std::string_view name) {
    return name == "host" || name.starts_with("x-amz-");
  });
  const auto add = [&](std::string_view name, std::string_view value) {
    const char separator = request.target.find('?') == std::string::npos ? '?' : '&';
    request.target += fmt::format("{}{}={}", separator, name, base::percent_encode(value));
  };
  add("X-Amz-Algorithm", kAlgorithm);
  add("X-Amz-Credential", claim.access_key_id + "/" + claim.scope.text());
  add("X-Amz-Date", base::to_amz_date(now));
  add("X-Amz-Expires", std::to_string(expires.count()));
  if (!credentials.session_token.empty()) add("X-Amz-Security-Token", credentials.session_token);
  add("X-Amz-SignedHeaders", joined(claim.signed_headers));
  const std::string hash = service == "s3" ? std::string(kUnsignedPayload) : hash_of(request.body);
  add("X-Amz-Signature",
      signature_of(claim, credentials.secret_access_key, canonical_request(request, claim, hash)));
}

bool verify(const http::Request& request, const SignatureClaim& claim, std::string_view secret,
            std::string_view payload_hash) {
  // A signature that doesn't bind the host could be replayed against another.
  if (!std::binary_search(claim.signed_headers.begin(), claim.signed_headers.end(), "host")) {
    return false;
  }
  return base::constant_time_equal(
      signature_of(claim, secret, canonical_request(request, claim, payload_hash)),
      claim.signature);
}

std::string chunk_signature(std::string_view signing_key, const SignatureClaim& claim,
                            std::string_view previous_signature, std::string_view chunk) {
  static const std::string kHashOfNothing = hex_sha256("");
  return chained("AWS4-HMAC-SHA256-PAYLOAD", signing_key, claim, previous_signature,
                 kHashOfNothing + "\n" + hex_sha256(chunk));
}

std::string trailer_signature(std::string_view signing_key, const SignatureClaim& claim,
                              std::string_view previous_signature, std::string_view trailer) {
  return chained("AWS4-HMAC-SHA256-TRAILER", signing_key, claim, previous_signature,
                 hex_sha256(trailer));
}

}  // namespace aws
