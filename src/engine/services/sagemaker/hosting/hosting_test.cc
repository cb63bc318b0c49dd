// Endpoints in the states between, serverless variants, data capture and asynchronous invocations.
#include "engine/services/sagemaker/hosting/hosting.h"

#include "engine/services/sagemaker/hosting/capture.h"
#include "engine/services/sagemaker/hosting/test_endpoints.h"

#include <sstream>

namespace engine::sagemaker {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::MatchesRegex;
namespace rt = sagemaker_runtime::api;

TEST_F(Endpoints, AreDeletingUntilTheirLastRequestIsAnswered) {
  make_config("one", "first");
  make_endpoint("one");
  const std::string go = bench.folder.path() + "/go";
  std::string answer;
  std::jthread client([&] { answer = invoke("wait " + go).Body; });
  const auto held = [&] {
    return bench.sagemaker->impl().hosting->choose("ibu", {}).server.use_count() > 2;
  };
  while (!held()) std::this_thread::yield();
  std::jthread deleter(
      [&] { delete_endpoint(*bench.sagemaker, bench.call, {.EndpointName = "Ibu"}); });
  wait_for_status("Deleting");
  // Whoever asks just then may still be answered.
  while (bench.sagemaker->impl().hosting->serves("ibu")) std::this_thread::yield();
  EXPECT_THAT(bench.refusal([&] { invoke("x"); }), HasSubstr("Endpoint Ibu of account"));
  EXPECT_THAT(bench.refusal([&] { make_endpoint("one"); }), HasSubstr("already existing"));
  io::write_file(go, "");
  client.join();
  deleter.join();
  EXPECT_EQ(answer, "first:wait " + go);
  EXPECT_THAT(bench.refusal([&] { about(); }), HasSubstr("Could not find endpoint"));
}

TEST_F(Endpoints, AreOutOfServiceWhileTheirProcessCantBeStarted) {
  const std::string gone = bench.folder.path() + "/gone";
  make_config("one", "once " + gone);
  make_endpoint("one");
  ASSERT_EQ(about().EndpointStatus, "InService");
  io::write_file(gone, "");
  EXPECT_NE(bench.refusal([&] { invoke("die"); }), "");
  wait_for_status("OutOfService");
  EXPECT_THAT(bench.refusal([&] { invoke("x"); }), HasSubstr("ServiceUnavailable"));
  std::filesystem::remove(gone);
  wait_for_status("InService");
  EXPECT_FALSE(about().FailureReason);
}

/// The engine's time, for as long as there is an engine.
struct Time {
  base::ManualClock clock_;
};

struct Serverless : Time, Endpoints {
  Serverless()
      : Endpoints({.create_wait = 60s, .cold_start_patience = 2s, .serverless_idle = 300s},
                  clock_) {}
  void make(const std::string& model, std::int64_t at_once = 5) {
    make_model("one", model);
    auto about = config("one");
    auto& variant = about.ProductionVariants.front();
    variant.InstanceType.reset();
    variant.InitialInstanceCount.reset();
    variant.ServerlessConfig =
        api::ProductionVariantServerlessConfig{.MemorySizeInMB = 1024, .MaxConcurrency = at_once};
    create_endpoint_config(*bench.sagemaker, bench.call, about);
  }
  bool up() { return bench.sagemaker->impl().hosting->choose("ibu", {}).on_demand->up(); }
  void idle() {
    clock_.advance(300s);
    while (up()) std::this_thread::yield();
  }
};

TEST_F(Serverless, EndsWhenItIsIdleAndStartsWhenItIsAsked) {
  make("first");
  make_endpoint("one");
  EXPECT_EQ(about().ProductionVariants->front().CurrentServerlessConfig->MaxConcurrency, 5);
  EXPECT_EQ(invoke("x").Body, "first:x");
  EXPECT_TRUE(up());
  idle();
  EXPECT_EQ(about().EndpointStatus, "InService");
  std::vector<std::jthread> clients;
  std::atomic<int> answered = 0;
  for (int i = 0; i < 5; ++i) {
    clients.emplace_back([&] { answered += invoke("x").Body == "first:x"; });
  }
  clients.clear();
  EXPECT_EQ(answered, 5);
}

TEST_F(Serverless, RefusesMoreThanItsConcurrency) {
  make("first", 1);
  make_endpoint("one");
  const std::string go = bench.folder.path() + "/go";
  std::jthread client([&] {
    while (!bench.refusal([&] { invoke("wait " + go); }).empty()) {
    }
  });
  std::string refusal;
  while (refusal.empty()) refusal = bench.refusal([&] { invoke("x"); });
  EXPECT_THAT(refusal, HasSubstr("ThrottlingException"));
  io::write_file(go, "");
}

TEST_F(Serverless, IsNotReadyWhileItIsProvisioned) {
  const std::string ready = bench.folder.path() + "/ready";
  io::write_file(ready, "");
  make("slow " + ready);
  make_endpoint("one");
  std::filesystem::remove(ready);
  idle();
  try {
    invoke("x");
    FAIL();
  } catch (const AwsError& error) {
    EXPECT_EQ(error.code, "ModelNotReadyException");
    EXPECT_EQ(error.status, 429);
  }
  io::write_file(ready, "");
  EXPECT_THAT(invoke("x").Body, HasSubstr(":x"));
}

TEST_F(Serverless, HasNoCaptureAndNoInstances) {
  make_model("one", "first");
  auto about = config("one");
  about.ProductionVariants.front().ServerlessConfig =
      api::ProductionVariantServerlessConfig{.MemorySizeInMB = 1024, .MaxConcurrency = 1};
  const auto refused = [&] {
    return bench.refusal([&] { create_endpoint_config(*bench.sagemaker, bench.call, about); });
  };
  EXPECT_THAT(refused(), HasSubstr("either a ServerlessConfig or an InstanceType"));
  about.ProductionVariants.front().InstanceType.reset();
  about.DataCaptureConfig = api::DataCaptureConfig{.DestinationS3Uri = "s3://lake/c"};
  EXPECT_THAT(refused(), HasSubstr("can have neither a DataCaptureConfig"));
}

struct Captures : Endpoints {
  Captures() : Endpoints({.create_wait = 60s, .capture_every = 3600s}) {}
  api::DataCaptureConfig about(std::int64_t percent, const std::vector<std::string>& modes) {
    api::DataCaptureConfig config{.InitialSamplingPercentage = percent,
                                  .DestinationS3Uri = "s3://lake/captured"};
    for (const auto& mode : modes) config.CaptureOptions.push_back({.CaptureMode = mode});
    config.CaptureContentTypeHeader = api::CaptureContentTypeHeader{
        .CsvContentTypes = std::vector<std::string>{"text/csv"},
        .JsonContentTypes = std::vector<std::string>{"application/json"}};
    return config;
  }
  std::vector<boost::json::value> lines() {
    std::vector<boost::json::value> all;
    for (const auto& object : bench.s3.all_objects("lake", "captured/")) {
      keys.push_back(object.key);
      std::istringstream text(bench.s3.body(object).string());
      for (std::string line; std::getline(text, line);) all.push_back(boost::json::parse(line));
    }
    return all;
  }
  std::vector<std::string> keys;
};

TEST_F(Captures, AreFilesOfJsonLinesByVariantAndHour) {
  make_model("one", "first");
  auto input = config("one");
  input.DataCaptureConfig = about(100, {"Input", "Output"});
  create_endpoint_config(*bench.sagemaker, bench.call, input);
  make_endpoint("one");
  const auto told = Endpoints::about().DataCaptureConfig;
  ASSERT_TRUE(told);
  EXPECT_EQ(told->CaptureStatus, "Started");
  EXPECT_EQ(told->CurrentSamplingPercentage, 100);
  invoke_endpoint(*bench.sagemaker, bench.call,
                  {.EndpointName = "Ibu",
                   .Body = "1,2",
                   .ContentType = "text/csv",
                   .Accept = "application/json",
                   .InferenceId = "beer-7"});
  EXPECT_NE(bench.refusal([&] { invoke("refuse"); }), "");
  delete_endpoint(*bench.sagemaker, bench.call, {.EndpointName = "Ibu"});
  const auto all = lines();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_THAT(keys[0], MatchesRegex("captured/Ibu/AllTraffic/[0-9]{4}/[0-9]{2}/[0-9]{2}/[0-9]{2}/"
                                    "[0-9]{2}-[0-9]{2}-[0-9]{3}-[0-9a-f-]{36}.jsonl"));
  const auto& data = all[0].at("captureData");
  EXPECT_EQ(data.at("endpointInput"), boost::json::parse(R"({"observedContentType": "text/csv",
            "mode": "INPUT", "data": "1,2", "encoding": "CSV"})"));
  EXPECT_EQ(data.at("endpointOutput"), boost::json::parse(R"({"observedContentType":
            "application/json", "mode": "OUTPUT", "data": "first:1,2", "encoding": "JSON"})"));
  const auto& event = all[0].at("eventMetadata");
  EXPECT_EQ(event.at("inferenceId"), "beer-7");
  EXPECT_THAT(std::string(event.at("inferenceTime").as_string()), MatchesRegex("[0-9-]+T[0-9:]+Z"));
  EXPECT_EQ(event.as_object().size(), 3u);
  EXPECT_EQ(all[0].at("eventVersion"), "0");
}

TEST_F(Captures, TakeWhatTheyAreToldToAndEncodeTheRest) {
  auto& state = bench.sagemaker->impl();
  {
    Capture capture(state, "e", about(100, {"Output"}));
    capture.take({"v", "text/csv", "in", "image/png", "\x01\x02", ""});
  }
  const auto all = lines();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].at("captureData").as_object().size(), 1u);
  EXPECT_EQ(all[0].at("captureData").at("endpointOutput").at("encoding"), "BASE64");
  EXPECT_EQ(all[0].at("captureData").at("endpointOutput").at("data"), "AQI=");
}

