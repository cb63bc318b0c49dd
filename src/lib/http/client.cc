// The client: exchanges over kept connections.
#include "lib/http/client.h"

#include "lib/http/feed.h"
#include "lib/http/response_parser.h"
#include "lib/http/stream.h"

#include <boost/asio/buffer.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

namespace http {
namespace {

using boost::beast::http::error;

constexpr std::size_t kMostKept = 64;  // idle connections to one place
constexpr std::size_t kReadBytes = 64 << 10;
constexpr int kMostInterim = 16;  // "100 Continue" and the like before an answer

std::string request_head(const Url& url, const Request& request) {
  std::string head = fmt::format("{} {} HTTP/1.1\r\n", request.method, url.target);
  const auto field = [&head](std::string_view name, std::string_view value) {
    if (value.find_first_of("\r\n") != std::string_view::npos) {
      throw std::invalid_argument(fmt::format("the header {} holds a line end", name));
    }
    head += fmt::format("{}: {}\r\n", name, value);
  };
  if (!request.headers.has("Host")) field("Host", url.authority());
  for (const auto& [name, value] : request.headers) field(name, value);
  const bool usually_has_body = request.method != "GET" && request.method != "HEAD" &&
                                request.method != "DELETE" && request.method != "OPTIONS";
  if (!request.headers.has("Content-Length") && (usually_has_body || !request.body.empty())) {
    field("Content-Length", std::to_string(request.body.size()));
  }
  return head + "\r\n";
}

/// One request and its answer on one connection.
class Exchange {
 public:
  Exchange(Stream& stream, const ClientOptions& options, Deadline by)
      : stream_(stream), options_(options), by_(by) {}

  void send(std::string_view head, const Body& body) {
    Body::Reader reader(body);
    stream_.write(head, reader.next(), by_);
    for (auto piece = reader.next(); !piece.empty(); piece = reader.next()) {
      stream_.write({}, piece, by_);
    }
  }

  Response receive(bool to_head) {
    for (int i = 0; i < kMostInterim; ++i) {
      ResponseParser parser(options_.max_body_bytes, to_head);
      parse(parser);
      if (parser.status() < 200) continue;
      can_keep_ = parser.keep_alive() && !ended_ && pending_.empty();
      return parser.take();
    }
    throw ConnectionError("the answer never came: only interim ones did");
  }

  bool got_anything() const { return got_anything_; }
  bool can_keep() const { return can_keep_; }

 private:
  void parse(ResponseParser& parser) {
    boost::beast::error_code failed;
    if (!pending_.empty()) pending_.erase(0, put(parser, pending_, failed));
    while (!parser.is_done()) {
      char buffer[kReadBytes];
      const std::size_t got = stream_.read(buffer, sizeof buffer, by_);
      if (got == 0) return finish(parser);
      got_anything_ = true;
      if (pending_.empty()) {
        const std::string_view bytes(buffer, got);
        pending_.assign(bytes.substr(put(parser, bytes, failed)));
      } else {
        pending_.append(buffer, got);
        pending_.erase(0, put(parser, pending_, failed));
      }
    }
  }

  /// Gives how many of the bytes were used.
  std::size_t put(ResponseParser& parser, std::string_view bytes,
                  boost::beast::error_code& failed) {
    const std::size_t used = feed(parser, bytes, failed);
    if (failed == error::body_limit) {
      throw ConnectionError(
          fmt::format("the answer's body is larger than {} bytes", options_.max_body_bytes));
    }
    if (failed && failed != error::need_more) {
      throw ConnectionError("the answer is not HTTP: " + failed.message());
    }
    return used;
  }

  /// The peer closed: the end of a body without a length, or of a broken answer.
  void finish(ResponseParser& parser) {
    ended_ = true;
    boost::beast::error_code failed = error::partial_message;
    if (parser.got_some()) parser.put_eof(failed);
    if (failed) throw ConnectionError("the connection ended before the answer did");
  }

  Stream& stream_;
  const ClientOptions& options_;
  Deadline by_;
  std::string pending_;
  bool got_anything_ = false, ended_ = false, can_keep_ = false;
};

}  // namespace

struct Client::Impl {
  ClientOptions options;
  std::mutex mutex;
  std::map<std::string, std::vector<std::unique_ptr<Stream>>> kept;

  std::unique_ptr<Stream> take_kept(const std::string& place) {
    std::lock_guard lock(mutex);
    const auto found = kept.find(place);
    if (found == kept.end()) return nullptr;
    while (!found->second.empty()) {
      std::unique_ptr<Stream> stream = std::move(found->second.back());
      found->second.pop_back();
      if (stream->is_quiet()) return stream;
    }
    return nullptr;
  }

  void keep(const std::string& place, std::unique_ptr<Stream> stream) {
    std::lock_guard lock(mutex);
    auto& streams = kept[place];
    if (streams.size() < kMostKept) streams.push_back(std::move(stream));
  }

  Response exchange(const Url& url, const Request& request) {
    const auto now = std::chrono::steady_clock::now();
    const Deadline by = now + options.timeout;
    const std::string head = request_head(url, request);
    const std::string place = url.scheme + "://" + url.authority();
    if (std::unique_ptr<Stream> stream = take_kept(place)) {
      if (auto response = try_on(std::move(stream), place, head, request, by, true)) {
        return std::move(*response);
      }
    }
    auto stream = std::make_unique<Stream>(url, std::min(by, now + options.connect_timeout));
    return *try_on(std::move(stream), place, head, request, by, false);
  }

  /// Nothing, when the connection was a kept one and had died before any answer came.
  std::optional<Response> try_on(std::unique_ptr<Stream> stream, const std::string& place,
                                 const std::string& head, const Request& request, Deadline by,
                                 bool was_kept) {
    Exchange exchange(*stream, options, by);
    try {
      Response response = send_and_receive(exchange, head, request);
      if (exchange.can_keep()) keep(place, std::move(stream));
      return response;
    } catch (const TimeoutError&) {
      throw;
    } catch (const ConnectionError&) {
      if (was_kept && !exchange.got_anything()) return std::nullopt;
      throw;
    }
  }

  /// A server may refuse a body half-way: its answer is worth more than the error of the sending.
  static Response send_and_receive(Exchange& exchange, const std::string& head,
                                   const Request& request) {
    const bool to_head = request.method == "HEAD";
    try {
      exchange.send(head, request.body);
    } catch (const TimeoutError&) {
      throw;
    } catch (const ConnectionError& broken) {
      try {
        return exchange.receive(to_head);
      } catch (const ConnectionError&) {
        throw broken;
      }
    }
    return exchange.receive(to_head);
  }
};

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
}
Client::~Client() = default;

Response Client::send(const Url& url, Request request) {
  try {
    return impl_->exchange(url, request);
  } catch (const TimeoutError& error) {
    throw TimeoutError(fmt::format("{}://{}: {}", url.scheme, url.authority(), error.what()));
  } catch (const ConnectionError& error) {
    throw ConnectionError(fmt::format("{}://{}: {}", url.scheme, url.authority(), error.what()));
  }
}

Response Client::get(std::string_view url) { return send(parse_url(url), Request()); }

}  // namespace http
