// One connection of the server.
#include "lib/http/connection.h"

#include "lib/base/encoding.h"
#include "lib/base/log.h"
#include "lib/http/feed.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>
#include <sys/socket.h>

#include <array>

namespace http {
namespace {

namespace asio = boost::asio;
using boost::beast::http::error;

constexpr std::size_t kScratchBytes = 256 << 10;
constexpr std::size_t kKeptBytes = 4 << 10;
constexpr std::chrono::seconds kLinger{2};
/// What has to come, or to go, in the time that a connection may be idle: a peer that drips byte by byte would
/// hold it for ever.
constexpr std::uint64_t kLeastProgress = 16 << 10;

/// What a thread reads into. Its content never outlives a call of read().
std::vector<char>& scratch() {
  thread_local std::vector<char> buffer(kScratchBytes);
  return buffer;
}

std::int64_t steady_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string peer_of(const Hub::Socket& socket) {
  boost::system::error_code failed;
  const auto endpoint = socket.remote_endpoint(failed);
  if (failed) return {};
  const std::string address = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", address, endpoint.port())
                                    : fmt::format("{}:{}", address, endpoint.port());
}

int status_of(const boost::beast::error_code& code) {
  if (code == error::header_limit) return 431;
  if (code == error::body_limit) return 413;
  if (code == error::bad_version) return 505;
  return 400;
}

}  // namespace

void Hub::sweep(bool idle) {
  const std::int64_t now = steady_ms();
  std::lock_guard lock(mutex);
  for (Connection* connection : connections) {
    if (connection->is_past_deadline(now) || (idle && connection->is_idle())) {
      connection->shut_down();
    }
  }
}

void Hub::shut_down_all() {
  std::lock_guard lock(mutex);
  for (Connection* connection : connections) connection->shut_down();
}

/// A request and its answer, and how far each has come.
struct Connection::Exchange {
  RequestParser parser;
  bool continued = false;           // "100 Continue" was sent
  std::uint64_t sent = 0;           // bytes of the answer
  std::optional<std::uint64_t> credited;  // bytes, come or sent, that the deadline was moved for last
  boost::beast::error_code failed;  // what the parser said last
  std::string trouble;              // why the body can't be kept
  Request request;

  Response response;
  AnswerForm form;
  std::string head;
  std::unique_ptr<Body::Reader> body;
  bool live = false;  // more is to come from the response's live body
  std::string chunk;  // its present piece, framed
  std::array<std::string_view, 2> unsent;  // of the head, and of the body's present piece

  explicit Exchange(const ServerOptions& options) : parser(options) {}
};

Connection::Connection(Hub& hub, Hub::Socket socket)
    : hub_(hub),
      socket_(std::move(socket)),
      tls_(hub.tls ? hub.tls->accept(socket_.native_handle()) : nullptr),
      peer_(peer_of(socket_)) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  std::lock_guard lock(hub_.mutex);
  hub_.connections.insert(this);
}

Connection::~Connection() {
  exchange_.reset();
  if (tls_) tls_->say_goodbye();
  std::lock_guard lock(hub_.mutex);
  hub_.connections.erase(this);
  boost::system::error_code ignored;
  socket_.close(ignored);
  hub_.left.notify_all();
}

bool Connection::is_past_deadline(std::int64_t now_ms) const {
  const std::int64_t deadline = deadline_ms_;
  return deadline != 0 && now_ms >= deadline;
}

// Not close(): the owner may be using the descriptor. It will read the end, and go.
void Connection::shut_down() {
  ::shutdown(socket_.native_handle(), SHUT_RDWR);
  if (waiting_) wake();
}

/// The peer has as long as a connection may be idle for each kLeastProgress bytes, of which there were `bytes`.
void Connection::expect_progress(std::uint64_t bytes) {
  std::optional<std::uint64_t>& credited = exchange_->credited;
  if (credited && bytes < *credited + kLeastProgress) return;
  credited = bytes;
  expire_in(hub_.options.idle_timeout);
}

void Connection::expire_in(std::chrono::milliseconds span) {
  deadline_ms_ = steady_ms() + span.count();
}

void Connection::start() {
  // The handshake has this long, however many pieces it comes in.
  if (tls_) expire_in(hub_.options.header_timeout);
  wait_for_bytes();
}

