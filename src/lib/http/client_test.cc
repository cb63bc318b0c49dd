// The client against our server, and against sockets that misbehave.
#include "lib/http/client.h"

#include "lib/http/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <semaphore>
#include <thread>

namespace http {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

/// Answers connections one after the other with fixed bytes, and hangs up after each.
class Script {
 public:
  explicit Script(std::vector<std::string> answers) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd_, 16) != 0) {
      throw std::runtime_error("can't listen");
    }
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    url_ = fmt::format("http://127.0.0.1:{}/x", ntohs(address.sin_port));
    thread_ = std::thread([this, answers = std::move(answers)] {
      for (const std::string& answer : answers) serve(answer);
    });
  }
  ~Script() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  const std::string& url() const { return url_; }

 private:
  void serve(const std::string& answer) const {
    const int peer = ::accept(fd_, nullptr, nullptr);
    if (peer < 0) return;
    std::string request;
    char buffer[4096];
    while (request.find("\r\n\r\n") == request.npos) {
      const ssize_t got = ::recv(peer, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      request.append(buffer, static_cast<std::size_t>(got));
    }
    ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    ::close(peer);
  }

  int fd_;
  std::string url_;
  std::thread thread_;
};

TEST(ParseUrl, ReadsItsParts) {
  const Url plain = parse_url("http://localhost:4566/v2/beers?page=1#top");
  EXPECT_EQ(plain.host, "localhost");
  EXPECT_EQ(plain.port, 4566);
  EXPECT_EQ(plain.target, "/v2/beers?page=1");
  EXPECT_EQ(plain.authority(), "localhost:4566");
  const Url secure = parse_url("HTTPS://s3.amazonaws.com");
  EXPECT_EQ(secure.scheme, "https");
  EXPECT_EQ(secure.port, 443);
  EXPECT_EQ(secure.target, "/");
  EXPECT_EQ(secure.authority(), "s3.amazonaws.com");
  const Url v6 = parse_url("http://[::1]:80?q");
  EXPECT_EQ(v6.host, "::1");
  EXPECT_EQ(v6.target, "/?q");
  EXPECT_EQ(v6.authority(), "[::1]");
}

TEST(ParseUrl, NamesTheUrlThatItRefuses) {
  for (const std::string_view text :
       {"localhost:80", "ftp://host/", "http://", "http://:80/", "http://h:0/", "http://h:x/",
        "http://h:70000/", "http://user:secret@h/", "http://h/a b", "http://h/\r\nX: y"}) {
    EXPECT_THROW(parse_url(text), std::invalid_argument) << text;
  }
}

TEST(Client, SendsMethodTargetHeadersAndBody) {
  Server server({}, [](const Request& request) {
    return Response{201,
                    {{"X-Host", std::string(request.headers.get("Host"))},
                     {"X-Length", std::string(request.headers.get("Content-Length", "none"))}},
                    Body(request.method + " " + request.target + " " + request.body.string())};
  });
  Client client;
  Url url = parse_url(server.url() + "/a%20b?c=d");
  Request request;
  request.method = "POST";
  request.body = std::string("malt");
  Response response = client.send(url, request);
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.headers.get("x-host"), url.authority());
  EXPECT_EQ(response.headers.get("x-length"), "4");
  EXPECT_EQ(response.body.string(), "POST /a%20b?c=d malt");
  EXPECT_EQ(client.get(server.url()).headers.get("x-length"), "none");
}

TEST(Client, UsesOneConnectionForRequestsInARow) {
  Server server({}, [](const Request& request) { return Response{200, {}, Body(request.peer)}; });
  Client client;
  const std::string peer = client.get(server.url()).body.string();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client.get(server.url()).body.string(), peer);
}

TEST(Client, SendsAgainWhenAKeptConnectionHasDied) {
  std::optional<Server> server;
  server.emplace(ServerOptions(), [](const Request&) { return Response{200, {}, Body("one")}; });
  ServerOptions same;
  same.port = server->port();
  const std::string url = server->url();
  Client client;
  EXPECT_EQ(client.get(url).body.string(), "one");
  server.reset();
  server.emplace(same, [](const Request&) { return Response{200, {}, Body("two")}; });
  EXPECT_EQ(client.get(url).body.string(), "two");
}

