// The program itself: arguments, exit codes, what it leaves for SageMaker, signals.
#include "lib/http/client.h"
#include "pipelines/test_beers.h"
#include "test_places.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace pipelines {
namespace {

using ::testing::HasSubstr;
using testing::Root;

/// beer-pipeline as a child whose standard output is read through a pipe.
class Program {
 public:
  Program(const Root& root, const char* command, std::vector<std::string> environment = {}) {
    environment.push_back("SM_ML_ROOT=" + root.path().string());
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    child_ = fork();
    if (child_ == 0) {
      for (std::string& one : environment) putenv(one.data());
      dup2(ends[1], STDOUT_FILENO);
      if (!freopen("/dev/null", "w", stderr)) _exit(126);
      execl(BEER_BIN_DIR "/beer-pipeline", "beer-pipeline", command, nullptr);
      _exit(127);
    }
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
  }
  ~Program() {
    if (child_ > 0) end(SIGKILL);
    fclose(output_);
  }
  Program(const Program&) = delete;

  /// The next line without its end; empty when there is none any more.
  std::string line() {
    std::string text;
    for (int c = fgetc(output_); c != EOF && c != '\n'; c = fgetc(output_))
      text += static_cast<char>(c);
    return text;
  }
  int wait() {
    while (fgetc(output_) != EOF) continue;  // or it would block on a full pipe
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  void signal(int which) const { kill(child_, which); }
  int end(int which) {
    signal(which);
    return wait();
  }

 private:
  pid_t child_ = 0;
  FILE* output_ = nullptr;
};

TEST(Program, TellsSageMakerWhyAJobFailed) {
  Root root;
  EXPECT_EQ(Program(root, "train").wait(), 1);
  EXPECT_THAT(read_file(root.folders().failure()), HasSubstr("hyperparameters.json"));
  EXPECT_EQ(Program(root, "preprocess").wait(), 1);
  EXPECT_THAT(read_file(root.folders().message()), HasSubstr("at least 100 are needed"));
}

TEST(Program, PrintsTheDefinition) {
  Root root;
  Program program(root, "definition");
  EXPECT_THAT(program.line(), HasSubstr("\"Version\":\"2020-12-01\""));
  EXPECT_EQ(program.wait(), 0);
}

TEST(Program, TrainsAndServesUntilItIsToldToStop) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(150));
  testing::set_hyperparameters(root, R"({"num_round":"10","bags":"1","folds":"2"})");
  ASSERT_EQ(Program(root, "train").wait(), 0);
  Program server(root, "serve", {"SM_BIND_ADDRESS=127.0.0.1", "SAGEMAKER_BIND_TO_PORT=0"});
  const std::string line = server.line();
  ASSERT_TRUE(line.starts_with("serving http://127.0.0.1:")) << line;
  http::Client client;
  EXPECT_EQ(client.get(line.substr(8) + "/ping").status, 200);
  EXPECT_EQ(server.end(SIGTERM), 0);
}

/// A connection to a server of this machine; -1 when it takes none.
int connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{10, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

std::string read_to_end(int fd) {
  std::string all;
  char buffer[4096];
  for (ssize_t got = 0; (got = recv(fd, buffer, sizeof buffer, 0)) > 0;) {
    all.append(buffer, static_cast<std::size_t>(got));
  }
  return all;
}

TEST(Program, FinishesWhatIsUnderWayWhenItIsToldToStop) {
  Root root;
  testing::preprocess_for_training(root, testing::simulated_rows(150));
  testing::set_hyperparameters(root, R"({"num_round":"10","bags":"1","folds":"2"})");
  ASSERT_EQ(Program(root, "train").wait(), 0);
  Program server(root, "serve", {"SM_BIND_ADDRESS=127.0.0.1", "SAGEMAKER_BIND_TO_PORT=0"});
  const std::uint16_t port = http::parse_url(server.line().substr(8)).port;
  // Requests of which half has come: the server has begun them, so it owes them an answer.
  const std::string body = testing::simulated_beer(3);
  const std::string request =
      "POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: "
      "application/json\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\nExpect: 100-continue\r\n\r\n";
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  std::vector<int> open;
  for (int i = 0; i < 4; ++i) {
    open.push_back(connect_to(port));
    ASSERT_EQ(send(open.back(), request.data(), request.size(), 0), ssize_t(request.size()));
    std::string told(kContinue.size(), '\0');
    ASSERT_EQ(recv(open.back(), told.data(), told.size(), MSG_WAITALL), ssize_t(told.size()));
    EXPECT_EQ(told, kContinue);
  }
  server.signal(SIGTERM);
  for (int fd = 0; (fd = connect_to(port)) >= 0;) close(fd);  // until it takes no more connections
  for (const int fd : open) {
    ASSERT_EQ(send(fd, body.data(), body.size(), 0), ssize_t(body.size()));
    const std::string answer = read_to_end(fd);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(answer, HasSubstr("\"predictions\""));
    close(fd);
  }
  EXPECT_EQ(server.wait(), 0);
}

TEST(Program, DoesNotServeAModelItHasNot) {
  Root root;
  EXPECT_EQ(Program(root, "serve", {"SAGEMAKER_BIND_TO_PORT=0"}).wait(), 1);
  EXPECT_THAT(read_file(root.folders().failure()), HasSubstr("The model in"));
}

}  // namespace
}  // namespace pipelines
