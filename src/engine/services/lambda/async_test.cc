// Invocations that nobody waits for: the queue, its attempts, its life over a restart.
#include "engine/services/lambda/test_engine.h"
#include "engine/services/logs/operations.h"

#include <sys/stat.h>

#include <thread>

namespace engine::lambda {
namespace {

using namespace std::chrono_literals;

class AsyncInvoke : public LambdaTest {
 protected:
  /// Waits until the queue holds these attempts, one number for each invocation in it.
  ::testing::AssertionResult comes_to(const std::vector<std::string>& attempts) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    std::vector<std::string> seen;
    do {
      seen.clear();
      for (const auto& row : catalog->scan(kQueue))
        seen.push_back(row.value.substr(0, row.value.find(' ')));
      if (seen == attempts) return ::testing::AssertionSuccess();
      std::this_thread::yield();
    } while (std::chrono::steady_clock::now() < deadline);
    return ::testing::AssertionFailure() << "the queue holds " << ::testing::PrintToString(seen);
  }
};

TEST_F(AsyncInvoke, IsDoneOnceWhenItSucceeds) {
  make();
  api::InvokeInput input;
  input.FunctionName = "f";
  input.InvocationType = "Event";
  input.Payload = R"({"mode":"count"})";
  EXPECT_EQ(run(lambda::invoke, input).StatusCode, 202);
  EXPECT_TRUE(comes_to({}));
  EXPECT_EQ(count(), "2");
}

TEST_F(AsyncInvoke, IsTriedThreeTimesWithOneAndTwoMinutesBetween) {
  make();
  lambda->invoke_async("f", R"({"mode":"fail"})");
  EXPECT_TRUE(comes_to({"1"}));
  EXPECT_EQ(count(), "2");
  clock.advance(59s);
  lambda->invoke_async("f", R"({"mode":"count"})");  // passes the one that waits
  EXPECT_TRUE(comes_to({"1"}));
  EXPECT_EQ(count(), "4");
  clock.advance(1s);
  EXPECT_TRUE(comes_to({"2"}));
  clock.advance(2min);
  EXPECT_TRUE(comes_to({}));
  EXPECT_EQ(count(), "7");
}

TEST_F(AsyncInvoke, KeepsTheRequestIdOfItsCallerOverItsAttempts) {
  make();
  call.request_id = "the-callers-id";
  api::InvokeInput input;
  input.FunctionName = "f";
  input.InvocationType = "Event";
  input.Payload = R"({"mode":"fail"})";
  run(lambda::invoke, input);
  EXPECT_TRUE(comes_to({"1"}));
  clock.advance(1min);
  EXPECT_TRUE(comes_to({"2"}));
  logs::api::FilterLogEventsInput starts;
  starts.logGroupName = "/aws/lambda/f";
  starts.filterPattern = "\"START RequestId: the-callers-id\"";
  EXPECT_EQ(logs::filter_log_events(*logs, call, starts).events->size(), 2u);
}

TEST_F(AsyncInvoke, IsTriedAsOftenAsItsSettingsSay) {
  make();
  run(put_function_event_invoke_config, {.FunctionName = "f", .MaximumRetryAttempts = 0});
  lambda->invoke_async("f", R"({"mode":"crash"})");
  EXPECT_TRUE(comes_to({}));
}

TEST_F(AsyncInvoke, DoesNotCountThrottlesAsAttempts) {
  make();
  run(put_function_concurrency, {.FunctionName = "f", .ReservedConcurrentExecutions = 0});
  lambda->invoke_async("f", R"({"mode":"count"})");
  const std::string key = catalog->scan(kQueue).at(0).key;
  const std::string first = *catalog->get(kQueue, key);
  std::string row;
  while ((row = *catalog->get(kQueue, key)) == first) std::this_thread::yield();
  EXPECT_TRUE(row.starts_with("0 "));
  run(delete_function_concurrency, {.FunctionName = "f"});
  clock.advance(1s);
  EXPECT_TRUE(comes_to({}));
  EXPECT_EQ(count(), "2");
}

TEST_F(AsyncInvoke, OutlivesTheEngine) {
  make();
  lambda->invoke_async("f", R"({"mode":"fail"})");
  EXPECT_TRUE(comes_to({"1"}));
  stop();
  start();
  clock.advance(1min);
  EXPECT_TRUE(comes_to({"2"}));
}

TEST_F(AsyncInvoke, IsNotAnAttemptWhenTheEngineCutItShort) {
  make();
  const std::string tell = folder.path() + "/tell", leave = folder.path() + "/leave";
  ASSERT_EQ(::mkfifo(tell.c_str(), 0600) | ::mkfifo(leave.c_str(), 0600), 0);
  lambda->invoke_async("f", R"({"mode":"wait","tell":")" + tell + R"(","leave":")" + leave + "\"}");
  EXPECT_EQ(file_content(tell), "x");
  stop();
  start();
  EXPECT_TRUE(comes_to({"0"}));
  EXPECT_EQ(file_content(tell), "x");  // it runs again
  std::ofstream(leave) << "x";
  EXPECT_TRUE(comes_to({}));
}

TEST_F(AsyncInvoke, IsRefusedAtOnceForAFunctionThatIsNotThere) {
  EXPECT_EQ(code_of([&] { lambda->invoke_async("g", "{}"); }), "ResourceNotFoundException");
  EXPECT_TRUE(comes_to({}));
}

TEST_F(AsyncInvoke, IsForgottenWithItsFunction) {
  make();
  lambda->invoke_async("f", R"({"mode":"fail"})");
  EXPECT_TRUE(comes_to({"1"}));
  run(delete_function, {.FunctionName = "f"});
  clock.advance(1min);
  EXPECT_TRUE(comes_to({}));
}

}  // namespace
}  // namespace engine::lambda