std::size_t Connection::conclude(const TlsSession::Result& result, SocketError& failed) {
  switch (result.outcome) {
    case TlsSession::Outcome::kDone: failed.clear(); break;
    case TlsSession::Outcome::kWait: failed = asio::error::would_block; break;
    case TlsSession::Outcome::kEnd: failed = asio::error::eof; break;
    case TlsSession::Outcome::kFailed: failed = asio::error::connection_reset; break;
  }
  return result.size;
}

std::size_t Connection::read_some(std::span<char> into, SocketError& failed) {
  if (!tls_) return socket_.read_some(asio::buffer(into.data(), into.size()), failed);
  const std::size_t got = conclude(tls_->read(into), failed);
  if (tls_->met_plain_http()) refuse_plain_http();
  return got;
}

std::size_t Connection::write_some(std::string_view head, std::string_view piece,
                                   SocketError& failed) {
  if (!tls_) return socket_.write_some(std::array{asio::buffer(head), asio::buffer(piece)}, failed);
  return conclude(tls_->write(head.empty() ? piece : head), failed);
}

void Connection::refuse_plain_http() {
  const Response refusal = plain_answer(400, "this port speaks https");
  const std::string text = answer_head(refusal, {.keep_alive = false}) + refusal.body.string();
  SocketError ignored;
  socket_.write_some(asio::buffer(text), ignored);
}

void Connection::wait_for_bytes() {
  if (idle_) {
    if (!is_greeting()) expire_in(hub_.options.idle_timeout);
    // Either this sees that the server stops, or stop() sees that this is idle.
    if (hub_.stopping) return;
  }
  if (tls_ && tls_->has_bytes()) {
    hub_.workers.submit([self = shared_from_this()] { self->read(); });
    return;
  }
  const bool for_writing = tls_ && tls_->wants_write();
  socket_.async_wait(for_writing ? Hub::Socket::wait_write : Hub::Socket::wait_read,
                     [self = shared_from_this()](const SocketError& failed) {
                       if (!failed) self->go_on_reading();
                     });
}

/// A body that goes to a file takes a processor's time and waits for the disk, and a handshake takes a
/// signature: that is no work for the threads that wait for everybody's bytes.
void Connection::go_on_reading() {
  if (!reads_to_file() && !is_greeting()) return read();
  hub_.workers.submit([self = shared_from_this()] { self->read(); });
}

bool Connection::reads_to_file() const { return exchange_ && exchange_->parser.is_spooling(); }

void Connection::read() {
  // Bounded, so that one fast sender doesn't keep the thread to itself.
  constexpr int kReadsInARow = 16;
  for (int i = 0; i < kReadsInARow; ++i) {
    SocketError failed;
    const std::span<char> buffer = place_to_read();
    const std::size_t got = read_some(buffer, failed);
    if (failed == asio::error::would_block) break;
    if (failed) return;
    if (!feed({buffer.data(), got})) return;
    // Of TLS a record is read at a time, however many have come.
    if (got < buffer.size() && !reads_to_file() && !tls_) break;
  }
  wait_for_bytes();
}

/// The rest of a large body goes where it will stay, anything else into the thread's buffer.
std::span<char> Connection::place_to_read() {
  constexpr std::size_t kWorthIt = 16 << 10;
  if (exchange_ && pending_.empty()) {
    const auto space = exchange_->parser.body_space();
    if (space.size() >= kWorthIt || (reads_to_file() && !space.empty())) return space;
  }
  return scratch();
}

bool Connection::feed(std::string_view bytes) {
  if (pending_.empty()) {
    pending_.assign(bytes.substr(parse(bytes)));
  } else {
    pending_.erase(0, std::exchange(pending_at_, 0));
    pending_ += bytes;
    pending_at_ = parse(pending_);
  }
  return proceed();
}

std::size_t Connection::parse(std::string_view bytes) {
  std::size_t used = 0;
  if (!exchange_) {
    // Some clients send an empty line behind a body.
    used = std::min(bytes.find_first_not_of("\r\n"), bytes.size());
    if (used == bytes.size()) return used;
    exchange_ = std::make_unique<Exchange>(hub_.options);
    idle_ = false;
    expire_in(hub_.options.header_timeout);
  }
  Exchange& exchange = *exchange_;
  bytes.remove_prefix(used);
  try {
    used += http::feed(exchange.parser, bytes, exchange.failed);
  } catch (const std::exception& error) {
    exchange.trouble = error.what();
  }
  return used;
}

