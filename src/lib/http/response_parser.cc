// Beast's parser with our message behind it.
#include "lib/http/response_parser.h"

namespace http {
namespace {

constexpr std::uint32_t kMaxHeaderBytes = 64 << 10;
constexpr std::uint64_t kMostReserved = 256 << 20;

}  // namespace

ResponseParser::ResponseParser(std::uint64_t max_body_bytes, bool to_head)
    : max_body_bytes_(max_body_bytes) {
  eager(true);
  header_limit(kMaxHeaderBytes);
  body_limit(max_body_bytes);
  skip(to_head);
}

Response ResponseParser::take() {
  response_.body = Body(std::move(body_));
  return std::move(response_);
}

void ResponseParser::on_response_impl(int status, Text, int, Code&) { response_.status = status; }

void ResponseParser::on_field_impl(boost::beast::http::field, Text name, Text value, Code&) {
  if (!in_trailer_) response_.headers.add(std::string(name), std::string(value));
}

void ResponseParser::on_body_init_impl(const boost::optional<std::uint64_t>& size, Code&) {
  if (size) body_.reserve(static_cast<std::size_t>(std::min(*size, kMostReserved)));
}

std::size_t ResponseParser::on_body_impl(Text bytes, Code& error) {
  if (bytes.size() > max_body_bytes_ - body_.size()) {
    error = boost::beast::http::error::body_limit;
    return 0;
  }
  body_.append(bytes.data(), bytes.size());
  return bytes.size();
}

std::size_t ResponseParser::on_chunk_body_impl(std::uint64_t, Text bytes, Code& error) {
  return on_body_impl(bytes, error);
}

}  // namespace http
