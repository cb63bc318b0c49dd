// TLS for clients: whom we trust, made at first use. And the way to a socket, which servers share.
#pragma once

#include <openssl/types.h>

#include <string>

namespace http {

/// A new client session over the socket, which checks that the peer is `host`. It neither owns the
/// descriptor nor raises SIGPIPE. Throws ConnectionError when no CA certificates are found.
SSL* new_tls_session(int fd, const std::string& host);

/// The way to a socket that is neither owned nor raises SIGPIPE.
BIO* socket_bio(int fd);

/// OpenSSL's reason for the last failure of `session` on this thread.
std::string tls_failure(const SSL* session);

}  // namespace http
