// A client's connection: TCP or TLS, every call with a deadline.
#pragma once

#include "lib/http/client.h"

#include <openssl/types.h>

struct addrinfo;

namespace http {

using Deadline = std::chrono::steady_clock::time_point;

/// Connects at construction. Every method throws TimeoutError past its deadline and ConnectionError
/// when the other side is lost. Used by one thread at a time.
class Stream {
 public:
  Stream(const Url& url, Deadline connect_by);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void write(std::string_view head, std::string_view body, Deadline by);
  /// Bytes as they come; 0 at the end.
  std::size_t read(char* into, std::size_t size, Deadline by);

  /// False when the peer closed it, or sent what nobody asked for.
  bool is_quiet() const;

 private:
  void connect(Deadline by);
  bool try_address(const ::addrinfo& address, Deadline by, std::string& why);
  void start_tls(Deadline by);
  void write_plain(std::string_view head, std::string_view body, Deadline by);
  void write_tls(std::string_view bytes, Deadline by);
  void wait_for(short events, Deadline by) const;
  /// Waits as the TLS layer asks to after `result`, or throws. False at the end of the stream.
  bool wait_for_tls(int result, Deadline by, std::string_view what);

  std::string host_;
  std::uint16_t port_;
  int fd_ = -1;
  SSL* tls_ = nullptr;
};

}  // namespace http
