// Sockets, an epoll, and as much of HTTP as an answer's length.
#include "bench/serving/http_load.h"

#include "lib/base/encoding.h"
#include "lib/io/file.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

io::Fd connected(std::uint16_t port) {
  io::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::system_error(errno, std::generic_category(), "connect");
  }
  const int on = 1;
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

/// A connection and how far its exchange is.
struct Exchange {
  io::Fd fd;
  std::string_view unsent;
  std::string received;
  SteadyClock::time_point began;

  void begin(const std::string& request) {
    unsent = request;
    received.clear();
    began = SteadyClock::now();
    send();
  }
  void send() {
    while (!unsent.empty()) {
      const ssize_t sent =
          ::send(fd.get(), unsent.data(), unsent.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) return;
      if (sent < 0) throw std::system_error(errno, std::generic_category(), "send");
      unsent.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// True when the answer is whole.
  bool receive() {
    char buffer[64 << 10];
    const ssize_t got = ::recv(fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return false;
    if (got <= 0) throw std::runtime_error("the server closed a connection: " + received);
    received.append(buffer, static_cast<std::size_t>(got));
    const auto end = received.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    if (!received.starts_with("HTTP/1.1 200")) throw std::runtime_error(received);
    constexpr std::string_view kLength = "Content-Length: ";
    const auto at = received.find(kLength);
    if (at > end) throw std::runtime_error("an answer without a length: " + received);
    std::size_t length = 0;
    std::from_chars(&received[at + kLength.size()], &received[end], length);
    return received.size() >= end + 4 + length;
  }
};

double milliseconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double, std::milli>(SteadyClock::now() - start).count();
}

}  // namespace

std::string post_bytes(const std::string& target, const std::string& content_type,
                       const std::string& body, const std::string& more_headers) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {}\r\nContent-Length: {}\r\n{}\r\n{}",
      target, content_type, body.size(), more_headers, body);
}

Load http_load(std::uint16_t port, int connections, double seconds, const std::string& request) {
  const io::Fd poll(::epoll_create1(EPOLL_CLOEXEC));
  std::vector<Exchange> all(static_cast<std::size_t>(connections));
  Load load;
  const auto start = SteadyClock::now();
  for (Exchange& one : all) {
    one.fd = connected(port);
    epoll_event wanted{.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.ptr = &one}};
    ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, one.fd.get(), &wanted);
    one.begin(request);
  }
  std::vector<epoll_event> events(all.size());
  while (milliseconds_since(start) < seconds * 1000) {
    const int ready = ::epoll_wait(poll.get(), events.data(), connections, 1000);
    for (int i = 0; i < ready; ++i) {
      auto& one = *static_cast<Exchange*>(events[static_cast<std::size_t>(i)].data.ptr);
      one.send();
      while (one.receive()) {
        load.milliseconds.push_back(milliseconds_since(one.began));
        one.begin(request);
      }
    }
  }
  load.per_second =
      static_cast<double>(load.milliseconds.size()) / (milliseconds_since(start) / 1000);
  return load;
}

}  // namespace bench
