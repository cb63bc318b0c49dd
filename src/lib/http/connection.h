// One connection of the server: reads requests, has them handled, writes answers, in order.
#pragma once

#include "lib/http/answer.h"
#include "lib/http/request_parser.h"
#include "lib/http/server_tls.h"
#include "lib/http/worker_pool.h"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_set>

namespace http {

class Connection;

/// Whoever wakes a connection that waits for more of a live body, and the connection itself, meet here.
struct Waiting {
  std::mutex mutex;
  bool woken = false;                      ///< since the body was last asked
  std::shared_ptr<Connection> connection;  ///< the one that waits: nobody else holds it
};

/// What all connections of a server share.
struct Hub {
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp,
                                                  boost::asio::io_context::executor_type>;

  ServerOptions options;
  Server::Handler handle;
  boost::asio::io_context io;
  WorkerPool workers;
  std::unique_ptr<ServerTls> tls;  // none: plain http
  std::atomic<bool> stopping{false};

  std::mutex mutex;
  std::condition_variable left;                 // a connection went
  std::unordered_set<Connection*> connections;  // all that are open

  Hub(ServerOptions options, Server::Handler handle)
      : options(std::move(options)),
        handle(std::move(handle)),
        workers("http-worker", this->options.workers) {
    if (!this->options.tls_certificate.empty()) {
      tls = std::make_unique<ServerTls>(this->options.tls_certificate, this->options.tls_key);
    }
  }

  /// Shuts down the connections that are past their deadline; with `idle`, those between requests
  /// too.
  void sweep(bool idle);
  /// Shuts down every connection.
  void shut_down_all();
};

/// A connection has one owner at any time: the wait for its socket, or the thread that works on it.
/// An idle one holds a socket and little else: the bytes of a request are read into a buffer of the
/// thread, and parser, request and answer live as long as the exchange.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Hub& hub, Hub::Socket socket);
  ~Connection();

  /// Waits for the first request.
  void start();

  /// Any thread, under the hub's lock. A live body, which has no end of its own, is idle to who stops.
  bool is_past_deadline(std::int64_t now_ms) const;
  bool is_idle() const { return idle_ || live_; }
  void shut_down();

 private:
  struct Exchange;
  using SocketError = boost::system::error_code;

  bool is_greeting() const { return tls_ && tls_->is_greeting(); }
  /// The socket's own, through TLS if there is any.
  std::size_t read_some(std::span<char> into, SocketError& failed);
  std::size_t write_some(std::string_view head, std::string_view piece, SocketError& failed);
  static std::size_t conclude(const TlsSession::Result& result, SocketError& failed);
  void join_small(std::string_view& head, std::string_view& piece);
  void refuse_plain_http();
  void wait_for_bytes();
  void read();
  void go_on_reading();
  bool reads_to_file() const;
  std::span<char> place_to_read();
  /// Takes bytes in. False when the connection has gone to another owner.
  bool feed(std::string_view bytes);
  /// Parses as far as the bytes go and gives how many it used.
  std::size_t parse(std::string_view bytes);
  /// What follows a parse: a hundred-continue, the handler, a refusal or just more bytes.
  bool proceed(bool pipelined = false);
  bool refuse(int status, std::string_view why = {});
  bool send_continue();
  void dispatch(bool pipelined);
  void handle();
  void answer(Response response, bool keep_alive);
  void write();
  /// Asks a live body for its next piece, on a worker.
  void pull();
  void begin_live();
  void wake() { wake(hub_, *waiting_); }
  static void wake(Hub& hub, Waiting& waiting);
  void next_request();
  /// Sends no more, and reads for a moment what the peer still sends: closed at once, the peer
  /// would see a reset in place of the answer.
  void linger();
  void expect_progress(std::uint64_t bytes);
  void expire_in(std::chrono::milliseconds span);
  void never_expire() { deadline_ms_ = 0; }

  Hub& hub_;
  Hub::Socket socket_;
  std::unique_ptr<TlsSession> tls_;  // null: plain
  std::string peer_;
  std::string pending_;         // bytes read and not yet parsed,
  std::size_t pending_at_ = 0;  // from here on
  std::unique_ptr<Exchange> exchange_;
  std::atomic<std::int64_t> deadline_ms_{0};
  std::atomic<bool> idle_{true}, live_{false};
  std::shared_ptr<Waiting> waiting_;  // since the first live body; made under the hub's lock
};

}  // namespace http
