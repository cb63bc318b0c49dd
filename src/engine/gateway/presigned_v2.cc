// Presigned URLs of S3's first signature version.
//
//   signature = base64(HMAC-SHA1(secret, text))
//   text      = method LF content-md5 LF content-type LF expires LF *(x-amz-name ":" value LF)
//               resource
//   resource  = ["/" bucket] path ["?" sub-resource *("&" sub-resource)]
#include "engine/gateway/presigned_v2.h"

#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <algorithm>
#include <charconv>
#include <map>

namespace engine {
namespace {

/// The parameters of a query that are signed.
constexpr std::string_view kSubResources[] = {"accelerate",
                                              "acl",
                                              "analytics",
                                              "cors",
                                              "delete",
                                              "inventory",
                                              "lifecycle",
                                              "location",
                                              "logging",
                                              "metrics",
                                              "notification",
                                              "object-lock",
                                              "partNumber",
                                              "policy",
                                              "replication",
                                              "requestPayment",
                                              "response-cache-control",
                                              "response-content-disposition",
                                              "response-content-encoding",
                                              "response-content-language",
                                              "response-content-type",
                                              "response-expires",
                                              "restore",
                                              "select",
                                              "select-type",
                                              "storageClass",
                                              "tagging",
                                              "torrent",
                                              "uploadId",
                                              "uploads",
                                              "versionId",
                                              "versioning",
                                              "versions",
                                              "website"};

using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string find(const Parameters& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return {};
}

/// RFC 2104 over SHA-1, of which only this old signature has need.
std::string hmac_sha1(std::string_view key, std::string_view text) {
  std::string padded = key.size() > 64 ? base::sha1(key) : std::string(key);
  padded.resize(64, '\0');
  const auto masked = [&](char mask) {
    std::string out = padded;
    for (char& c : out) c = static_cast<char>(c ^ mask);
    return out;
  };
  return base::sha1(masked('\x5c') + base::sha1(masked('\x36').append(text)));
}

/// The names and values behind '?' that are signed, decoded, in order; a name without '=' stays so.
std::string sub_resources(std::string_view query) {
  std::map<std::string, std::string> found;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::string_view name = pair.substr(0, pair.find('='));
    if (std::find(std::begin(kSubResources), std::end(kSubResources), name) ==
        std::end(kSubResources))
      continue;
    found[std::string(name)] = std::string(name) + base::percent_decode(pair.substr(name.size()));
  }
  std::string out;
  for (const auto& [name, text] : found) out += (out.empty() ? "?" : "&") + text;
  return out;
}

/// x-amz-… of the headers and, since a URL may carry them as well, of the query.
std::string amz_headers(const http::Request& request, const Parameters& query) {
  std::map<std::string, std::string> found;
  const auto add = [&](std::string_view given, std::string_view value) {
    const std::string name = base::to_lower(given);
    if (!name.starts_with("x-amz-")) return;
    std::string& text = found[name];
    if (!text.empty()) text += ',';
    text.append(base::trim(value));
  };
  for (const auto& [name, value] : request.headers) add(name, value);
  for (const auto& [name, value] : query) add(name, value);
  std::string out;
  for (const auto& [name, value] : found) out.append(name).append(":").append(value).append("\n");
  return out;
}

}  // namespace

std::optional<base::Timestamp> PresignedV2::end() const {
  std::int64_t seconds = 0;
  const auto [rest, error] =
      std::from_chars(expires.data(), expires.data() + expires.size(), seconds);
  const bool valid = error == std::errc() && rest == expires.data() + expires.size();
  if (!valid || seconds < 0 || seconds > 1ll << 40) return std::nullopt;
  return base::Timestamp(std::chrono::seconds(seconds));
}

std::optional<PresignedV2> read_presigned_v2(const http::Request& request) {
  const auto query = http::parse_query(request.query());
  PresignedV2 claim{find(query, "AWSAccessKeyId"), find(query, "Signature"),
                    find(query, "Expires"), find(query, "x-amz-security-token")};
  if (claim.access_key_id.empty() || claim.signature.empty() || claim.expires.empty())
    return std::nullopt;
  return claim;
}

bool verify_presigned_v2(const http::Request& request, const PresignedV2& claim,
                         std::string_view secret, std::string_view bucket) {
  const auto query = http::parse_query(request.query());
  const auto header = [&](std::string_view name) {
    const std::string_view value = request.headers.get(name);
    return value.empty() ? find(query, name) : std::string(value);
  };
  const std::string head = request.method + "\n" + header("content-md5") + "\n" +
                           header("content-type") + "\n" + claim.expires + "\n" +
                           amz_headers(request, query);
  std::string path(request.path());
  if (!bucket.empty()) path.insert(0, "/" + std::string(bucket));
  const auto signs = [&](const std::string& resource) {
    const std::string text = head + resource + sub_resources(request.query());
    return base::constant_time_equal(base::to_base64(hmac_sha1(secret, text)), claim.signature);
  };
  // Verified: botocore signs "/bucket/" where it asks for "/bucket".
  const bool bucket_alone = path.size() > 1 && path.find('/', 1) == path.npos;
  return signs(path) || (bucket_alone && signs(path + "/"));
}

}  // namespace engine
