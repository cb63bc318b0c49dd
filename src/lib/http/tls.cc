// TLS for clients: whom we trust, made at first use.
#include "lib/http/tls.h"

#include "lib/http/certificate.h"
#include "lib/http/client.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <vector>

namespace http {
namespace {

// OpenSSL's own socket BIO writes with write(), which raises SIGPIPE when the peer is gone.
int bio_write(BIO* bio, const char* bytes, int size) {
  const auto fd = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
  const ssize_t sent = ::send(fd, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  BIO_clear_retry_flags(bio);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int bio_read(BIO* bio, char* into, int size) {
  const auto fd = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
  const ssize_t got = ::recv(fd, into, static_cast<std::size_t>(size), 0);
  BIO_clear_retry_flags(bio);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

std::mutex trusted_mutex;
std::atomic<SSL_CTX*> in_use{nullptr};
std::vector<std::string>& trusted() {
  static std::vector<std::string> files;
  return files;
}

/// The bundles' places are tried one by one, since a static executable carries the place of the
/// system it was built on: what AWS's tools and OpenSSL are told, Debian's, Amazon Linux's,
/// others'.
bool load_certificates(SSL_CTX* context) {
  bool any = false;
  const auto load = [&](const char* place) {
    return place != nullptr && *place != 0 && SSL_CTX_load_verify_locations(context, place, nullptr) == 1;
  };
  {
    const std::lock_guard lock(trusted_mutex);
    for (const std::string& file : trusted()) any |= load(file.c_str());
  }
  // Beside the system's, not in their place: a bundle for one engine must not end the trust in a brewery's.
  any |= load(std::getenv("AWS_CA_BUNDLE"));
  const char* const places[] = {std::getenv("SSL_CERT_FILE"), "/etc/ssl/certs/ca-certificates.crt",
                                "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};
  for (const char* place : places) {
    if (load(place)) {
      any = true;
      break;
    }
  }
  ERR_clear_error();
  return any;
}

/// Costs 25 to 50 ms, most of it for the certificates: hence at first use, and once.
SSL_CTX* context() {
  static SSL_CTX* const made = [] {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (!load_certificates(context)) {
      SSL_CTX_free(context);
      throw ConnectionError(
          "no CA certificates were found to verify https with: install ca-certificates or set "
          "SSL_CERT_FILE");
    }
    in_use = context;
    return context;
  }();
  return made;
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

BIO* socket_bio(int fd) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "quiet socket");
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  BIO* bio = BIO_new(method);
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  BIO_set_init(bio, 1);
  return bio;
}

void trust(const std::string& certificates) {
  const std::lock_guard lock(trusted_mutex);
  trusted().push_back(certificates);
  if (SSL_CTX* const made = in_use; made != nullptr) SSL_CTX_load_verify_locations(made, certificates.c_str(), nullptr);
  ERR_clear_error();
}

SSL* new_tls_session(int fd, const std::string& host) {
  SSL* session = SSL_new(context());
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str());
  } else {
    SSL_set1_host(session, host.c_str());
    SSL_set_tlsext_host_name(session, host.c_str());
  }
  BIO* bio = socket_bio(fd);
  SSL_set_bio(session, bio, bio);
  SSL_set_connect_state(session);
  return session;
}

std::string tls_failure(const SSL* session) {
  const long verified = SSL_get_verify_result(session);
  if (verified != X509_V_OK) {
    ERR_clear_error();
    return std::string("its certificate is not trusted: ") +
           X509_verify_cert_error_string(verified);
  }
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* const text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? "the connection was lost" : text;
}

}  // namespace http
