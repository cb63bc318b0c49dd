// The server on the wire: what a raw socket sends and reads.
#include "lib/http/server.h"

#include "lib/base/digest.h"
#include "lib/base/encoding.h"
#include "lib/base/ids.h"
#include "lib/http/client.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <latch>
#include <system_error>

namespace http {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A socket that speaks nothing by itself. Reading gives up after ten seconds.
class Wire {
 public:
  explicit Wire(const Server& server) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(server.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::system_error(errno, std::generic_category(), "connect");
    }
  }
  ~Wire() { ::close(fd_); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0) return;  // the server hung up, which the test reads
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// Reads until `end` has come `times` times, or the connection ends.
  std::string until(std::string_view end, int times = 1) const {
    std::string all;
    const auto count = [&] {
      int found = 0;
      for (auto at = all.find(end); at != all.npos; at = all.find(end, at + 1)) ++found;
      return found;
    };
    while (count() < times && read_into(all)) {
    }
    return all;
  }
  std::string to_end() const {
    std::string all;
    while (read_into(all)) {
    }
    return all;
  }
  /// The server has sent something, or closed.
  bool has_something_within(milliseconds span) const {
    pollfd waiting{fd_, POLLIN, 0};
    return ::poll(&waiting, 1, static_cast<int>(span.count())) > 0;
  }
  bool is_closed() const {
    char byte;
    return ::recv(fd_, &byte, 1, 0) == 0;
  }

 private:
  bool read_into(std::string& all) const {
    char buffer[65536];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
    if (got > 0) all.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
  }
  int fd_;
};

Response echo(const Request& request) {
  return {200,
          {},
          Body("<" + request.method + " " + request.target + " " + request.body.string() + ">")};
}

/// A folder that goes with the test.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("beer-http-" + base::Ids().hex(12))) {
    std::filesystem::create_directory(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string path() const { return path_.string(); }
  bool is_empty() const { return std::filesystem::is_empty(path_); }

 private:
  std::filesystem::path path_;
};

TEST(Server, AnswersWithLengthDateAndItsName) {
  Server server({}, echo);
  const Wire wire(server);
  wire.send("GET /a?b=%20 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(wire.until(">"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\nContent-Length: 15\r\n"),
                    HasSubstr("\r\nDate: "), HasSubstr(" GMT\r\n"), HasSubstr("\r\nServer: "),
                    HasSubstr("\r\n\r\n<GET /a?b=%20 >")));
}

TEST(Server, LeavesADateAndAServerThatTheHandlerSet) {
  Server server({}, [](const Request&) {
    return Response{200, {{"date", "then"}, {"server", "AmazonS3"}}, Body("!")};
  });
  const Wire wire(server);
  wire.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(wire.until("!"), AllOf(HasSubstr("date: then\r\n"), HasSubstr("server: AmazonS3\r\n"),
                                     Not(HasSubstr("Date:")), Not(HasSubstr("Server:"))));
}

TEST(Server, KeepsAConnectionForTheNextRequest) {
  Server server({}, echo);
  const Wire wire(server);
  for (const std::string_view target : {"/1", "/2", "/3"}) {
    wire.send("POST " + std::string(target) + " HTTP/1.1\r\nContent-Length: 4\r\n\r\nmalt");
    EXPECT_THAT(wire.until(">"), HasSubstr("<POST " + std::string(target) + " malt>"));
  }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  Server server({}, echo);
  const Wire wire(server);
  std::string requests, expected;
  for (int i = 0; i < 200; ++i) {
    requests += fmt::format("PUT /{} HTTP/1.1\r\nContent-Length: 3\r\n\r\n{:03}", i, i);
    expected += fmt::format("<PUT /{} {:03}>", i, i);
  }
  wire.send(requests);
  const std::string answers = wire.until(">", 200);
  std::string bodies;
  for (auto at = answers.find('<'); at != answers.npos; at = answers.find('<', at + 1)) {
    bodies += answers.substr(at, answers.find('>', at) + 1 - at);
  }
  EXPECT_EQ(bodies, expected);
}

