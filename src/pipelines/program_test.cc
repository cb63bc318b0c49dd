// The program itself: arguments, exit codes, what it leaves for SageMaker, signals.
#include "lib/http/client.h"
#include "pipelines/test_beers.h"
#include "test_places.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
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
  int end(int signal) {
    kill(child_, signal);
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

TEST(Program, DoesNotServeAModelItHasNot) {
  Root root;
  EXPECT_EQ(Program(root, "serve", {"SAGEMAKER_BIND_TO_PORT=0"}).wait(), 1);
  EXPECT_THAT(read_file(root.folders().failure()), HasSubstr("The model in"));
}

}  // namespace
}  // namespace pipelines