TEST(Client, MayBeUsedBySeveralThreads) {
  Server server({}, [](const Request& request) { return Response{200, {}, Body(request.target)}; });
  Client client;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        const std::string target = fmt::format("/{}/{}", t, i);
        EXPECT_EQ(client.get(server.url() + target).body.string(), target);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(Client, DoesNotWaitForTheBodyOfAHead) {
  Server server({}, [](const Request&) { return Response{200, {}, Body("12345")}; });
  Client client;
  Request request;
  request.method = "HEAD";
  for (int i = 0; i < 2; ++i) {
    const Response response = client.send(parse_url(server.url()), request);
    EXPECT_EQ(response.headers.get("content-length"), "5");
    EXPECT_TRUE(response.body.empty());
  }
}

TEST(Client, ReadsChunkedAndUnboundedAndInterimAnswers) {
  const Script script(
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
       "4\r\nmalt\r\n5\r\n+hops\r\n0\r\nX-Trailer: t\r\n\r\n",
       "HTTP/1.0 200 OK\r\n\r\nuntil the end",
       "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\n"
       "Content-Length: 2\r\n\r\nok"});
  Client client;
  const Response chunked = client.get(script.url());
  EXPECT_EQ(chunked.body.string(), "malt+hops");
  EXPECT_FALSE(chunked.headers.has("X-Trailer"));
  EXPECT_EQ(client.get(script.url()).body.string(), "until the end");
  const Response late = client.get(script.url());
  EXPECT_EQ(late.status, 202);
  EXPECT_EQ(late.body.string(), "ok");
}

TEST(Client, SaysWhereAnAnswerBroke) {
  const Script script({"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "", "garbage\r\n\r\n"});
  Client client;
  for (int i = 0; i < 3; ++i) {
    try {
      client.get(script.url());
      FAIL() << "a broken answer was taken";
    } catch (const ConnectionError& error) {
      EXPECT_THAT(error.what(), HasSubstr("http://127.0.0.1:"));
    }
  }
}

TEST(Client, RefusesABodyPastItsLimit) {
  Server server({}, [](const Request&) { return Response{200, {}, Body(std::string(101, 'x'))}; });
  const Script script({"HTTP/1.0 200 OK\r\n\r\n" + std::string(101, 'x')});
  ClientOptions options;
  options.max_body_bytes = 100;
  Client client(options);
  EXPECT_THROW(client.get(server.url()), ConnectionError);
  EXPECT_THROW(client.get(script.url()), ConnectionError);
}

TEST(Client, GivesUpAtItsDeadline) {
  ClientOptions options;
  options.timeout = milliseconds(20);
  Client client(options);
  std::binary_semaphore release(0);
  Server server({}, [&](const Request&) {
    release.acquire();
    return Response();
  });
  EXPECT_THROW(client.get(server.url()), TimeoutError);
  release.release();
}

TEST(Client, SaysThatNobodyListens) {
  std::string url;
  {
    Server server({}, [](const Request&) { return Response(); });
    url = server.url();
  }
  try {
    Client().get(url);
    FAIL() << "somebody listens";
  } catch (const ConnectionError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr(url), HasSubstr("refused")));
  }
}

TEST(Client, RefusesToSendALineEndInAHeader) {
  Request request;
  request.headers.add("X", "a\r\nY: b");
  EXPECT_THROW(Client().send(parse_url("http://127.0.0.1:1/"), request), std::invalid_argument);
}

TEST(Client, DoesNotTalkTlsToAPlainServer) {
  Server server({}, [](const Request&) { return Response(); });
  EXPECT_THROW(Client().get("https://127.0.0.1:" + std::to_string(server.port())), ConnectionError);
}

}  // namespace
}  // namespace http
