// Invocations that nobody waits for: the queue, its attempts, its life over a restart.
#include "engine/services/lambda/test_engine.h"
#include "engine/services/logs/operations.h"

#include <boost/json.hpp>
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

/// The destinations of f's asynchronous invocations, which are not tried again.
api::PutFunctionEventInvokeConfigInput telling(const std::string& on_success, const std::string& on_failure) {
  api::PutFunctionEventInvokeConfigInput input;
  input.FunctionName = "f";
  input.MaximumRetryAttempts = 0;
  input.DestinationConfig = api::DestinationConfig{.OnSuccess = api::OnSuccess{.Destination = on_success},
                                                   .OnFailure = api::OnFailure{.Destination = on_failure}};
  return input;
}

TEST_F(AsyncInvoke, IsToldToTryLessAndKeepsTheRestOfItsSettings) {
  make();
  api::UpdateFunctionEventInvokeConfigInput change{.FunctionName = "f", .MaximumRetryAttempts = 1};
  EXPECT_EQ(code_of([&] { run(update_function_event_invoke_config, change); }), "ResourceNotFoundException");
  run(put_function_event_invoke_config, {.FunctionName = "f", .MaximumRetryAttempts = 2, .MaximumEventAgeInSeconds = 60});
  const auto made = run(update_function_event_invoke_config, change);
  EXPECT_EQ(made.MaximumRetryAttempts, 1);
  EXPECT_EQ(made.MaximumEventAgeInSeconds, 60);
  const auto listed = run(list_function_event_invoke_configs, {.FunctionName = "f"}).FunctionEventInvokeConfigs;
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->at(0).MaximumRetryAttempts, 1);
}

constexpr const char* kBus = "arn:aws:events:us-east-1:123456789012:event-bus/default";
constexpr const char* kFunctionArn = "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST";

TEST_F(AsyncInvoke, TellsTheEventBusOfASuccess) {
  make();
  run(put_function_event_invoke_config, telling(kBus, ""));
  lambda->invoke_async("f", R"({"beer":"IPA"})", "the-id");
  EXPECT_TRUE(comes_to({}));
  const auto told = events.read([](const auto& all) { return all; });
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].source, "lambda");
  EXPECT_EQ(told[0].type, "Lambda Function Invocation Result - Success");
  EXPECT_THAT(told[0].resources, testing::ElementsAre(kBus, kFunctionArn));
  EXPECT_EQ(boost::json::parse(told[0].detail), boost::json::parse(R"({
    "version": "1.0", "timestamp": "2026-01-01T00:00:00.000Z",
    "requestContext": {"requestId": "the-id", "functionArn": "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
                       "condition": "Success", "approximateInvokeCount": 1},
    "requestPayload": {"beer": "IPA"},
    "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
    "responsePayload": {"beer": "IPA"}})"));
}

TEST_F(AsyncInvoke, TellsABucketOfAFailureAfterItsRetries) {
  make();
  s3->create_bucket("failed");
  auto settings = telling("", "arn:aws:s3:::failed");
  settings.MaximumRetryAttempts = 1;
  run(put_function_event_invoke_config, settings);
  lambda->invoke_async("f", R"({"mode":"fail"})");
  EXPECT_TRUE(comes_to({"1"}));
  EXPECT_TRUE(s3->all_objects("failed", "").empty());
  clock.advance(1min);
  EXPECT_TRUE(comes_to({}));
  const auto objects = s3->all_objects("failed", "aws/lambda/async/f/2026/01/01/2026-01-01T00.01.00-");
  ASSERT_EQ(objects.size(), 1u);
  const auto record = boost::json::parse(s3->body(objects[0]).string());
  EXPECT_EQ(record.at("requestContext").at("condition"), "RetriesExhausted");
  EXPECT_EQ(record.at("requestContext").at("approximateInvokeCount"), 2);
  EXPECT_EQ(record.at("requestPayload").at("mode"), "fail");
  EXPECT_EQ(record.at("responseContext").at("functionError"), "Unhandled");
  EXPECT_EQ(record.at("responsePayload").at("errorType"), "FlatBeer");
}

TEST_F(AsyncInvoke, HandsTheRecordToAFunctionInTheSameQueue) {
  make();
  auto teller = function("teller");
  const std::string received = folder.path() + "/received";
  teller.Environment.emplace().Variables = {{{"RECEIVED", received}}};
  run(create_function, teller);
  run(put_function_event_invoke_config, telling("arn:aws:lambda:us-east-1:123456789012:function:teller", ""));
  lambda->invoke_async("f", R"({"beer":"IPA"})");
  EXPECT_TRUE(comes_to({}));
  EXPECT_EQ(boost::json::parse(file_content(received)).at("requestContext").at("condition"), "Success");
}

TEST_F(AsyncInvoke, IsGivenUpWhenItIsTooOld) {
  make();
  auto settings = telling("", kBus);
  settings.MaximumRetryAttempts = 2;
  settings.MaximumEventAgeInSeconds = 60;
  run(put_function_event_invoke_config, settings);
  lambda->invoke_async("f", R"({"mode":"fail"})");
  EXPECT_TRUE(comes_to({"1"}));  // the second attempt is in time, the third would not be
  clock.advance(1min);
  EXPECT_TRUE(comes_to({}));
  const auto told = events.read([](const auto& all) { return all; });
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].type, "Lambda Function Invocation Result - Failure");
  const auto context = boost::json::parse(told[0].detail).at("requestContext");
  EXPECT_EQ(context.at("condition"), "EventAgeExceeded");
  EXPECT_EQ(context.at("approximateInvokeCount"), 2);
}

TEST_F(AsyncInvoke, RefusesDestinationsThatCannotBeReached) {
  make();
  const auto refused = [&](const std::string& on_success, const std::string& on_failure) {
    return code_of([&] { run(put_function_event_invoke_config, telling(on_success, on_failure)); });
  };
  const std::string kInvalid = "InvalidParameterValueException";
  EXPECT_EQ(refused("arn:aws:sqs:us-east-1:123456789012:q", ""), kInvalid);
  EXPECT_EQ(refused("", "arn:aws:sns:us-east-1:123456789012:t"), kInvalid);
  EXPECT_EQ(refused("", "arn:aws:s3:::none"), kInvalid);
  EXPECT_EQ(refused("arn:aws:s3:::none", ""), kInvalid);
  EXPECT_EQ(refused("", "arn:aws:events:us-east-1:123456789012:event-bus/other"), kInvalid);
  EXPECT_EQ(refused("", "arn:aws:lambda:us-east-1:123456789012:function:g"), "ResourceNotFoundException");
  api::UpdateFunctionConfigurationInput update;
  update.FunctionName = "f";
  update.DeadLetterConfig = api::DeadLetterConfig{.TargetArn = "arn:aws:sqs:us-east-1:123456789012:q"};
  EXPECT_EQ(code_of([&] { run(update_function_configuration, update); }), kInvalid);
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
