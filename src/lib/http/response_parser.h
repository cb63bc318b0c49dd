// Bytes of a connection in, one http::Response out: Beast's parser with our message behind it.
#pragma once

#include "lib/http/message.h"

#include <boost/beast/http/basic_parser.hpp>

namespace http {

/// Parses one answer; eager. See RequestParser for how put() is fed.
class ResponseParser final : public boost::beast::http::basic_parser<false> {
 public:
  /// An answer to HEAD has no body, whatever its Content-Length says.
  ResponseParser(std::uint64_t max_body_bytes, bool to_head);

  Response take();
  int status() const { return response_.status; }

 private:
  using Code = boost::beast::error_code;
  using Text = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb, Text, Text, int, Code&) override {}
  void on_response_impl(int status, Text reason, int version, Code&) override;
  void on_field_impl(boost::beast::http::field, Text name, Text value, Code&) override;
  void on_header_impl(Code&) override { in_trailer_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& size, Code&) override;
  std::size_t on_body_impl(Text bytes, Code&) override;
  void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t remain, Text bytes, Code&) override;
  void on_finish_impl(Code&) override {}

  Response response_;
  std::string body_;
  std::uint64_t max_body_bytes_;
  bool in_trailer_ = false;
};

}  // namespace http
