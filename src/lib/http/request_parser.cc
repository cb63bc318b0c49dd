// Beast's parser with our message behind it.
#include "lib/http/request_parser.h"

#include "lib/base/encoding.h"

namespace http {

RequestParser::RequestParser(const ServerOptions& options)
    : sink_(options.memory_body_bytes, options.spool_dir), options_(options) {
  eager(true);
  header_limit(static_cast<std::uint32_t>(options.max_header_bytes));
  body_limit(options.max_body_bytes);
}

Request RequestParser::take() {
  request_.body = sink_.finish();
  return std::move(request_);
}

void RequestParser::on_request_impl(boost::beast::http::verb, Text method, Text target, int version,
                                    Code&) {
  version_ = version;
  request_.method = std::string(method);
  request_.target = std::string(target);
}

void RequestParser::on_field_impl(boost::beast::http::field, Text name, Text value, Code&) {
  // Fields behind a chunked body can't change what the header already settled.
  if (!in_trailer_) request_.headers.add(std::string(name), std::string(value));
}

void RequestParser::on_header_impl(Code&) {
  in_trailer_ = true;
  const Headers& headers = request_.headers;
  expects_continue_ = version_ >= 11 && base::iequals(headers.get("Expect"), "100-continue");
  has_unknown_encoding_ = headers.has("Transfer-Encoding") &&
                          !base::iequals(headers.get("Transfer-Encoding"), "chunked");
}

void RequestParser::on_body_init_impl(const boost::optional<std::uint64_t>& size, Code&) {
  if (!size) return;
  sink_.expect(*size);
  if (sink_.is_spooled() && options_.digests) sink_.take_digests(options_.digests(request_));
}

std::size_t RequestParser::on_body_impl(Text bytes, Code&) {
  sink_.append(bytes);
  return bytes.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t size, Text, Code& error) {
  if (size > options_.max_body_bytes - sink_.size()) error = boost::beast::http::error::body_limit;
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, Text bytes, Code&) {
  sink_.append(bytes);
  return bytes.size();
}

}  // namespace http
