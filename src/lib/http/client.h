// An HTTP/1.1 client for http:// and https:// URLs, synchronous, with keep-alive.
#pragma once

#include "lib/http/message.h"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

namespace http {

struct Url {
  std::string scheme = "http";  ///< "http" or "https"
  std::string host;             ///< name or address, an IPv6 one without brackets
  std::uint16_t port = 80;
  std::string target = "/";     ///< path and query

  /// host, and ":port" unless it is the scheme's own: what a Host header holds.
  std::string authority() const;
};

/// Throws std::invalid_argument with a sentence that names the URL.
Url parse_url(std::string_view text);

/// Nobody answered, or what they answered isn't HTTP. An HTTP error status is an answer, not this.
class ConnectionError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The deadline passed.
class TimeoutError : public ConnectionError {
 public:
  using ConnectionError::ConnectionError;
};

struct ClientOptions {
  std::chrono::milliseconds connect_timeout{3'000};
  std::chrono::milliseconds timeout{60'000};  ///< for a whole exchange
  std::uint64_t max_body_bytes = 1ull << 30;
};

/// Sends requests and keeps idle connections for the next one. Thread-safe: each request in flight has
/// a connection of its own. A request that fails on a kept connection before any answer came is sent
/// once more on a new one. TLS verifies the peer against the system's certificates, which are loaded at
/// the first https request.
class Client {
 public:
  explicit Client(ClientOptions options = {});
  ~Client();

  /// `request.target` is replaced by the URL's; Host and Content-Length are set when missing.
  Response send(const Url& url, Request request);
  Response get(std::string_view url);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace http
