// Invocations that wait for their answer: warm processes, failures, timeouts, logs.
#include "engine/services/lambda/test_engine.h"
#include "engine/services/test_meter.h"

#include <boost/json.hpp>
#include <sys/stat.h>

namespace engine::lambda {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

using Invoke = LambdaTest;

TEST_F(Invoke, AnswersWithWhatTheFunctionReturns) {
  make();
  api::InvokeInput input;
  input.FunctionName = "f";
  input.Payload = R"({"beer": "Saison é"})";
  const auto output = run(lambda::invoke, input);
  EXPECT_EQ(output.StatusCode, 200);
  EXPECT_EQ(output.Payload, R"({"beer": "Saison é"})");
  EXPECT_EQ(output.ExecutedVersion, "$LATEST");
  EXPECT_FALSE(output.FunctionError);
  EXPECT_FALSE(output.LogResult);
}

TEST_F(Invoke, ReusesTheWarmProcess) {
  make();
  EXPECT_EQ(count(), "1");
  EXPECT_EQ(count(), "2");
  EXPECT_EQ(
      lambda->invoke("arn:aws:lambda:us-east-1:123456789012:function:f", R"({"mode":"count"})")
          .payload,
      "3");
}

TEST_F(Invoke, ReportsAFunctionsErrorAsUnhandledWithItsType) {
  make();
  const auto result = invoke(R"({"mode":"fail"})");
  EXPECT_EQ(result.function_error, "Unhandled");
  const auto error = boost::json::parse(result.payload);
  EXPECT_EQ(error.at("errorType"), "FlatBeer");
  EXPECT_EQ(error.at("errorMessage"), "no bubbles");
  EXPECT_EQ(count(), "2");  // the process lives on
}

TEST_F(Invoke, DoesNotTakeACrashForASuccess) {
  make();
  EXPECT_EQ(count(), "1");
  const auto result = invoke(R"({"mode":"crash"})");
  EXPECT_EQ(result.function_error, "Unhandled");
  EXPECT_THAT(result.payload, AllOf(HasSubstr("Runtime.ExitError"), HasSubstr("exit status 3")));
  EXPECT_EQ(count(), "1");  // another process
  EXPECT_THAT(invoke(R"({"mode":"leave"})").payload,
              HasSubstr("exited without providing a reason"));
}

TEST_F(Invoke, KillsAProcessThatTakesTooLongAndStartsAnother) {
  auto input = function("f");
  input.Timeout = 1;
  run(create_function, input);
  const auto result = invoke(R"({"mode":"hang"})");
  EXPECT_EQ(result.function_error, "Unhandled");
  EXPECT_THAT(result.payload, HasSubstr("Task timed out after 1.00 seconds"));
  EXPECT_THAT(result.log_tail, HasSubstr("Task timed out after 1.00 seconds"));
  EXPECT_EQ(count(), "1");
}

TEST_F(Invoke, SaysWhyAFunctionDoesNotStart) {
  run(create_function, function("f", zip_of({{"bootstrap", "#!/bin/sh\necho no malt\nexit 7\n"}})));
  const auto result = invoke("{}");
  EXPECT_EQ(result.function_error, "Unhandled");
  EXPECT_THAT(result.payload, HasSubstr("exit status 7"));
  EXPECT_THAT(result.log_tail, HasSubstr("no malt"));
}

TEST_F(Invoke, GivesTheLogOfItsOwnInvocationOnly) {
  make();
  const auto first = invoke(R"({"mode":"log","text":"one\nand half a line"})");
  const auto second = invoke(R"({"mode":"log","text":"two\n"})");
  EXPECT_THAT(first.log_tail,
              AllOf(HasSubstr("START RequestId: "), HasSubstr("one\nand half a line\n"),
                    HasSubstr("END RequestId: "), HasSubstr("Init Duration")));
  EXPECT_THAT(second.log_tail, AllOf(HasSubstr("two"), Not(HasSubstr("one")),
                                     Not(HasSubstr("half")), Not(HasSubstr("Init Duration"))));
}

TEST_F(Invoke, KeepsTheLastFourKibibytesOfTheLog) {
  make();
  api::InvokeInput input;
  input.FunctionName = "f";
  input.LogType = "Tail";
  input.Payload = "{\"mode\":\"log\",\"text\":\"" + std::string(10'000, 'x') + "\\n\"}";
  EXPECT_EQ(run(lambda::invoke, input).LogResult->size(), (4096 + 2) / 3 * 4u);
}

TEST_F(Invoke, ShowsAFunctionItsOwnEnvironmentOnly) {
  ::setenv("BREWERY_SECRET", "yeast", 1);
  auto input = function("f");
  input.Environment.emplace().Variables = {{{"STYLE", "Saison"}}};
  run(create_function, input);
  const auto seen = boost::json::parse(invoke(R"({"mode":"environment"})").payload).as_object();
  EXPECT_EQ(seen.at("STYLE"), "Saison");
  EXPECT_EQ(seen.at("AWS_LAMBDA_FUNCTION_NAME"), "f");
  EXPECT_EQ(seen.at("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), "512");
  EXPECT_EQ(seen.at("AWS_ENDPOINT_URL"), "http://127.0.0.1:4566");
  EXPECT_EQ(seen.at("AWS_REGION"), "us-east-1");
  EXPECT_TRUE(seen.contains("AWS_LAMBDA_RUNTIME_API"));
  EXPECT_FALSE(seen.contains("BREWERY_SECRET"));
  EXPECT_FALSE(seen.contains("HOME"));
}

TEST_F(Invoke, RefusesMoreAtOnceThanReserved) {
  make();
  run(put_function_concurrency, {.FunctionName = "f", .ReservedConcurrentExecutions = 1});
  const std::string tell = folder.path() + "/tell", leave = folder.path() + "/leave";
  ASSERT_EQ(::mkfifo(tell.c_str(), 0600) | ::mkfifo(leave.c_str(), 0600), 0);
  auto waiting = std::async(std::launch::async, [&] {
    return invoke(R"({"mode":"wait","tell":")" + tell + R"(","leave":")" + leave + "\"}");
  });
  EXPECT_EQ(file_content(tell), "x");  // it runs
  EXPECT_EQ(code_of([&] { invoke("{}"); }), "TooManyRequestsException");
  std::ofstream(leave) << "x";
  EXPECT_EQ(waiting.get().payload, "1");
  EXPECT_EQ(count(), "2");
  run(put_function_concurrency, {.FunctionName = "f", .ReservedConcurrentExecutions = 0});
  EXPECT_EQ(code_of([&] { invoke("{}"); }), "TooManyRequestsException");
}

TEST_F(Invoke, RunsSideBySideInProcessesOfTheirOwn) {
  make();
  const std::string tell = folder.path() + "/tell", leave = folder.path() + "/leave";
  ASSERT_EQ(::mkfifo(tell.c_str(), 0600) | ::mkfifo(leave.c_str(), 0600), 0);
  auto waiting = std::async(std::launch::async, [&] {
    return invoke(R"({"mode":"wait","tell":")" + tell + R"(","leave":")" + leave + "\"}");
  });
  EXPECT_EQ(file_content(tell), "x");
  EXPECT_EQ(count(), "1");
  std::ofstream(leave) << "x";
  EXPECT_EQ(waiting.get().payload, "1");
}

TEST_F(Invoke, EndsWithTheEngine) {
  make();
  const std::string tell = folder.path() + "/tell";
  ASSERT_EQ(::mkfifo(tell.c_str(), 0600), 0);
  auto waiting = std::async(std::launch::async, [&] {
    return invoke(R"({"mode":"wait","tell":")" + tell + R"(","leave":")" + tell + "\"}");
  });
  EXPECT_EQ(file_content(tell), "x");
  lambda->stop();
  EXPECT_EQ(waiting.get().function_error, "Unhandled");
  EXPECT_EQ(code_of([&] { invoke("{}"); }), "ServiceException");
}

TEST_F(Invoke, RefusesWhatIsNotJsonAndWhatIsNotThere) {
  make();
  api::InvokeInput input;
  input.FunctionName = "f";
  input.Payload = "{";
  EXPECT_EQ(code_of([&] { run(lambda::invoke, input); }), "InvalidRequestContentException");
  EXPECT_EQ(code_of([&] { invoke("{}", "g"); }), "ResourceNotFoundException");
  EXPECT_EQ(code_of([&] { invoke("{}", "f:7"); }), "ResourceNotFoundException");
  EXPECT_EQ(code_of([&] { invoke(std::string(6'291'457, ' ')); }), "RequestTooLargeException");
}

TEST_F(Invoke, GoesToTheVersionsOfAnAliasByTheirWeights) {
  run(create_function, function("f", test_package("1")));
  run(publish_version, {.FunctionName = "f"});
  run(update_function_code, {.FunctionName = "f", .ZipFile = test_package("2")});
  run(publish_version, {.FunctionName = "f"});
  api::CreateAliasInput alias{.FunctionName = "f", .Name = "live", .FunctionVersion = "1"};
  alias.RoutingConfig.emplace().AdditionalVersionWeights = {{{"2", 0.25}}};
  run(create_alias, alias);
  std::map<std::string, int> served;
  for (int i = 0; i < 200; ++i) {
    const auto result = invoke(R"({"mode":"file"})", "f:live");
    EXPECT_EQ(result.payload, "\"" + result.executed_version + "\"");  // its own package
    ++served[result.executed_version];
  }
  EXPECT_EQ(served["1"] + served["2"], 200);
  EXPECT_GT(served["2"], 15);  // 50 are to be expected; less than 16 comes once in 10^9
  EXPECT_LT(served["2"], 95);
  api::UpdateAliasInput whole{.FunctionName = "f", .Name = "live"};
  whole.RoutingConfig.emplace().AdditionalVersionWeights = {{{"2", 1.0}}};
  run(update_alias, whole);
  EXPECT_EQ(invoke("{}", "f:live").executed_version, "2");
  whole.RoutingConfig->AdditionalVersionWeights = {{{"7", 0.5}}};
  EXPECT_EQ(code_of([&] { run(update_alias, whole); }), "ResourceNotFoundException");
}

TEST_F(Invoke, OnlyChecksInADryRun) {
  make();
  api::InvokeInput input;
  input.FunctionName = "f";
  input.InvocationType = "DryRun";
  EXPECT_EQ(run(lambda::invoke, input).StatusCode, 204);
  EXPECT_EQ(count(), "1");
}

TEST_F(Invoke, MeasuresGoodBadAndRefusedInvocations) {
  make();
  const TestMeter meter;
  context->meter = meter.meter();
  const auto values = [&](const std::string& metric) {
    return meter.values("AWS/Lambda " + metric + " FunctionName=f");
  };
  invoke("{}");
  invoke(R"({"mode":"fail"})");
  run(put_function_concurrency, {.FunctionName = "f", .ReservedConcurrentExecutions = 0});
  EXPECT_EQ(code_of([&] { invoke("{}"); }), "TooManyRequestsException");
  EXPECT_THAT(values("Invocations"), testing::ElementsAre(1, 1));
  EXPECT_THAT(values("Errors"), testing::ElementsAre(0, 1));
  EXPECT_THAT(values("Throttles"), testing::ElementsAre(0, 0, 1));
  EXPECT_EQ(values("Duration").size(), 2u);
}

}  // namespace
}  // namespace engine::lambda
