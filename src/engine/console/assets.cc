// The page's files as HTTP answers.
#include "engine/console/assets.h"

#include "engine/gateway/gunzip.h"
#include "lib/base/encoding.h"

namespace engine::console {
namespace {

constexpr std::size_t kLargest = 8 << 20;

/// Whether a list of a header ("gzip, br;q=0.5", "\"a\", \"b\"") has the word.
bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    std::string_view item = base::trim(list.substr(0, comma));
    if (item.starts_with("W/")) item.remove_prefix(2);
    const auto weight = item.find(';');
    const bool refused = weight != std::string_view::npos && item.substr(weight).ends_with("q=0");
    if (base::iequals(base::trim(item.substr(0, weight)), word)) return !refused;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

void add_page_headers(http::Response& response) {
  http::Headers& headers = response.headers;
  headers.set("Content-Security-Policy", std::string(kPagePolicy));
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("Referrer-Policy", "no-referrer");
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  if (!headers.has("cache-control")) headers.set("Cache-Control", "no-store");
}

http::Response answer(const Asset& asset, const http::Request& request) {
  if (request.method != "GET" && request.method != "HEAD") return {405, {{"Allow", "GET, HEAD"}}, {}};
  http::Response response{200, {{"Content-Type", std::string(asset.type)}, {"ETag", std::string(asset.etag)}}, {}};
  response.headers.set("Cache-Control", asset.hashed ? "public, max-age=31536000, immutable" : "no-cache");
  response.headers.set("Vary", "Accept-Encoding");
  if (lists(request.headers.get("if-none-match"), asset.etag)) {
    response.status = 304;
    return response;
  }
  if (lists(request.headers.get("accept-encoding"), "gzip")) {
    response.headers.set("Content-Encoding", "gzip");
    response.body = std::string(asset.gzip);
  } else {
    response.body = gunzip(asset.gzip, kLargest);
  }
  return response;
}

}  // namespace engine::console
