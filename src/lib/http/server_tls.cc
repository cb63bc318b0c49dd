// TLS for the server: who we say we are, and one session for each connection.
#include "lib/http/server_tls.h"

#include "lib/http/tls.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <stdexcept>

namespace http {
namespace {

std::string reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* const text = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return text == nullptr ? "it can't be used" : text;
}

}  // namespace

ServerTls::ServerTls(const std::string& certificate, const std::string& key)
    : context_(SSL_CTX_new(TLS_server_method())) {
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_options(context_, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                    SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_COMPRESSION);
  // Buffers are given back while a connection is idle: there may be thousands.
  SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                 SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  std::string wrong;
  if (SSL_CTX_use_certificate_chain_file(context_, certificate.c_str()) != 1) {
    wrong = fmt::format("the certificate {}: {}", certificate, reason());
  } else if (SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) != 1 ||
             SSL_CTX_check_private_key(context_) != 1) {
    wrong = fmt::format("the key {} of the certificate {}: {}", key, certificate, reason());
  }
  if (wrong.empty()) return;
  SSL_CTX_free(context_);
  throw std::runtime_error(wrong);
}

ServerTls::~ServerTls() { SSL_CTX_free(context_); }

std::unique_ptr<TlsSession> ServerTls::accept(int fd) const {
  SSL* const session = SSL_new(context_);
  BIO* const bio = socket_bio(fd);
  SSL_set_bio(session, bio, bio);
  SSL_set_accept_state(session);
  return std::make_unique<TlsSession>(session);
}

TlsSession::~TlsSession() { SSL_free(session_); }

bool TlsSession::is_greeting() const { return SSL_is_init_finished(session_) == 0; }
bool TlsSession::has_bytes() const { return SSL_pending(session_) > 0; }

TlsSession::Result TlsSession::read(std::span<char> into) {
  std::size_t got = 0;
  ERR_clear_error();
  const int result = SSL_read_ex(session_, into.data(), into.size(), &got);
  return conclude(result, got);
}

TlsSession::Result TlsSession::write(std::string_view bytes) {
  std::size_t sent = 0;
  ERR_clear_error();
  const int result = SSL_write_ex(session_, bytes.data(), bytes.size(), &sent);
  return conclude(result, sent);
}

TlsSession::Result TlsSession::conclude(int result, std::size_t size) {
  wants_write_ = false;
  if (result == 1) return {Outcome::kDone, size};
  switch (SSL_get_error(session_, result)) {
    case SSL_ERROR_WANT_WRITE:
      wants_write_ = true;
      return {Outcome::kWait};
    case SSL_ERROR_WANT_READ:
      return {Outcome::kWait};
    case SSL_ERROR_ZERO_RETURN:
      return {Outcome::kEnd};
    default:
      broken_ = true;  // no goodbye may follow
      met_plain_http_ = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
      ERR_clear_error();
      return {Outcome::kFailed};
  }
}

void TlsSession::say_goodbye() {
  if (broken_ || is_greeting()) return;
  ERR_clear_error();
  SSL_shutdown(session_);
  broken_ = true;
}

}  // namespace http
