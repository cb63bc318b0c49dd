// The canonical form of a request: the one text that signer and verifier must agree on.
//
//   METHOD \n path \n query \n name:value \n … \n \n signed;headers \n payload hash
//
// Source: "Create a canonical request", AWS Signature Version 4.
#include "lib/aws/sigv4.h"
#include "lib/base/encoding.h"

#include <algorithm>

namespace aws {
namespace {

using Pair = std::pair<std::string, std::string>;

/// S3 signs the path as it is, each segment encoded once however it was sent. A %2F within a key
/// stays apart from a separator.
std::string s3_path(std::string_view path) {
  std::string out;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    if (at > 0) out.push_back('/');
    out += base::percent_encode(base::percent_decode(path.substr(at, end - at)));
    at = end + 1;
  }
  return out.empty() ? "/" : out;
}

/// Others sign the path without empty and dot segments.
std::string normalised(std::string_view path) {
  std::vector<std::string_view> kept;
  bool folder = true;  // the last segment leaves a slash at the end
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    folder = end < path.size() || segment == "." || segment == "..";
    if (segment == ".." && !kept.empty()) kept.pop_back();
    if (!segment.empty() && segment != "." && segment != "..") kept.push_back(segment);
    at = end + 1;
  }
  std::string out;
  for (const std::string_view segment : kept) out.append("/").append(segment);
  if (folder || out.empty()) out.push_back('/');
  return out;
}

std::string canonical_path(std::string_view path, std::string_view service) {
  // What was sent is encoded once already; all but S3 sign it encoded once more.
  return service == "s3" ? s3_path(path) : base::percent_encode(normalised(path), true);
}

std::string canonical_query(std::string_view query) {
  std::vector<Pair> pairs;
  for (const auto& [name, value] : http::parse_query(query)) {
    if (name == "X-Amz-Signature") continue;
    pairs.emplace_back(base::percent_encode(name), base::percent_encode(value));
  }
  // By the encoded name, then by the encoded value.
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out.push_back('&');
    out.append(name).append("=").append(value);
  }
  return out;
}

/// Trimmed, and inner runs of spaces as one.
void append_squeezed(std::string& out, std::string_view value) {
  bool gap = false;
  for (const char c : base::trim(value)) {
    if (c == ' ' || c == '\t') {
      gap = true;
      continue;
    }
    if (std::exchange(gap, false)) out.push_back(' ');
    out.push_back(c);
  }
}

void append_header(std::string& out, const http::Headers& headers, std::string_view name) {
  out.append(name).push_back(':');
  bool first = true;
  for (const auto& [key, value] : headers) {
    if (!base::iequals(key, name)) continue;
    if (!std::exchange(first, false)) out.push_back(',');
    append_squeezed(out, value);
  }
  out.push_back('\n');
}

}  // namespace

std::string canonical_request(const http::Request& request, const SignatureClaim& claim,
                              std::string_view payload_hash) {
  std::string out = request.method;
  out.append("\n").append(canonical_path(request.path(), claim.scope.service));
  out.append("\n").append(canonical_query(request.query())).append("\n");
  std::string names;
  for (const std::string& name : claim.signed_headers) {
    append_header(out, request.headers, name);
    if (!names.empty()) names.push_back(';');
    names += name;
  }
  out.append("\n").append(names).append("\n").append(payload_hash);
  return out;
}

}  // namespace aws
