// A function's loop against a runtime that hands out events and goes away.
#include "lib/aws/lambda_runtime.h"

#include "lib/base/log.h"
#include "lib/http/server.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <mutex>

namespace aws {
namespace {

using testing::ElementsAre;

/// Hands out events and keeps the answers; when there is none left, it hangs up on the function.
class FakeRuntime {
 public:
  explicit FakeRuntime(std::deque<std::string> events)
      : events_(std::move(events)),
        server_({}, [this](const http::Request& request) { return answer(request); }) {
    ::setenv("AWS_LAMBDA_RUNTIME_API", server_.url().substr(7).c_str(), 1);
    base::set_log_level(base::Level::kOff);
  }
  ~FakeRuntime() {
    ::unsetenv("AWS_LAMBDA_RUNTIME_API");
    base::set_log_level(base::Level::kWarning);
  }

  std::vector<std::string> calls() const {
    std::lock_guard lock(mutex_);
    return calls_;
  }
  http::Headers last_headers() const {
    std::lock_guard lock(mutex_);
    return last_headers_;
  }
  int refuse_responses_with = 0;

 private:
  http::Response answer(const http::Request& request) {
    std::lock_guard lock(mutex_);
    if (request.target == "/2018-06-01/runtime/invocation/next") {
      if (events_.empty()) return {410, {}, {}};
      http::Response event{200,
                           {{"Lambda-Runtime-Aws-Request-Id", "id-1"},
                            {"Lambda-Runtime-Deadline-Ms", "1767225600000"},
                            {"Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:x"},
                            {"Lambda-Runtime-Trace-Id", "Root=1"}},
                           http::Body(events_.front())};
      events_.pop_front();
      return event;
    }
    calls_.push_back(request.target.substr(20) + " " + request.body.string());
    last_headers_ = request.headers;
    const bool is_response = request.target.ends_with("/response");
    return {is_response && refuse_responses_with != 0 ? refuse_responses_with : 202, {}, {}};
  }

  mutable std::mutex mutex_;
  std::deque<std::string> events_;
  std::vector<std::string> calls_;
  http::Headers last_headers_;
  http::Server server_;
};

TEST(RunLambda, AnswersOneEventAfterTheOther) {
  FakeRuntime runtime({"1", "2"});
  std::vector<Invocation> seen;
  run_lambda([&] {
    return [&](const Invocation& invocation) {
      EXPECT_EQ(invocation.request_id, "id-1");
      EXPECT_EQ(invocation.function_arn, "arn:aws:lambda:x");
      EXPECT_EQ(invocation.deadline_ms, 1'767'225'600'000);
      EXPECT_STREQ(std::getenv("_X_AMZN_TRACE_ID"), "Root=1");
      return "[" + std::string(invocation.payload) + "]";
    };
  });
  EXPECT_THAT(runtime.calls(),
              ElementsAre("invocation/id-1/response [1]", "invocation/id-1/response [2]"));
}

TEST(RunLambda, ReportsAFunctionErrorAndGoesOn) {
  FakeRuntime runtime({"1", "2"});
  run_lambda([] {
    return [](const Invocation& invocation) -> std::string {
      if (invocation.payload == "1") throw FunctionError("Source.Unreachable", "no beer");
      return "ok";
    };
  });
  EXPECT_THAT(
      runtime.calls(),
      ElementsAre("invocation/id-1/error "
                  R"({"errorMessage":"no beer","errorType":"Source.Unreachable","stackTrace":[]})",
                  "invocation/id-1/response ok"));
}

TEST(RunLambda, ReportsWhatElseAHandlerThrows) {
  FakeRuntime runtime({"1"});
  run_lambda(
      [] { return [](const Invocation&) -> std::string { throw std::out_of_range("oops"); }; });
  EXPECT_THAT(runtime.calls(), ElementsAre(testing::HasSubstr("Runtime.UnhandledException")));
  EXPECT_EQ(runtime.last_headers().get("Lambda-Runtime-Function-Error-Type"),
            "Runtime.UnhandledException");
}

TEST(RunLambda, ReportsAnAnswerThatWasRefused) {
  FakeRuntime runtime({"1"});
  runtime.refuse_responses_with = 413;
  run_lambda([] { return [](const Invocation&) { return std::string("large"); }; });
  EXPECT_THAT(runtime.calls(), ElementsAre(testing::_, testing::HasSubstr("5 bytes")));
}

TEST(RunLambda, ReportsThatItCannotStart) {
  FakeRuntime runtime({"1"});
  EXPECT_EQ(run_lambda([]() -> LambdaHandler { throw std::runtime_error("SOURCE_URL"); }), 1);
  EXPECT_THAT(runtime.calls(), ElementsAre(testing::StartsWith("init/error {")));
}

TEST(RunLambda, EndsWhenTheRuntimeRefusesOrIsNotThere) {
  const auto idle = [] { return [](const Invocation&) { return std::string(); }; };
  {
    FakeRuntime runtime({});
    EXPECT_EQ(run_lambda(idle), 1);
  }
  base::set_log_level(base::Level::kOff);
  EXPECT_EQ(run_lambda(idle), 2);
  ::setenv("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1", 1);
  EXPECT_EQ(run_lambda(idle), 1);
  ::unsetenv("AWS_LAMBDA_RUNTIME_API");
  base::set_log_level(base::Level::kWarning);
}

}  // namespace
}  // namespace aws