bool Connection::proceed(bool pipelined) {
  if (pending_at_ == pending_.size()) {
    pending_.clear();
    pending_at_ = 0;
  }
  if (!exchange_) return true;
  Exchange& exchange = *exchange_;
  if (!exchange.trouble.empty()) {
    base::log_warning("http", "a body of {} is refused: {}", peer_, exchange.trouble);
    return refuse(500, exchange.trouble);
  }
  if (exchange.failed && exchange.failed != error::need_more) {
    return refuse(status_of(exchange.failed), exchange.failed.message());
  }
  if (exchange.parser.is_done()) {
    dispatch(pipelined);
    return false;
  }
  if (!exchange.parser.is_header_done()) return true;
  if (exchange.parser.has_unknown_encoding()) return refuse(501);
  // Only the line of a chunk can stand unparsed inside of a body.
  if (pending_.size() > hub_.options.max_header_bytes) return refuse(400);
  expect_progress(exchange.parser.body_bytes());
  return send_continue();
}

bool Connection::refuse(int status, std::string_view why) {
  answer(plain_answer(status, why), false);
  return false;
}

bool Connection::send_continue() {
  Exchange& exchange = *exchange_;
  if (!exchange.parser.expects_continue() || exchange.parser.body_bytes() > 0 || exchange.continued) {
    return true;
  }
  exchange.continued = true;
  constexpr std::string_view kLine = "HTTP/1.1 100 Continue\r\n\r\n";
  SocketError failed;
  // A peer that left no room for 25 bytes is not waiting for them.
  return write_some(kLine, {}, failed) == kLine.size() && !failed;
}

void Connection::dispatch(bool pipelined) {
  Exchange& exchange = *exchange_;
  if (exchange.parser.has_unknown_encoding()) {
    refuse(501);
    return;
  }
  exchange.request = exchange.parser.take();
  exchange.request.peer = peer_;
  exchange.credited.reset();
  never_expire();
  // What stands behind an answer goes to a worker in any case: handled here, thousands of small
  // requests in a row would be as many calls deep.
  if (!pipelined && hub_.options.quick && hub_.options.quick(exchange.request)) return handle();
  hub_.workers.submit([self = shared_from_this()] { self->handle(); });
}

void Connection::handle() {
  Exchange& exchange = *exchange_;
  Response response;
  try {
    response = hub_.handle(exchange.request);
  } catch (const std::exception& error) {
    base::log_error("http", "{} {} failed: {}", exchange.request.method, exchange.request.target,
                    error.what());
    response = plain_answer(500);
  } catch (...) {
    base::log_error("http", "{} {} failed", exchange.request.method, exchange.request.target);
    response = plain_answer(500);
  }
  const bool close = base::iequals(response.headers.get("Connection"), "close");
  answer(std::move(response), exchange.parser.keep_alive() && !close && !hub_.stopping);
}

void Connection::answer(Response response, bool keep_alive) {
  Exchange& exchange = *exchange_;
  exchange.response = std::move(response);
  exchange.form = {.to_head = exchange.request.method == "HEAD",
                   .keep_alive = keep_alive,
                   .http_1_0 = exchange.parser.is_http_1_0()};
  exchange.request = Request();
  try {
    if (!sends_body(exchange.response.status, exchange.form)) {
      exchange.response.live = nullptr;
    } else if (exchange.response.live) {
      begin_live();
    } else {
      exchange.body = std::make_unique<Body::Reader>(exchange.response.body);
    }
  } catch (const std::exception& error) {
    base::log_error("http", "an answer's body is lost: {}", error.what());
    exchange.response = plain_answer(500);
    exchange.live = false;
    exchange.body = std::make_unique<Body::Reader>(exchange.response.body);
  }
  exchange.head = answer_head(exchange.response, exchange.form);
  exchange.unsent[0] = exchange.head;
  write();
}

void Connection::begin_live() {
  Exchange& exchange = *exchange_;
  exchange.live = live_ = true;
  if (exchange.form.http_1_0) exchange.form.keep_alive = false;
  if (!waiting_) {
    const std::lock_guard lock(hub_.mutex);
    waiting_ = std::make_shared<Waiting>();
  }
  // A body may outlive the connection, and the server: who waits is alive, and so is the hub.
  exchange.response.live->on_ready([&hub = hub_, place = std::weak_ptr(waiting_)] {
    if (const auto waiting = place.lock()) wake(hub, *waiting);
  });
}

void Connection::wake(Hub& hub, Waiting& waiting) {
  const std::lock_guard lock(waiting.mutex);
  waiting.woken = true;
  // The task alone holds the connection now: it must not end under this lock, nor the caller's.
  if (waiting.connection) {
    hub.workers.submit([self = std::move(waiting.connection)] { self->pull(); });
  }
}