TEST_F(Captures, SampleThePartThatWasAskedFor) {
  {
    Capture capture(bench.sagemaker->impl(), "e", about(20, {"Input"}));
    for (int i = 0; i < 1000; ++i) capture.take({"v", "text/csv", "x", "text/csv", "y", ""});
  }
  const auto taken = lines().size();
  EXPECT_GT(taken, 100u);
  EXPECT_LT(taken, 320u);
}

TEST_F(Captures, KeepWhatABucketDoesntTakeForTheNextTime) {
  auto to = about(100, {"Input"});
  to.DestinationS3Uri = "s3://later/captured";
  Capture capture(bench.sagemaker->impl(), "e", to);
  capture.take({"v", "text/csv", "x", "text/csv", "y", ""});
  EXPECT_THROW(capture.flush(), AwsError);
  bench.s3.create_bucket("later");
  capture.flush();
  EXPECT_EQ(bench.s3.all_objects("later", "captured/e/v/").size(), 1u);
}

struct Asynchronous : Endpoints {
  void make(const std::string& model) {
    make_model("one", model);
    auto about = config("one");
    about.AsyncInferenceConfig =
        api::AsyncInferenceConfig{.OutputConfig = {.S3OutputPath = "s3://lake/answers",
                                                   .S3FailurePath = "s3://lake/failures"}};
    create_endpoint_config(*bench.sagemaker, bench.call, about);
  }
  rt::InvokeEndpointAsyncOutput ask(const std::string& input,
                                    std::optional<std::int64_t> ttl = {}) {
    return invoke_endpoint_async(*bench.sagemaker, bench.call,
                                 {.EndpointName = "Ibu",
                                  .Accept = "text/csv",
                                  .InferenceId = "i-1",
                                  .InputLocation = "s3://lake/" + input,
                                  .RequestTTLSeconds = ttl});
  }
  /// The object at that URI, once it is there.
  std::string wait_for(const std::string& uri) {
    const auto place = s3::parse_s3_uri(uri);
    while (!bench.s3.find_object(place->bucket, place->key)) std::this_thread::yield();
    return get(place->key);
  }
  std::string get(const std::string& key) { return bench.get(key); }
};

