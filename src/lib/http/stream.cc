// A client's connection: TCP or TLS, every call with a deadline.
#include "lib/http/stream.h"

#include "lib/http/tls.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace http {
namespace {

std::string error_text(int code) { return std::generic_category().message(code); }

struct AddressList {
  addrinfo* first = nullptr;
  ~AddressList() {
    if (first != nullptr) freeaddrinfo(first);
  }
};

}  // namespace

Stream::Stream(const Url& url, Deadline connect_by) : host_(url.host), port_(url.port) {
  try {
    connect(connect_by);
    if (url.scheme == "https") start_tls(connect_by);
  } catch (...) {
    if (tls_ != nullptr) SSL_free(tls_);
    if (fd_ >= 0) ::close(fd_);
    throw;
  }
}

Stream::~Stream() {
  if (tls_ != nullptr) SSL_free(tls_);
  ::close(fd_);
}

void Stream::connect(Deadline by) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  AddressList found;
  const std::string port = std::to_string(port_);
  if (const int failed = getaddrinfo(host_.c_str(), port.c_str(), &hints, &found.first)) {
    throw ConnectionError(fmt::format("can't find the host {}: {}", host_, gai_strerror(failed)));
  }
  std::string why = "it has no address";
  for (const addrinfo* at = found.first; at != nullptr; at = at->ai_next) {
    if (try_address(*at, by, why)) return;
  }
  throw ConnectionError(fmt::format("can't connect to {}:{}: {}", host_, port_, why));
}

bool Stream::try_address(const ::addrinfo& address, Deadline by, std::string& why) {
  fd_ = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) {
    why = error_text(errno);
    return false;
  }
  int failed = 0;
  if (::connect(fd_, address.ai_addr, address.ai_addrlen) != 0) {
    failed = errno;
    if (failed == EINPROGRESS) {
      wait_for(POLLOUT, by);
      socklen_t size = sizeof failed;
      getsockopt(fd_, SOL_SOCKET, SO_ERROR, &failed, &size);
    }
  }
  if (failed != 0) {
    why = error_text(failed);
    ::close(std::exchange(fd_, -1));
    return false;
  }
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return true;
}

void Stream::start_tls(Deadline by) {
  tls_ = new_tls_session(fd_, host_);
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(tls_);
    if (result == 1) return;
    if (!wait_for_tls(result, by, "greeting")) {
      throw ConnectionError(fmt::format("greeting {}:{}: it hung up", host_, port_));
    }
  }
}

void Stream::wait_for(short events, Deadline by) const {
  pollfd waiting{fd_, events, 0};
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(by - std::chrono::steady_clock::now());
    const int ready = left.count() <= 0 ? 0 : ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready > 0) return;
    if (ready == 0) throw TimeoutError(fmt::format("{}:{} took too long", host_, port_));
    if (errno != EINTR) throw ConnectionError("poll: " + error_text(errno));
  }
}

bool Stream::wait_for_tls(int result, Deadline by, std::string_view what) {
  switch (SSL_get_error(tls_, result)) {
    case SSL_ERROR_WANT_READ:
      wait_for(POLLIN, by);
      return true;
    case SSL_ERROR_WANT_WRITE:
      wait_for(POLLOUT, by);
      return true;
    case SSL_ERROR_ZERO_RETURN:
      return false;
    default:
      throw ConnectionError(fmt::format("{} {}:{}: {}", what, host_, port_, tls_failure(tls_)));
  }
}

void Stream::write(std::string_view head, std::string_view body, Deadline by) {
  if (tls_ == nullptr) {
    write_plain(head, body, by);
  } else {
    write_tls(head, by);
    write_tls(body, by);
  }
}

void Stream::write_plain(std::string_view head, std::string_view body, Deadline by) {
  while (!head.empty() || !body.empty()) {
    iovec parts[] = {{const_cast<char*>(head.data()), head.size()},
                     {const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    const ssize_t sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EAGAIN)
        wait_for(POLLOUT, by);
      else if (errno != EINTR) {
        throw ConnectionError(fmt::format("sending to {}:{}: {}", host_, port_, error_text(errno)));
      }
      continue;
    }
    const std::size_t of_head = std::min(static_cast<std::size_t>(sent), head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(static_cast<std::size_t>(sent) - of_head);
  }
}

void Stream::write_tls(std::string_view bytes, Deadline by) {
  while (!bytes.empty()) {
    std::size_t sent = 0;
    ERR_clear_error();
    const int result = SSL_write_ex(tls_, bytes.data(), bytes.size(), &sent);
    if (result == 1) {
      bytes.remove_prefix(sent);
    } else if (!wait_for_tls(result, by, "sending to")) {
      throw ConnectionError(fmt::format("sending to {}:{}: it hung up", host_, port_));
    }
  }
}

std::size_t Stream::read(char* into, std::size_t size, Deadline by) {
  for (;;) {
    if (tls_ != nullptr) {
      std::size_t got = 0;
      ERR_clear_error();
      const int result = SSL_read_ex(tls_, into, size, &got);
      if (result == 1) return got;
      if (!wait_for_tls(result, by, "reading from")) return 0;
      continue;
    }
    const ssize_t got = ::recv(fd_, into, size, 0);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EAGAIN)
      wait_for(POLLIN, by);
    else if (errno != EINTR) {
      throw ConnectionError(fmt::format("reading from {}:{}: {}", host_, port_, error_text(errno)));
    }
  }
}

bool Stream::is_quiet() const {
  pollfd waiting{fd_, POLLIN, 0};
  return ::poll(&waiting, 1, 0) == 0;
}

}  // namespace http