void Connection::pull() {
  Exchange& exchange = *exchange_;
  const std::shared_ptr<Waiting> waiting = waiting_;  // outlives this when another thread goes on
  std::optional<std::string> piece;
  for (;;) {
    if (hub_.stopping) return;
    try {
      piece = exchange.response.live->next();
    } catch (const std::exception& error) {
      base::log_error("http", "an answer to {} broke off: {}", peer_, error.what());
      return;
    }
    if (!piece || !piece->empty()) break;
    const std::lock_guard lock(waiting->mutex);
    if (std::exchange(waiting->woken, false)) continue;
    // From here on the connection is another's.
    waiting->connection = shared_from_this();
    return;
  }
  exchange.live = piece.has_value();
  const bool chunked = !exchange.form.http_1_0;
  const std::string bytes = std::move(piece).value_or("");
  exchange.chunk = chunked ? fmt::format("{:x}\r\n", bytes.size()) + bytes + "\r\n" : bytes;
  exchange.unsent[1] = exchange.chunk;
  write();
}

/// A head and a short piece are one record, and one packet.
void Connection::join_small(std::string_view& head, std::string_view& piece) {
  constexpr std::size_t kRecord = 16 << 10;
  if (!tls_ || head.empty() || piece.empty() || head.size() + piece.size() > kRecord) return;
  std::string both = std::string(head).append(piece);
  exchange_->head = std::move(both);
  head = exchange_->head;
  piece = {};
}

void Connection::write() {
  try {
    Exchange& exchange = *exchange_;
    auto& [head, piece] = exchange.unsent;
    for (;;) {
      const bool from_file = !tls_ && exchange.body && exchange.body->has_file_bytes();
      if (piece.empty() && exchange.body && !from_file) piece = exchange.body->next();
      if (head.empty() && piece.empty() && !from_file) {
        if (!exchange.live) break;
        exchange.credited.reset();
        never_expire();
        hub_.workers.submit([self = shared_from_this()] { self->pull(); });
        return;
      }
      join_small(head, piece);
      SocketError failed;
      std::size_t sent = 0;
      if (from_file && head.empty()) {
        std::error_code lost;
        exchange.sent += exchange.body->send_to(socket_.native_handle(), lost);
        if (lost) failed.assign(lost.value(), boost::system::system_category());
      } else {
        sent = write_some(head, piece, failed);
      }
      if (failed == asio::error::would_block) {
        expect_progress(exchange.sent);
        const bool for_reading = tls_ && !tls_->wants_write();
        socket_.async_wait(for_reading ? Hub::Socket::wait_read : Hub::Socket::wait_write,
                           [self = shared_from_this()](const SocketError& error) {
                             if (!error) self->write();
                           });
        return;
      }
      if (failed) return;
      exchange.sent += sent;
      const std::size_t of_head = std::min(sent, head.size());
      head.remove_prefix(of_head);
      piece.remove_prefix(sent - of_head);
    }
  } catch (const std::exception& error) {
    // The head is out: the only way left to tell the peer is to end the connection early.
    base::log_error("http", "an answer to {} broke off: {}", peer_, error.what());
    return;
  }
  if (exchange_->form.keep_alive) return next_request();
  const bool peer_may_be_sending = !exchange_->parser.is_done() || !pending_.empty();
  exchange_.reset();
  if (!peer_may_be_sending) return;
  pending_ = std::string();
  if (tls_) tls_->say_goodbye();
  boost::system::error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  expire_in(kLinger);
  linger();
}

void Connection::next_request() {
  exchange_.reset();
  idle_ = true;
  live_ = false;
  if (!pending_.empty()) {
    pending_at_ += parse(std::string_view(pending_).substr(pending_at_));
    if (!proceed(true)) return;
  }
  if (pending_.capacity() > kKeptBytes) pending_.shrink_to_fit();
  wait_for_bytes();
}

void Connection::linger() {
  std::vector<char>& buffer = scratch();
  for (SocketError failed; !failed;) {
    socket_.read_some(asio::buffer(buffer), failed);
    if (failed == asio::error::would_block) break;
    if (failed) return;
  }
  socket_.async_wait(Hub::Socket::wait_read, [self = shared_from_this()](const SocketError& error) {
    if (!error) self->linger();
  });
}

}  // namespace http