TEST_F(Asynchronous, AnswersAreObjects) {
  make("first");
  make_endpoint("one");
  bench.put("in/beer", "a beer");
  const auto told = ask("in/beer");
  EXPECT_EQ(told.InferenceId, "i-1");
  EXPECT_THAT(*told.OutputLocation, MatchesRegex("s3://lake/answers/[0-9a-f-]{36}.out"));
  EXPECT_THAT(*told.FailureLocation, MatchesRegex("s3://lake/failures/[0-9a-f-]{36}-error.out"));
  EXPECT_EQ(wait_for(*told.OutputLocation), "first:a beer");
  const auto place = s3::parse_s3_uri(*told.OutputLocation);
  EXPECT_EQ(bench.s3.object(place->bucket, place->key).content_type, "text/csv");

  const auto named = invoke_endpoint_async(*bench.sagemaker, bench.call,
                                           {.EndpointName = "Ibu",
                                            .InputLocation = "s3://lake/in/beer",
                                            .S3OutputPathExtension = "today",
                                            .Filename = "beer.txt"});
  EXPECT_EQ(named.OutputLocation, "s3://lake/answers/today/beer.txt");
  EXPECT_EQ(wait_for(*named.OutputLocation), "first:a beer");
}

TEST_F(Asynchronous, FailuresAreObjectsToo) {
  make("first");
  make_endpoint("one");
  bench.put("in/bad", "refuse");
  EXPECT_THAT(wait_for(*ask("in/bad").FailureLocation), HasSubstr("client error (415)"));
  EXPECT_NE(wait_for(*ask("in/none").FailureLocation), "");
  EXPECT_THAT(wait_for(*ask("in/bad", -1).FailureLocation), HasSubstr("has expired"));
}

