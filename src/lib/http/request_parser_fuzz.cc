// One request, whole and in two pieces: the same comes of both.
#include "lib/base/fuzz.h"
#include "lib/http/request_parser.h"

namespace {

/// The request, or nothing when the bytes are none or not all of one.
std::optional<http::Request> parsed(std::string_view first, std::string_view second) {
  static const http::ServerOptions options{.max_header_bytes = 4096, .max_body_bytes = 1 << 16};
  http::RequestParser parser(options);
  std::string pending;
  for (const std::string_view bytes : {first, second}) {
    pending += bytes;
    while (!pending.empty() && !parser.is_done()) {
      boost::system::error_code failed;
      const std::size_t taken = parser.put(boost::asio::buffer(pending), failed);
      base::fuzz::hold(taken <= pending.size(), "no more is taken than there is");
      pending.erase(0, taken);
      if (failed == boost::beast::http::error::need_more) break;
      if (failed) return std::nullopt;
      if (taken == 0) break;
    }
  }
  if (!parser.is_done()) return std::nullopt;
  return parser.take();
}

}  // namespace

FUZZ(bytes) {
  const std::size_t cut = base::fuzz::take_byte(bytes);
  const auto whole = parsed(bytes, {});
  const auto pieces = parsed(bytes.substr(0, cut), bytes.substr(std::min(cut, bytes.size())));
  base::fuzz::hold(whole.has_value() == pieces.has_value(),
                   "pieces make a request when the whole does");
  if (!whole) return;
  base::fuzz::hold(whole->method == pieces->method && whole->target == pieces->target &&
                       whole->headers.size() == pieces->headers.size() &&
                       whole->body.string() == pieces->body.string(),
                   "pieces make the same request");
  base::fuzz::hold(whole->body.size() <= bytes.size(), "a body is no larger than the bytes");
  http::parse_query(whole->query());
}