TEST(Server, ReadsALargeBodyToItsEndAndTheRequestBehindItApart) {
  Server server({}, echo);
  const Wire wire(server);
  std::string body;
  for (int i = 0; i < 200'000; ++i) body += static_cast<char>('a' + i % 23);
  const std::string request =
      fmt::format("POST /1 HTTP/1.1\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
  for (const std::size_t first : {request.size(), request.size() - 1, std::size_t{40}}) {
    wire.send(request.substr(0, first));
    wire.send(request.substr(first) + "GET /2 HTTP/1.1\r\n\r\n");
    const std::string answers = wire.until(">", 2);
    EXPECT_NE(answers.find("<POST /1 " + body + ">"), answers.npos);
    EXPECT_NE(answers.find("<GET /2 >"), answers.npos);
  }
}

TEST(Server, ReadsARequestThatComesByteByByte) {
  Server server({}, echo);
  const Wire wire(server);
  for (const char c : std::string_view("\r\nPOST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                                       "3\r\nhop\r\n1;ext=1\r\ns\r\n0\r\nTrailer: t\r\n\r\n")) {
    wire.send({&c, 1});
  }
  EXPECT_THAT(wire.until(">"), HasSubstr("<POST /x hops>"));
}

TEST(Server, ReadsAnEmptyChunkedBodyWhoseEndComesByteByByte) {
  Server server({}, echo);
  const Wire wire(server);
  for (const std::string_view end : {"0\r\n\r\n", "0\r\nTrailer: t\r\n\r\n"}) {
    wire.send("POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char c : end) wire.send({&c, 1});
    EXPECT_THAT(wire.until(">"), HasSubstr("<POST /x >"));
  }
}

TEST(Server, TellsAClientThatAsksToContinueOnceOnly) {
  Server server({}, echo);
  const Wire wire(server);
  wire.send("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(wire.until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  wire.send("ma");
  wire.send("lt");
  EXPECT_THAT(wire.until(">"), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("<PUT / malt>")));
}

TEST(Server, RefusesATooLargeBodyBeforeAskingForIt) {
  ServerOptions options;
  options.max_body_bytes = 10;
  Server server(options, echo);
  const Wire wire(server);
  wire.send("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  EXPECT_THAT(wire.to_end(), AllOf(StartsWith("HTTP/1.1 413 "), HasSubstr("Connection: close")));
}

TEST(Server, RefusesATooLargeChunkedBody) {
  ServerOptions options;
  options.max_body_bytes = 10;
  Server server(options, echo);
  const Wire wire(server);
  wire.send("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n3\r\n123\r\n");
  EXPECT_THAT(wire.to_end(), StartsWith("HTTP/1.1 413 "));
}

TEST(Server, LetsAClientThatStillSendsSeeItsRefusal) {
  ServerOptions options;
  options.max_body_bytes = 1000;
  Server server(options, echo);
  Request request;
  request.method = "PUT";
  request.body = std::string(20 << 20, 'x');
  EXPECT_EQ(Client().send(parse_url(server.url()), request).status, 413);
}

TEST(Server, RefusesATooLargeHeader) {
  ServerOptions options;
  options.max_header_bytes = 4096;
  Server server(options, echo);
  const Wire wire(server);
  wire.send("GET / HTTP/1.1\r\nX: " + std::string(5000, 'x') + "\r\n\r\n");
  EXPECT_THAT(wire.to_end(), StartsWith("HTTP/1.1 431 "));
}

TEST(Server, RefusesAHeaderOfEndlessFields) {
  ServerOptions options;
  options.max_header_bytes = 4096;
  Server server(options, echo);
  const Wire wire(server);
  wire.send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 3000; ++i) wire.send("Field: value\r\n");
  EXPECT_THAT(wire.to_end(), StartsWith("HTTP/1.1 431 "));
}

TEST(Server, RefusesAnEndlessChunkLine) {
  ServerOptions options;
  options.max_header_bytes = 4096;
  Server server(options, echo);
  const Wire wire(server);
  wire.send("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(600'000, 'x'));
  EXPECT_THAT(wire.to_end(), StartsWith("HTTP/1.1 400 "));
}

class Garbage : public testing::TestWithParam<std::pair<int, std::string>> {};

TEST_P(Garbage, IsRefusedAndEndsTheConnection) {
  Server server({}, echo);
  const Wire wire(server);
  wire.send(GetParam().second);
  EXPECT_THAT(wire.to_end(), StartsWith(fmt::format("HTTP/1.1 {} ", GetParam().first)));
}

INSTANTIATE_TEST_SUITE_P(
    Server, Garbage,
    testing::Values(
        std::pair(400, "\x16\x03\x01\x02"), std::pair(400, "GET  HTTP/1.1\r\n\r\n"),
        std::pair(505, "GET / FTP/1.1\r\n\r\n"), std::pair(505, "GET / HTTP/2.0\r\n\r\n"),
        std::pair(400, "GET / HTTP/1.1\r\nno colon\r\n\r\n"),
        std::pair(400, "GET / HTTP/1.1\r\nContent-Length: ten\r\n\r\n"),
        std::pair(400, "PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12"),
        std::pair(400, "PUT / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        std::pair(400, "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        std::pair(501, "PUT / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n")));

TEST(Server, AnswersHeadWithTheLengthAndNoBody) {
  Server server({}, [](const Request& request) {
    Response response{200, {}, Body("12345")};
    if (request.target == "/given") response = {200, {{"Content-Length", "777"}}, {}};
    return response;
  });
  const Wire wire(server);
  wire.send("HEAD / HTTP/1.1\r\n\r\nHEAD /given HTTP/1.1\r\n\r\n");
  EXPECT_THAT(wire.until("\r\n\r\n", 2),
              AllOf(HasSubstr("Content-Length: 5\r\n"), HasSubstr("Content-Length: 777\r\n"),
                    Not(HasSubstr("12345"))));
}

TEST(Server, SendsNoBodyWithStatusesThatHaveNone) {
  Server server({}, [](const Request& request) {
    return Response{request.target == "/204" ? 204 : 304, {}, Body("dropped")};
  });
  const Wire wire(server);
  wire.send("GET /204 HTTP/1.1\r\n\r\nGET /304 HTTP/1.1\r\n\r\n");
  EXPECT_THAT(wire.until("\r\n\r\n", 2),
              AllOf(HasSubstr(" 204 No Content"), HasSubstr(" 304 Not Modified"),
                    Not(HasSubstr("dropped")), Not(HasSubstr("Content-Length"))));
}

TEST(Server, ClosesWhenTheClientOrTheHandlerAsksToAndForHttp10) {
  Server server({}, [](const Request& request) {
    Response response = echo(request);
    if (request.target == "/close") response.headers.add("Connection", "close");
    return response;
  });
  for (const std::string_view request : {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
                                         "GET /close HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    const Wire wire(server);
    wire.send(request);
    EXPECT_THAT(wire.to_end(), HasSubstr("Connection: close\r\n"));
  }
  const Wire wire(server);
  wire.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(wire.until(">"), HasSubstr("Connection: keep-alive\r\n"));
}

TEST(Server, AnswersFiveHundredWhenTheHandlerThrows) {
  Server server({}, [](const Request& request) -> Response {
    if (request.target == "/odd") throw 42;
    throw std::runtime_error("a secret of the house");
  });
  const Wire wire(server);
  wire.send("GET / HTTP/1.1\r\n\r\nGET /odd HTTP/1.1\r\n\r\n");
  EXPECT_THAT(wire.until("Error\n", 2),
              AllOf(StartsWith("HTTP/1.1 500 "), Not(HasSubstr("secret"))));
}

TEST(Server, DoesNotLetAHeaderValueEndItsField) {
  Server server({}, [](const Request&) {
    return Response{200, {{"X-Note", "a\r\nSet-Cookie: b"}}, Body("!")};
  });
  const Wire wire(server);
  wire.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(wire.until("!"), AllOf(HasSubstr("X-Note: a  Set-Cookie: b\r\n")));
}

TEST(Server, SpoolsALargeBodyToAFileThatGoesWithTheRequest) {
  const Folder folder;
  ServerOptions options;
  options.memory_body_bytes = 1000;
  options.spool_dir = folder.path();
  Server server(options, [&](const Request& request) {
    EXPECT_EQ(request.body.in_memory(), request.body.size() <= 1000);
    EXPECT_EQ(folder.is_empty(), request.body.in_memory());
    return echo(request);
  });
  for (const std::size_t size : {0u, 1u, 1000u, 1001u, 3'000'000u}) {
    const std::string body(size, 'y');
    const Wire plain(server);
    plain.send(fmt::format("PUT / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{}", size, body));
    EXPECT_THAT(plain.until(">"), testing::EndsWith("<PUT / " + body + ">"));
    const Wire chunked(server);
    chunked.send("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
    if (size > 0) chunked.send(fmt::format("{:x}\r\n{}\r\n", size, body));
    chunked.send("0\r\n\r\n");
    EXPECT_THAT(chunked.until(">"), testing::EndsWith("<PUT / " + body + ">"));
  }
  server.stop();
  EXPECT_TRUE(folder.is_empty());
}

TEST(Server, TakesDigestsOfALargeBodyWhileItComesIn) {
  const Folder folder;
  ServerOptions options;
  options.memory_body_bytes = 1000;
  options.spool_dir = folder.path();
  options.digests = [](const Request& head) {
    return std::vector<std::string>{std::string(head.headers.get("X-Take")), "CRC32", "unknown"};
  };
  Server server(options, [&](const Request& request) {
    const std::string* md5 = request.body.find_digest("MD5");
    EXPECT_EQ(request.body.find_digest("unknown"), nullptr);
    EXPECT_EQ(request.body.find_digest("CRC32") == nullptr, request.body.in_memory());
    EXPECT_EQ(md5 == nullptr, request.body.in_memory());
    const std::string bytes = request.body.string();
    EXPECT_EQ(md5 == nullptr ? base::md5(bytes) : *md5, base::md5(bytes));
    return Response{200, {}, fmt::format("<{}>", bytes.size())};
  });
  // Within a piece, at its end, and more than a ring of them.
  for (const std::size_t size : {1000u, 1001u, 262'144u, 262'145u, 12'000'001u}) {
    std::string body(size, '\0');
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>(i * i / 7);
    const std::string put =
        fmt::format("PUT / HTTP/1.1\r\nX-Take: MD5\r\nContent-Length: {}\r\n\r\n", size) + body;
    const Wire wire(server);
    wire.send(put + put);
    EXPECT_THAT(wire.until(">", 2), testing::EndsWith(fmt::format("<{}>", size)));
  }
  {
    const Wire wire(server);
    wire.send("PUT / HTTP/1.1\r\nX-Take: MD5\r\nContent-Length: 9000000\r\n\r\n");
    wire.send(std::string(8'000'000, 'x'));
  }
  server.stop();
  EXPECT_TRUE(folder.is_empty());
}

TEST(Server, LeavesNoFileOfABodyThatNeverEnded) {
  const Folder folder;
  ServerOptions options;
  options.memory_body_bytes = 10;
  options.spool_dir = folder.path();
  Server server(options, echo);
  {
    const Wire wire(server);
    wire.send("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n");
    wire.until("\r\n\r\n");
    wire.send("only half of it");
  }
  server.stop();
  EXPECT_TRUE(folder.is_empty());
}

TEST(Server, AnswersFiveHundredWhenABodyCannotBeSpooled) {
  ServerOptions options;
  options.memory_body_bytes = 10;
  options.spool_dir = "/nonexistent/folder";
  Server server(options, echo);
  const Wire wire(server);
  wire.send("PUT / HTTP/1.1\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x'));
  EXPECT_THAT(wire.to_end(), AllOf(StartsWith("HTTP/1.1 500 "), HasSubstr("/nonexistent/folder")));
}

TEST(Server, StreamsASpanOfAFile) {
  const Folder folder;
  const std::string path = folder.path() + "/lake";
  std::string bytes(5'000'000, 'a');
  bytes.replace(0, 3, "xyz");
  std::ofstream(path, std::ios::binary) << bytes;
  Server server({}, [&](const Request& request) {
    if (request.target == "/lost") return Response{200, {}, Body::file(path + "x", 0, 9)};
    return Response{206, {}, Body::file(path, 2, 4'000'000)};
  });
  Client client;
  EXPECT_EQ(client.get(server.url()).body.string(), bytes.substr(2, 4'000'000));
  EXPECT_EQ(client.get(server.url() + "/lost").status, 500);
  // One that hangs up half-way ends nobody else, and what a file promised and hasn't ends early.
  for (int i = 0; i < 3; ++i) {
    const Wire wire(server);
    wire.send("GET / HTTP/1.1\r\n\r\n");
    wire.until("\r\n\r\nz");
  }
  EXPECT_EQ(client.get(server.url()).body.size(), 4'000'000u);
  std::filesystem::resize_file(path, 3'000'000);
  EXPECT_THROW(client.get(server.url()), ConnectionError);
}

TEST(Server, SendsALargeBodyToASlowReader) {
  const std::string body(30 << 20, 'z');
  Server server({}, [&](const Request&) { return Response{200, {}, Body(body)}; });
  const Wire wire(server);
  wire.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(wire.to_end().size(), testing::Gt(body.size()));
}

TEST(Server, HandlesRequestsAtOnce) {
  std::latch all_here(8);
  Server server({}, [&](const Request& request) {
    all_here.arrive_and_wait();  // returns only when eight handlers run at once
    return echo(request);
  });
  std::vector<std::thread> clients;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] { answered += Client().get(server.url()).status == 200; });
  }
  for (auto& client : clients) client.join();
  EXPECT_EQ(answered, 8);
}

TEST(Server, NeverHandlesMoreAtOnceThanItHasWorkers) {
  ServerOptions options;
  options.workers = 2;
  std::atomic<int> now = 0, most = 0;
  Server server(options, [&](const Request& request) {
    const int here = ++now;
    for (int seen = most; here > seen && !most.compare_exchange_weak(seen, here);) {
    }
    std::this_thread::yield();
    --now;
    return echo(request);
  });
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      Client client;
      for (int k = 0; k < 50; ++k) EXPECT_EQ(client.get(server.url()).status, 200);
    });
  }
  for (auto& client : clients) client.join();
  EXPECT_LE(most, 2);
}

TEST(Server, HandlesQuickRequestsOnTheThreadThatReadThem) {
  const auto name_of_thread = [](const Request&) {
    char name[16];
    pthread_getname_np(pthread_self(), name, sizeof name);
    return Response{200, {}, Body(name)};
  };
  Server server(
      {.quick = [](const Request& request) { return request.path() == "/quick"; }},
      name_of_thread);
  Client client;
  EXPECT_EQ(client.get(server.url() + "/quick").body.view(), "http-io");
  EXPECT_EQ(client.get(server.url() + "/other").body.view(), "http-worker");
}

TEST(Server, AnswersAnyNumberOfPipelinedQuickRequests) {
  Server server({.quick = [](const Request&) { return true; }}, echo);
  const Wire wire(server);
  constexpr int kRequests = 20'000;
  std::string all;
  for (int i = 0; i < kRequests; ++i) all += "GET /x HTTP/1.1\r\n\r\n";
  std::thread sender([&] { wire.send(all); });
  const std::string got = wire.until("<GET /x >", kRequests);
  EXPECT_TRUE(got.ends_with("<GET /x >"));
  sender.join();
}

TEST(Server, ClosesAConnectionWhoseHeaderDoesNotCome) {
  ServerOptions options;
  options.header_timeout = milliseconds(20);
  Server server(options, echo);
  const Wire wire(server);
  wire.send("GET / HT");
  EXPECT_TRUE(wire.is_closed());
}

TEST(Server, ClosesAConnectionThatIsIdleOrWhoseBodyDoesNotCome) {
  ServerOptions options;
  options.idle_timeout = milliseconds(20);
  Server server(options, echo);
  EXPECT_TRUE(Wire(server).is_closed());
  const Wire wire(server);
  wire.send("PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\nha");
  EXPECT_TRUE(wire.is_closed());
}

TEST(Server, ClosesAConnectionWhoseBodyDrips) {
  ServerOptions options;
  options.idle_timeout = milliseconds(100);
  Server server(options, echo);
  const Wire wire(server);
  wire.send("PUT / HTTP/1.1\r\nContent-Length: 9999\r\n\r\n");
  int drops = 0;
  while (drops < 2'000 && !wire.has_something_within(milliseconds(5))) {
    wire.send("x");
    ++drops;
  }
  EXPECT_LT(drops, 2'000);
  EXPECT_EQ(wire.to_end(), "");
}

TEST(Server, AnswersFiveHundredAndThreePastItsMostConnections) {
  ServerOptions options;
  options.max_connections = 1;
  Server server(options, echo);
  const Wire first(server);
  first.send("GET / HTTP/1.1\r\n\r\n");
  first.until(">");
  EXPECT_THAT(Wire(server).to_end(), StartsWith("HTTP/1.1 503 "));
}

TEST(Server, FinishesWhatIsUnderWayWhenItStops) {
  std::latch handling(1), stopping(1);
  Server server({}, [&](const Request& request) {
    handling.count_down();
    stopping.wait();
    return echo(request);
  });
  const Wire busy(server), idle(server);
  busy.send("GET /last HTTP/1.1\r\n\r\n");
  handling.wait();
  std::thread stop([&] { server.stop(std::chrono::seconds(30)); });
  EXPECT_TRUE(idle.is_closed());  // stop() has begun
  stopping.count_down();
  EXPECT_THAT(busy.to_end(), AllOf(HasSubstr("Connection: close"), HasSubstr("<GET /last >")));
  stop.join();
  EXPECT_THROW(Wire{server}, std::system_error);
}

TEST(Server, StopsWithinItsGraceWhenAClientDallies) {
  Server server({}, echo);
  const Wire wire(server);
  wire.send("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
  wire.until("\r\n\r\n");
  server.stop(milliseconds(10));
  EXPECT_TRUE(wire.is_closed());
  server.stop();
}

/// A live body that says what a test tells it to.
class Feed final : public LiveBody {
 public:
  void on_ready(std::function<void()> wake) override {
    std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  std::optional<std::string> next() override {
    std::lock_guard lock(mutex_);
    if (broken_) throw std::runtime_error("no more of this");
    if (pieces_.empty()) return ended_ ? std::nullopt : std::optional<std::string>("");
    std::string piece = pieces_.front();
    pieces_.erase(pieces_.begin());
    return piece;
  }
  void say(std::string piece) {
    tell([&] { pieces_.push_back(std::move(piece)); });
  }
  void nudge() {
    tell([] {});
  }
  void end() {
    tell([&] { ended_ = true; });
  }
  void break_off() {
    tell([&] { broken_ = true; });
  }

 private:
  template <class F>
  void tell(F&& change) {
    std::function<void()> wake;
    {
      std::lock_guard lock(mutex_);
      change();
      wake = wake_;
    }
    if (wake) wake();
  }
  std::mutex mutex_;
  std::function<void()> wake_;
  std::vector<std::string> pieces_;
  bool ended_ = false, broken_ = false;
};

TEST(LiveBody, IsSentInChunksAsItComes) {
  const auto feed = std::make_shared<Feed>();
  Server server({}, [&](const Request& request) {
    return request.target == "/live" ? Response{200, {}, {}, feed} : echo(request);
  });
  const Wire wire(server);
  wire.send("GET /live HTTP/1.1\r\n\r\n");
  EXPECT_THAT(wire.until("\r\n\r\n"),
              AllOf(HasSubstr("Transfer-Encoding: chunked"), Not(HasSubstr("Content-Length"))));
  feed->say("ale");
  EXPECT_EQ(wire.until("ale\r\n"), "3\r\nale\r\n");
  feed->say("a stout of 20 bytes.");
  EXPECT_EQ(wire.until(".\r\n"), "14\r\na stout of 20 bytes.\r\n");
  feed->end();
  EXPECT_EQ(wire.until("\r\n\r\n"), "0\r\n\r\n");
  wire.send("GET /next HTTP/1.1\r\n\r\n");
  EXPECT_THAT(wire.until(">"), HasSubstr("<GET /next >"));
}

TEST(LiveBody, HoldsNoWorkerWhileItWaits) {
  std::mutex mutex;
  std::vector<std::shared_ptr<Feed>> feeds;
  Server server({.workers = 1}, [&](const Request& request) {
    if (request.target != "/live") return echo(request);
    std::lock_guard lock(mutex);
    feeds.push_back(std::make_shared<Feed>());
    return Response{200, {}, {}, feeds.back()};
  });
  std::vector<std::unique_ptr<Wire>> readers;
  for (int i = 0; i < 20; ++i) {
    readers.push_back(std::make_unique<Wire>(server));
    readers.back()->send("GET /live HTTP/1.1\r\n\r\n");
    readers.back()->until("\r\n\r\n");
  }
  const Wire other(server);
  other.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(other.until(">"), HasSubstr("200 OK"));
  for (int i = 0; i < 20; ++i) {
    feeds[static_cast<std::size_t>(i)]->say(fmt::format("<{}>", i));
    feeds[static_cast<std::size_t>(i)]->end();
  }
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(readers[static_cast<std::size_t>(i)]->until("0\r\n\r\n"), HasSubstr(fmt::format("<{}>", i)));
  }
}

TEST(LiveBody, LosesNoPieceHoweverOftenItIsWoken) {
  const auto feed = std::make_shared<Feed>();
  Server server({}, [&](const Request&) { return Response{200, {}, {}, feed}; });
  const Wire wire(server);
  wire.send("GET / HTTP/1.0\r\n\r\n");
  std::string expected;
  {
    std::jthread noise([&](const std::stop_token& stop) {
      while (!stop.stop_requested()) feed->nudge();
    });
    for (int i = 0; i < 2'000; ++i) {
      expected += fmt::format("{};", i);
      feed->say(fmt::format("{};", i));
    }
  }
  feed->end();
  const std::string all = wire.to_end();  // of HTTP/1.0: no chunks, and an end
  EXPECT_THAT(all, Not(HasSubstr("chunked")));
  EXPECT_EQ(all.substr(all.find("\r\n\r\n") + 4), expected);
}

TEST(LiveBody, WaitsForASlowReader) {
  const auto feed = std::make_shared<Feed>();
  Server server({}, [&](const Request&) { return Response{200, {}, {}, feed}; });
  for (int i = 0; i < 30; ++i) feed->say(std::string(1 << 20, static_cast<char>('a' + i % 26)));
  feed->end();
  Client client;
  const std::string all = client.get(server.url()).body.string();
  ASSERT_EQ(all.size(), 30u << 20);
  for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(all[(i << 20) + 7], static_cast<char>('a' + i % 26));
}

TEST(LiveBody, IsNotSentToHead) {
  Server server({}, [&](const Request&) { return Response{200, {}, {}, std::make_shared<Feed>()}; });
  const Wire wire(server);
  wire.send("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(wire.to_end(), HasSubstr("200 OK"));
}

TEST(LiveBody, EndsTheConnectionWhenItThrowsAndWhenTheServerStops) {
  const auto broken = std::make_shared<Feed>(), waiting = std::make_shared<Feed>();
  Server server({}, [&](const Request& request) {
    return Response{200, {}, {}, request.target == "/broken" ? broken : waiting};
  });
  const Wire first(server), second(server);
  first.send("GET /broken HTTP/1.1\r\n\r\n");
  first.until("\r\n\r\n");
  broken->break_off();
  EXPECT_EQ(first.to_end(), "");
  second.send("GET / HTTP/1.1\r\n\r\n");
  second.until("\r\n\r\n");
  const auto began = std::chrono::steady_clock::now();
  server.stop(std::chrono::minutes(5));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::minutes(4));
  EXPECT_EQ(second.to_end(), "");
  waiting->say("nobody listens");
}

TEST(Server, SaysThatItsPortIsInUse) {
  Server first({}, echo);
  ServerOptions options;
  options.port = first.port();
  try {
    Server second(options, echo);
    FAIL() << "two servers on one port";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::address_in_use);
    EXPECT_THAT(error.what(), HasSubstr(fmt::format("127.0.0.1:{}", first.port())));
  }
}

TEST(Server, TellsWhoAsks) {
  Server server({}, [](const Request& request) { return Response{200, {}, Body(request.peer)}; });
  EXPECT_THAT(Client().get(server.url()).body.string(), StartsWith("127.0.0.1:"));
}

}  // namespace
}  // namespace http
