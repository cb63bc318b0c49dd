// The functions as programs: started as Lambda starts them, with a runtime, a source and a stream.
#include "lib/base/encoding.h"
#include "lib/base/ids.h"
#include "lib/http/server.h"
#include "test_places.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <future>
#include <mutex>

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// A Lambda Runtime API that hands out one event, and tells what the function made of it. Asked for
/// the next one it doesn't answer, as AWS's doesn't, until it goes.
class Runtime {
 public:
  explicit Runtime(std::string event)
      : event_(std::move(event)),
        gone_(leave_.get_future().share()),
        server_({}, [this](const http::Request& request) { return answer(request); }) {}
  ~Runtime() { leave_.set_value(); }

  std::string address() const { return server_.url().substr(7); }
  /// "response …" or "error …"; a program that died says nothing.
  std::string outcome() {
    std::future<std::string> outcome = outcome_.get_future();
    const bool came = outcome.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
    return came ? outcome.get() : "nothing";
  }

 private:
  http::Response answer(const http::Request& request) {
    if (!request.target.ends_with("/invocation/next")) {
      outcome_.set_value(request.target.substr(request.target.rfind('/') + 1) + " " +
                         request.body.string());
      return {202, {}, {}};
    }
    if (asked_.exchange(true)) {
      gone_.wait();
      return {500, {}, {}};
    }
    return {200, {{"Lambda-Runtime-Aws-Request-Id", "id"}}, http::Body(event_)};
  }

  std::string event_;
  std::atomic<bool> asked_ = false;
  std::promise<std::string> outcome_;
  std::promise<void> leave_;
  std::shared_future<void> gone_;
  http::Server server_;
};

/// A program of the build, with this environment and no other. Ends with the object.
class Program {
 public:
  Program(const std::string& name, std::vector<std::string> environment) {
    std::string path = std::string(BEER_BIN_DIR) + "/" + name;
    char* arguments[] = {path.data(), nullptr};
    std::vector<char*> variables;
    for (std::string& variable : environment) variables.push_back(variable.data());
    variables.push_back(nullptr);
    const int failed =
        posix_spawn(&pid_, path.c_str(), nullptr, nullptr, arguments, variables.data());
    if (failed != 0) throw std::system_error(failed, std::generic_category(), path);
  }
  ~Program() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

 private:
  pid_t pid_ = -1;
};

TEST(FnExtraction, TakesABeerFromTheSourceToTheStream) {
  std::mutex mutex;
  std::vector<std::string> stream;
  http::Server world({}, [&](const http::Request& request) -> http::Response {
    if (request.target == "/v2/beers/random") return {200, {}, http::Body("[{\"id\":5}]")};
    const auto input = boost::json::parse(request.body.string());
    std::lock_guard lock(mutex);
    for (const auto& record : input.at("Records").as_array()) {
      stream.push_back(*base::from_base64(record.at("Data").as_string()));
    }
    return {200, {}, http::Body(R"({"FailedRecordCount":0,"Records":[{"SequenceNumber":"1"}]})")};
  });
  Runtime runtime("{}");
  // By name, so that a static executable resolves one.
  const std::string place = fmt::format("http://localhost:{}", world.port());
  const Program program("fn_extraction",
                        {"AWS_LAMBDA_RUNTIME_API=" + runtime.address(), "STREAM_NAME=beers",
                         "SOURCE_URL=" + place + "/v2", "AWS_ENDPOINT_URL=" + place,
                         "AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=s"});
  EXPECT_EQ(runtime.outcome(), R"(response {"records":1,"stream":"beers"})");
  EXPECT_THAT(stream, ElementsAre("{\"id\":5}\n"));
}

TEST(FnExtraction, SaysWhichVariableIsMissing) {
  Runtime runtime("{}");
  const Program program("fn_extraction", {"AWS_LAMBDA_RUNTIME_API=" + runtime.address(),
                                          "AWS_ACCESS_KEY_ID=A", "AWS_SECRET_ACCESS_KEY=s"});
  EXPECT_THAT(runtime.outcome(), HasSubstr("SOURCE_URL"));
}

TEST(FnTransformation, TurnsABeerIntoARow) {
  const std::string data = base::to_base64(R"({"id":5,"name":"x"})");
  Runtime runtime(fmt::format(
      R"({{"records":[{{"recordId":"r","approximateArrivalTimestamp":1767225600000,"data":"{}"}}]}})",
      data));
  const Program program("fn_transformation", {"AWS_LAMBDA_RUNTIME_API=" + runtime.address()});
  EXPECT_THAT(runtime.outcome(),
              testing::AllOf(testing::StartsWith("response "), HasSubstr(R"("result":"Ok")")));
}

}  // namespace
