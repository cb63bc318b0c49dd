// Bytes of a connection in, one http::Request out: Beast's parser with our message behind it.
#pragma once

#include "lib/http/body_sink.h"
#include "lib/http/server.h"

#include <boost/beast/http/basic_parser.hpp>

namespace http {

/// Parses one request; a connection makes a new one for the next. Feed it through put(): eager, so
/// a call reads as far as the bytes go. What put() leaves unconsumed must be given again with more.
class RequestParser final : public boost::beast::http::basic_parser<true> {
 public:
  explicit RequestParser(const ServerOptions& options);

  /// The client waits for a "100 Continue" before it sends its body.
  bool expects_continue() const { return expects_continue_; }
  /// The body is encoded in a way that this server doesn't read.
  bool has_unknown_encoding() const { return has_unknown_encoding_; }
  std::uint64_t body_bytes() const { return sink_.size(); }  ///< that have come so far
  /// Room for what is left of a body of a known size: bytes that are put() from there are not
  /// copied. Empty when there is no such body, or before its header is read.
  std::span<char> body_space() { return sink_.space(); }
  /// The body goes to a file.
  bool is_spooling() const { return sink_.is_spooled(); }

  bool is_http_1_0() const { return version_ == 10; }

  /// The request; only once is_done(), and once.
  Request take();

 private:
  using Code = boost::beast::error_code;
  using Text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb, Text method, Text target, int version,
                       Code&) override;
  void on_response_impl(int, Text, int, Code&) override {}
  void on_field_impl(boost::beast::http::field, Text name, Text value, Code&) override;
  void on_header_impl(Code&) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& size, Code&) override;
  std::size_t on_body_impl(Text bytes, Code&) override;
  void on_chunk_header_impl(std::uint64_t size, Text extensions, Code&) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, Text bytes, Code&) override;
  void on_finish_impl(Code&) override {}

  Request request_;
  BodySink sink_;
  const ServerOptions& options_;
  int version_ = 11;
  bool in_trailer_ = false;
  bool expects_continue_ = false;
  bool has_unknown_encoding_ = false;
};

}  // namespace http
