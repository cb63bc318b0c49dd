// The server: a listening socket, the threads that wait for bytes, and the end of it all.
#include "lib/http/server.h"

#include "lib/base/log.h"
#include "lib/http/connection.h"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <pthread.h>

#include <system_error>

namespace http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr int kThreads = 2;
constexpr std::chrono::milliseconds kAcceptBackOff{50};

/// How often deadlines are looked at: often enough to be true to the shortest of them.
std::chrono::milliseconds sweep_interval(const ServerOptions& options) {
  const auto shortest = std::min(options.header_timeout, options.idle_timeout);
  return std::clamp(shortest / 4, std::chrono::milliseconds(5), std::chrono::milliseconds(1'000));
}

[[noreturn]] void throw_at(const std::string& where, const boost::system::error_code& failed) {
  throw std::system_error(failed.value(), std::system_category(), "listening on " + where);
}

}  // namespace

struct Server::Impl {
  Hub hub;
  asio::executor_work_guard<Executor> work;
  std::mutex mutex;  // guards the acceptor and the timers
  Acceptor acceptor;
  Timer sweeper, accept_pause;
  bool swept = false;
  std::uint16_t port = 0;
  std::vector<std::thread> threads;
  std::once_flag stopped;

  Impl(ServerOptions options, Handler handle)
      : hub(std::move(options), std::move(handle)),
        work(hub.io.get_executor()),
        acceptor(hub.io),
        sweeper(hub.io),
        accept_pause(hub.io) {
    listen();
    accept();
    sweep();
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([this] {
        pthread_setname_np(pthread_self(), "http-io");
        hub.io.run();
      });
    }
  }

  void listen() {
    const std::string where = fmt::format("{}:{}", hub.options.address, hub.options.port);
    boost::system::error_code failed;
    const auto address = asio::ip::make_address(
        hub.options.address == "localhost" ? "127.0.0.1" : hub.options.address, failed);
    if (failed) throw_at(where, failed);
    const tcp::endpoint endpoint(address, hub.options.port);
    acceptor.open(endpoint.protocol(), failed);
    if (!failed) acceptor.set_option(asio::socket_base::reuse_address(true), failed);
    if (!failed) acceptor.bind(endpoint, failed);
    if (!failed) acceptor.listen(asio::socket_base::max_listen_connections, failed);
    if (failed) throw_at(where, failed);
    port = acceptor.local_endpoint().port();
  }

  void accept() {
    std::lock_guard lock(mutex);
    if (!acceptor.is_open()) return;
    acceptor.async_accept([this](const boost::system::error_code& failed, Hub::Socket socket) {
      if (failed) return accept_later(failed);
      admit(std::move(socket));
      accept();
    });
  }

  /// Out of descriptors, most likely: connections that end give some back.
  void accept_later(const boost::system::error_code& failed) {
    std::lock_guard lock(mutex);
    if (!acceptor.is_open()) return;
    base::log_warning("http", "accepting a connection: {}", failed.message());
    accept_pause.expires_after(kAcceptBackOff);
    accept_pause.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled) accept();
    });
  }

  void admit(Hub::Socket socket) {
    std::size_t open;
    {
      std::lock_guard lock(hub.mutex);
      open = hub.connections.size();
    }
    if (open < static_cast<std::size_t>(hub.options.max_connections)) {
      std::make_shared<Connection>(hub, std::move(socket))->start();
      return;
    }
    if (hub.tls) return;  // a word in plain would be noise to who waits for a handshake
    const Response full = plain_answer(503);
    const std::string text = answer_head(full, {.keep_alive = false}) + full.body.string();
    boost::system::error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(text), ignored);
  }

  void sweep() {
    std::lock_guard lock(mutex);
    if (swept) return;
    sweeper.expires_after(sweep_interval(hub.options));
    sweeper.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled) return;
      hub.sweep(false);
      sweep();
    });
  }

  void stop(std::chrono::milliseconds grace) {
    hub.stopping = true;
    close_acceptor();
    hub.sweep(true);
    {
      std::unique_lock lock(hub.mutex);
      const auto none = [this] { return hub.connections.empty(); };
      if (!hub.left.wait_for(lock, grace, none)) {
        lock.unlock();
        hub.shut_down_all();
        lock.lock();
        hub.left.wait(lock, none);
      }
    }
    stop_sweeping();
    work.reset();
    hub.workers.join();
    for (std::thread& thread : threads) thread.join();
  }

  void close_acceptor() {
    std::lock_guard lock(mutex);
    boost::system::error_code ignored;
    acceptor.close(ignored);
    accept_pause.cancel();
  }

  void stop_sweeping() {
    std::lock_guard lock(mutex);
    swept = true;
    sweeper.cancel();
  }
};

Server::Server(ServerOptions options, Handler handle)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(handle))) {}

Server::~Server() { stop(); }

std::uint16_t Server::port() const { return impl_->port; }

std::string Server::url() const {
  const std::string& address = impl_->hub.options.address;
  const std::string_view scheme = impl_->hub.tls ? "https" : "http";
  return address.find(':') == std::string::npos ? fmt::format("{}://{}:{}", scheme, address, port())
                                                : fmt::format("{}://[{}]:{}", scheme, address, port());
}

void Server::stop(std::chrono::milliseconds grace) {
  std::call_once(impl_->stopped, [&] { impl_->stop(grace); });
}

}  // namespace http
