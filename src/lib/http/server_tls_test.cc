// https: a server with a certificate of its own, and a client that was told to trust it.
#include "lib/http/certificate.h"
#include "lib/http/client.h"
#include "lib/http/server.h"
#include "lib/io/file.h"
#include "lib/io/temporary_folder.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <future>

namespace http {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

struct Tls : testing::Test {
  io::TemporaryFolder folder;
  CertificateFiles files{folder.path() + "/tls/certificate.pem", folder.path() + "/tls/key.pem"};

  ServerOptions options() {
    make_certificate(files, {"127.0.0.1", "localhost"});
    trust(files.certificate);
    ServerOptions options;
    options.tls_certificate = files.certificate;
    options.tls_key = files.key;
    options.spool_dir = folder.path();
    return options;
  }
};

/// A TCP connection to the server; reading gives up after ten seconds.
io::Fd connect_to(const Server& server) {
  io::Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{10, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return {};
  return fd;
}

std::string rest_of(const io::Fd& fd) {
  std::string all;
  char buffer[4096];
  for (ssize_t got; (got = ::recv(fd.get(), buffer, sizeof buffer, 0)) > 0;) all.append(buffer, static_cast<std::size_t>(got));
  return all;
}

Response echo(const Request& request) { return {200, {}, request.body}; }

TEST_F(Tls, AnswersOneRequestAfterTheOtherOnAConnection) {
  Server server(options(), [](const Request& request) { return Response{200, {{"X-Peer", request.peer}}, request.target}; });
  EXPECT_THAT(server.url(), HasSubstr("https://127.0.0.1:"));
  Client client;
  const Response first = client.get(server.url() + "/one"), second = client.get(server.url() + "/two");
  EXPECT_EQ(first.body.string() + second.body.string(), "/one/two");
  EXPECT_EQ(first.headers.get("X-Peer"), second.headers.get("X-Peer"));
  EXPECT_EQ(Client().get(fmt::format("https://localhost:{}/by-name", server.port())).body.string(), "/by-name");
}

TEST_F(Tls, CarriesBodiesThatAreSpooledAndFilesThatAreServed) {
  auto how = options();
  how.memory_body_bytes = 1 << 20;
  Server server(how, echo);
  std::string large(5'000'000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 2654435761u >> 13);
  for (const std::size_t size : {std::size_t{1}, std::size_t{16'384}, std::size_t{900'000}, large.size()}) {
    Request request;
    request.method = "PUT";
    request.body = large.substr(0, size);
    EXPECT_EQ(Client().send(parse_url(server.url() + "/"), std::move(request)).body.string(), large.substr(0, size)) << size;
  }
}

TEST_F(Tls, AnswersRequestsThatCameTogether) {
  Server server(options(), [](const Request& request) { return Response{200, {}, request.target}; });
  const io::Fd fd = connect_to(server);
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL* const session = SSL_new(context);
  SSL_set_fd(session, fd.get());
  ASSERT_EQ(SSL_connect(session), 1);
  const std::string_view one = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n", two = "GET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  SSL_write(session, one.data(), static_cast<int>(one.size()));
  SSL_write(session, two.data(), static_cast<int>(two.size()));
  std::string all;
  char buffer[4096];
  for (int got; (got = SSL_read(session, buffer, sizeof buffer)) > 0;) all.append(buffer, static_cast<std::size_t>(got));
  EXPECT_EQ(SSL_get_shutdown(session), SSL_RECEIVED_SHUTDOWN);  // a goodbye, not a hang-up
  SSL_free(session);
  SSL_CTX_free(context);
  EXPECT_THAT(all, testing::ContainsRegex("/1HTTP/1.1 200(.|\r|\n)*/2$"));
}

TEST_F(Tls, RefusesOlderTls) {
  Server server(options(), echo);
  const io::Fd fd = connect_to(server);
  SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
  SSL* const session = SSL_new(context);
  SSL_set_fd(session, fd.get());
  EXPECT_NE(SSL_connect(session), 1);
  SSL_free(session);
  SSL_CTX_free(context);
}

TEST_F(Tls, EndsAHandshakeThatStalls) {
  auto how = options();
  how.header_timeout = milliseconds(100);
  Server server(how, echo);
  const io::Fd silent = connect_to(server), slow = connect_to(server);
  ::send(slow.get(), "\x16\x03\x01\x02", 4, MSG_NOSIGNAL);  // the beginning of a record
  EXPECT_EQ(rest_of(silent), "");
  EXPECT_EQ(rest_of(slow), "");
  EXPECT_EQ(Client().get(server.url() + "/").status, 200);
}

TEST_F(Tls, TellsAPlainClientWhatThePortSpeaks) {
  Server server(options(), echo);
  const Response answer = Client().get(fmt::format("http://127.0.0.1:{}/", server.port()));
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(answer.body.string(), HasSubstr("this port speaks https"));
}

TEST_F(Tls, EndsWithConnectionsInTheMidstOfIt) {
  auto server = std::make_unique<Server>(options(), echo);
  const io::Fd silent = connect_to(*server);
  EXPECT_EQ(Client().get(server->url() + "/").status, 200);
  server->stop(milliseconds(2'000));
  EXPECT_EQ(rest_of(silent), "");
}

TEST_F(Tls, IsTrustedByNobodyWhoWasNotTold) {
  io::TemporaryFolder other;
  ServerOptions how;
  how.tls_certificate = other.path() + "/c.pem";
  how.tls_key = other.path() + "/k.pem";
  make_certificate({how.tls_certificate, how.tls_key}, {"127.0.0.1"});
  Server server(how, echo);
  EXPECT_THROW(Client().get(server.url() + "/"), ConnectionError);
}

TEST_F(Tls, SaysWhichFileIsOfNoUse) {
  auto how = options();
  how.tls_key = files.certificate;
  try {
    Server server(how, echo);
    FAIL() << "it serves without a key";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the key " + files.certificate));
  }
}

TEST_F(Tls, MakesACertificateOnceForTheSameNames) {
  EXPECT_TRUE(make_certificate(files, {"127.0.0.1", "localhost"}));
  EXPECT_FALSE(make_certificate(files, {"localhost"}));
  EXPECT_EQ(std::filesystem::status(files.key).permissions(), std::filesystem::perms(0600));
  EXPECT_TRUE(vouches_for_itself(files.certificate));
  EXPECT_TRUE(is_certificate_for(files.certificate, "127.0.0.1"));
  EXPECT_FALSE(is_certificate_for(files.certificate, "beer.example"));
  EXPECT_EQ(certificate_name(files.certificate), "localhost");
}

TEST_F(Tls, MakesACertificateAnewForMoreNamesAndForALostKey) {
  make_certificate(files, {"127.0.0.1", "localhost"});
  EXPECT_TRUE(make_certificate(files, {"127.0.0.1", "localhost", "192.0.2.7"}));
  EXPECT_TRUE(is_certificate_for(files.certificate, "192.0.2.7"));
  std::filesystem::remove(files.key);
  EXPECT_TRUE(make_certificate(files, {"localhost"}));
}

}  // namespace
}  // namespace http
