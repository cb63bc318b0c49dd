// TLS for the server: who we say we are, and one session for each connection.
#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace http {

/// One connection's encryption over its socket, which neither blocks nor is owned. Used by one thread at
/// a time. The handshake is done by the first reads.
class TlsSession {
 public:
  enum class Outcome {
    kDone,   ///< so many bytes went
    kWait,   ///< the socket has to be ready first: for writing if wants_write(), else for reading
    kEnd,    ///< the peer said goodbye, or hung up
    kFailed  ///< what came is no TLS, or isn't this connection's
  };
  struct Result {
    Outcome outcome;
    std::size_t size = 0;
  };

  /// Takes the session.
  explicit TlsSession(SSL* session) : session_(session) {}
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  Result read(std::span<char> into);
  /// After kWait the same bytes have to be written again; more may stand behind them.
  Result write(std::string_view bytes);

  bool is_greeting() const;  ///< the handshake isn't done
  bool wants_write() const { return wants_write_; }
  /// Bytes are there already that the socket will not tell of.
  bool has_bytes() const;
  /// The peer began with a plain HTTP request.
  bool met_plain_http() const { return met_plain_http_; }
  /// Tells the peer that nothing more comes; it is not waited for.
  void say_goodbye();

 private:
  Result conclude(int result, std::size_t size);

  SSL* session_;
  bool wants_write_ = false, broken_ = false, met_plain_http_ = false;
};

/// A certificate and its key, in use. TLS 1.2 or later. Thread-safe.
class ServerTls {
 public:
  /// PEM files: the certificate and those that vouch for it, and its key. Throws std::runtime_error that
  /// says which of the two is wrong.
  ServerTls(const std::string& certificate, const std::string& key);
  ~ServerTls();
  ServerTls(const ServerTls&) = delete;
  ServerTls& operator=(const ServerTls&) = delete;

  std::unique_ptr<TlsSession> accept(int fd) const;

 private:
  SSL_CTX* context_;
};

}  // namespace http
