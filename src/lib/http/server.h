// An HTTP/1.1 server: sockets and bytes on one side, a function from request to answer on the other.
#pragma once

#include "lib/http/message.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace http {

/// Limits and places; every one has a default that is safe for a server on loopback.
struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                 ///< 0 picks a free one
  std::size_t max_header_bytes = 64 << 10;  ///< more is answered 431
  std::uint64_t max_body_bytes = 5ull << 30;  ///< more is answered 413
  std::size_t memory_body_bytes = 8 << 20;  ///< a larger body is spooled to a file in spool_dir
  std::string spool_dir;                  ///< where; empty: the system's temporary folder
  /// Which digests of a body are taken while it goes to its file, by the request's head; see
  /// Body::find_digest(). Empty: none.
  std::function<std::vector<std::string>(const Request&)> digests;
  /// Requests that are answered in less than it takes to wake another thread, a fraction of a
  /// millisecond at most: they are handled by the thread that read them, one of two that wait for
  /// everybody's bytes. Empty: none.
  std::function<bool(const Request&)> quick;
  int max_connections = 20'000;           ///< past it, a connection is answered 503 and closed
  int workers = 64;                       ///< requests handled at once, each on a thread of its own
  std::chrono::milliseconds header_timeout{30'000};  ///< to receive a whole header
  std::chrono::milliseconds idle_timeout{120'000};   ///< between requests, and for each 16 KiB of a body
  /// PEM files, a certificate's chain and its key: https, by TLS 1.2 or later, whose handshake gets
  /// header_timeout. Empty: http.
  std::string tls_certificate = {}, tls_key = {};
};

/// Serves until it is stopped. `handle` runs on a worker thread (but see `quick`), a request from start to answer, and
/// several at once; what it throws is answered 500. Keep-alive, pipelining, `Expect: 100-continue`,
/// chunked bodies and HEAD (the body is dropped, its Content-Length kept) are the server's business.
class Server {
 public:
  using Handler = std::function<Response(const Request&)>;

  /// Binds and serves at once. Throws std::system_error, for example when the port is in use, and
  /// std::runtime_error when the certificate or its key is of no use.
  Server(ServerOptions options, Handler handle);
  /// Stops as stop() does.
  ~Server();

  std::uint16_t port() const;
  /// "http://127.0.0.1:4566", or https
  std::string url() const;

  /// Takes no more connections, lets the requests under way finish for at most `grace`, then closes
  /// all. May be called twice.
  void stop(std::chrono::milliseconds grace = std::chrono::seconds(3));

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace http
