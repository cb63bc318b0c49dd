// Reading what a request says of its own signature.
//
//   Authorization: AWS4-HMAC-SHA256 Credential=KEY/20260102/REGION/SERVICE/aws4_request,
//                  SignedHeaders=host;x-amz-date, Signature=HEX
//   or ?X-Amz-Algorithm=…&X-Amz-Credential=…&X-Amz-Date=…&X-Amz-Expires=…&X-Amz-SignedHeaders=…
//      &X-Amz-Signature=HEX
#include "lib/aws/sigv4.h"
#include "lib/base/encoding.h"
#include "lib/base/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

namespace aws {
namespace {

using Kind = MalformedSignature::Kind;
using Parameters = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::int64_t kLongestExpiry = 604'800;  // seven days

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

/// KEY/date/region/service/aws4_request; a key may hold slashes itself.
void read_credential(std::string_view text, SignatureClaim& claim) {
  const auto parts = split(text, '/');
  if (parts.size() < 5) {
    throw MalformedSignature{Kind::kBadCredential,
                             fmt::format("Credential must have exactly 5 slash-delimited elements, "
                                         "e.g. keyid/date/region/service/term, got '{}'",
                                         text)};
  }
  const std::size_t date = parts.size() - 4;
  if (parts.back() != "aws4_request") {
    throw MalformedSignature{Kind::kBadCredential,
                             fmt::format("Credential should be scoped with a valid terminator: "
                                         "'aws4_request', not '{}'.",
                                         parts.back())};
  }
  claim.access_key_id = text.substr(0, parts[date].data() - text.data() - 1);
  claim.scope = {std::string(parts[date]), std::string(parts[date + 1]),
                 std::string(parts[date + 2])};
}

void read_signed_headers(std::string_view text, SignatureClaim& claim) {
  for (const std::string_view name : split(text, ';')) {
    claim.signed_headers.push_back(base::to_lower(name));
  }
  std::sort(claim.signed_headers.begin(), claim.signed_headers.end());
}

void read_time(std::string_view text, SignatureClaim& claim) {
  auto time = base::from_amz_date(text);
  if (!time) time = base::from_http_date(text);
  if (!time) {
    throw MalformedSignature{Kind::kBadDate,
                             fmt::format("Date must be in ISO-8601 'basic format'. Got '{}'. See "
                                         "http://en.wikipedia.org/wiki/ISO_8601",
                                         text)};
  }
  claim.time = *time;
  const std::string day = base::to_amz_date(*time).substr(0, 8);
  if (day != claim.scope.date) {
    throw MalformedSignature{
        Kind::kBadCredential,
        fmt::format(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
            "from HTTP: '{}' != '{}', from '{}'.",
            claim.scope.date, day, text)};
  }
}

/// "name=value, name=value"; commas alone separate too.
Parameters header_parameters(std::string_view text) {
  Parameters found;
  for (const std::string_view part : split(text, ',')) {
    const std::string_view pair = base::trim(part);
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    found.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return found;
}

SignatureClaim read_header(const http::Request& request, std::string_view authorization) {
  const std::string_view scheme = authorization.substr(0, authorization.find(' '));
  if (scheme != kAlgorithm) {
    throw MalformedSignature{Kind::kIncomplete,
                             fmt::format("Unsupported AWS 'algorithm': '{}'.", scheme)};
  }
  const Parameters given = header_parameters(authorization.substr(scheme.size()));
  std::string missing;
  for (const std::string_view name : {"Credential", "Signature", "SignedHeaders"}) {
    if (!given.contains(name)) {
      missing += fmt::format("Authorization header requires '{}' parameter. ", name);
    }
  }
  const auto date = request.headers.find("X-Amz-Date");
  const auto plain_date = request.headers.find("Date");
  if (!date && !plain_date) {
    missing +=
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  }
  if (!missing.empty()) {
    throw MalformedSignature{Kind::kIncomplete, missing + fmt::format("Authorization={}", scheme)};
  }
  SignatureClaim claim;
  read_credential(given.find("Credential")->second, claim);
  read_signed_headers(given.find("SignedHeaders")->second, claim);
  claim.signature = given.find("Signature")->second;
  claim.session_token = request.headers.get("X-Amz-Security-Token");
  claim.payload_hash = request.headers.get("X-Amz-Content-Sha256");
  read_time(date ? *date : *plain_date, claim);
  return claim;
}

std::chrono::seconds read_expiry(const std::string& text) {
  std::int64_t seconds = -1;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failed != std::errc() || end != text.data() + text.size()) {
    throw MalformedSignature{Kind::kIncomplete, "X-Amz-Expires should be a number"};
  }
  if (seconds < 0) {
    throw MalformedSignature{Kind::kIncomplete, "X-Amz-Expires must be non-negative"};
  }
  if (seconds > kLongestExpiry) {
    throw MalformedSignature{
        Kind::kIncomplete,
        "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
        "must be less than 604800 seconds"};
  }
  return std::chrono::seconds(seconds);
}

SignatureClaim read_query(const http::Request& request, const Parameters& given) {
  std::string missing;
  for (const std::string_view name : {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature",
                                      "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"}) {
    if (!given.contains(name)) missing += fmt::format("{}{}", missing.empty() ? "" : ", ", name);
  }
  if (!missing.empty()) {
    throw MalformedSignature{Kind::kIncomplete,
                             "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                             "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, "
                             "and X-Amz-Expires parameters. Missing: " +
                                 missing};
  }
  const auto value = [&](std::string_view name) { return given.find(name)->second; };
  if (value("X-Amz-Algorithm") != kAlgorithm) {
    throw MalformedSignature{Kind::kIncomplete,
                             "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\""};
  }
  SignatureClaim claim;
  claim.presigned = true;
  read_credential(value("X-Amz-Credential"), claim);
  read_signed_headers(value("X-Amz-SignedHeaders"), claim);
  read_time(value("X-Amz-Date"), claim);
  claim.expires = read_expiry(value("X-Amz-Expires"));
  claim.signature = value("X-Amz-Signature");
  const auto token = given.find("X-Amz-Security-Token");
  if (token != given.end()) claim.session_token = token->second;
  const auto hash = given.find("X-Amz-Content-Sha256");
  claim.payload_hash = hash != given.end() ? std::string_view(hash->second)
                                           : request.headers.get("X-Amz-Content-Sha256");
  // Whoever makes a link for S3 doesn't know what will be sent to it.
  if (claim.payload_hash.empty() && claim.scope.service == "s3") {
    claim.payload_hash = kUnsignedPayload;
  }
  return claim;
}

}  // namespace

SignatureClaim read_claim(const http::Request& request) {
  if (const auto authorization = request.headers.find("Authorization")) {
    return read_header(request, base::trim(*authorization));
  }
  Parameters given;
  for (auto& [name, value] : http::parse_query(request.query())) {
    if (name.starts_with("X-Amz-")) given.emplace(std::move(name), std::move(value));
  }
  if (!given.contains("X-Amz-Algorithm") && !given.contains("X-Amz-Signature")) {
    throw MalformedSignature{Kind::kMissing, "Missing Authentication Token"};
  }
  return read_query(request, given);
}

}  // namespace aws