TEST_F(Asynchronous, RequestsOutliveTheirEngine) {
  const std::string ready = bench.folder.path() + "/ready";
  make("slow " + ready);
  io::write_file(ready, "");
  make_endpoint("one");
  std::filesystem::remove(ready);
  bench.restart();  // the endpoint isn't up again, since its model isn't ready
  bench.put("in/beer", "a beer");
  const auto told = ask("in/beer");
  bench.restart();
  io::write_file(ready, "");
  EXPECT_THAT(wait_for(*told.OutputLocation), HasSubstr(":a beer"));
}

TEST_F(Asynchronous, EndpointsAreAskedInTheirOwnWay) {
  make("first");
  make_endpoint("one");
  EXPECT_THAT(bench.refusal([&] { invoke("x"); }), HasSubstr("use InvokeEndpointAsync"));
  make_config("plain", "first");
  create_endpoint(*bench.sagemaker, bench.call,
                  {.EndpointName = "Plain", .EndpointConfigName = "plain"});
  const auto refused = [&](const std::string& endpoint) {
    return bench.refusal([&] {
      invoke_endpoint_async(*bench.sagemaker, bench.call,
                            {.EndpointName = endpoint, .InputLocation = "s3://lake/in"});
    });
  };
  EXPECT_THAT(refused("Plain"), HasSubstr("ValidationError: Endpoint Plain is not asynchronous"));
  EXPECT_THAT(refused("none"), HasSubstr("Endpoint none of account"));
  auto about = config("one");
  about.EndpointConfigName = "told";
  about.AsyncInferenceConfig = api::AsyncInferenceConfig{};
  const auto made = [&] {
    return bench.refusal([&] { create_endpoint_config(*bench.sagemaker, bench.call, about); });
  };
  EXPECT_THAT(made(), HasSubstr("needs an S3OutputPath"));
  about.AsyncInferenceConfig->OutputConfig = {
      .S3OutputPath = "s3://lake/a",
      .NotificationConfig = api::AsyncInferenceNotificationConfig{.SuccessTopic = "arn:aws:sns:x"}};
  EXPECT_THAT(made(), HasSubstr("this engine has no SNS"));
}

}  // namespace
}  // namespace engine::sagemaker
