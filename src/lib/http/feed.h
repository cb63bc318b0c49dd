// Bytes for one of Beast's parsers, given so that it doesn't stumble.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <string_view>

namespace http {

/// As parser.put(), and gives how many of the bytes were used; the others are given again with more behind them.
///
/// Beast asserts, which ends the program, that after the line of the last chunk it is asked again with five bytes
/// at least: it takes its own "need more" for a promise. Whatever is left of a chunked message has five bytes
/// ("0\r\n\r\n"), so nobody waits for bytes that don't come.
template <bool kIsRequest>
std::size_t feed(boost::beast::http::basic_parser<kIsRequest>& parser, std::string_view bytes,
                 boost::beast::error_code& failed) {
  constexpr std::size_t kLeastRest = 5;
  if (parser.is_header_done() && parser.chunked() && bytes.size() < kLeastRest) {
    failed = boost::beast::http::error::need_more;
    return 0;
  }
  return parser.put(boost::asio::buffer(bytes.data(), bytes.size()), failed);
}

}  // namespace http
