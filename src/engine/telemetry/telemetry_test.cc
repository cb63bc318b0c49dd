// What Prometheus reads, read back as its own parser would.
#include "engine/telemetry/telemetry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <thread>

namespace engine::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// Samples by name and labels as written, with what the text says of families checked on the way.
std::map<std::string, double> parse(const std::string& text) {
  std::map<std::string, double> samples;
  std::map<std::string, std::string> types;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      std::istringstream words(line.substr(7));
      std::string name, type;
      words >> name >> type;
      EXPECT_TRUE(types.emplace(name, type).second) << "twice: " << name;
      continue;
    }
    if (line.starts_with("# HELP ")) continue;
    const auto name_end = line.find_first_of("{ ");
    const std::string name = line.substr(0, name_end);
    for (const char c : name) EXPECT_TRUE(std::islower(static_cast<unsigned char>(c)) || c == '_') << line;
    bool known = types.contains(name);
    for (const char* suffix : {"_bucket", "_sum", "_count"}) {
      if (name.ends_with(suffix)) known = known || types.contains(name.substr(0, name.rfind('_')));
    }
    EXPECT_TRUE(known) << line << " has no type before it";
    const auto space = line.rfind(' ');
    EXPECT_TRUE(samples.emplace(line.substr(0, space), std::stod(line.substr(space + 1))).second) << line;
  }
  for (const auto& [name, type] : types) EXPECT_EQ(name.ends_with("_total"), type == "counter") << name;
  return samples;
}

TEST(Telemetry, CountsRequestsByServiceOperationAndStatus) {
  Telemetry telemetry;
  telemetry.request("kinesis", "PutRecords", 200, std::chrono::microseconds(300));
  telemetry.request("kinesis", "PutRecords", 200, std::chrono::seconds(60));
  telemetry.request("kinesis", "PutRecords", 400, std::chrono::milliseconds(2));
  telemetry.request("s3", "", 501, std::chrono::milliseconds(2));
  const auto samples = parse(telemetry.text());
  const auto at = [&](const std::string& key) { return samples.at(key); };
  EXPECT_EQ(at(R"(beer_requests_total{service="kinesis",operation="PutRecords",status="200"})"), 2);
  EXPECT_EQ(at(R"(beer_requests_total{service="kinesis",operation="PutRecords",status="400"})"), 1);
  EXPECT_EQ(at(R"(beer_requests_total{service="s3",operation="unknown",status="501"})"), 1);
  const std::string of = R"({service="kinesis",operation="PutRecords")";
  EXPECT_EQ(at("beer_request_duration_seconds_bucket" + of + R"(,le="0.00025"})"), 0);
  EXPECT_EQ(at("beer_request_duration_seconds_bucket" + of + R"(,le="0.0005"})"), 1);
  EXPECT_EQ(at("beer_request_duration_seconds_bucket" + of + R"(,le="0.0025"})"), 2);
  EXPECT_EQ(at("beer_request_duration_seconds_bucket" + of + R"(,le="30"})"), 2);
  EXPECT_EQ(at("beer_request_duration_seconds_bucket" + of + R"(,le="+Inf"})"), 3);
  EXPECT_EQ(at("beer_request_duration_seconds_count" + of + "}"), 3);
  EXPECT_NEAR(at("beer_request_duration_seconds_sum" + of + "}"), 60.0023, 1e-9);
}

TEST(Telemetry, TellsWhatServicesMeasureInBaseUnits) {
  Telemetry telemetry;
  telemetry.measure({"AWS/Kinesis", "IncomingRecords", "StreamName", "beers", 25});
  telemetry.measure({"AWS/Kinesis", "IncomingRecords", "StreamName", "beers", 5});
  telemetry.measure({"AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "StreamName", "beers", 90'000});
  telemetry.measure({"AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "StreamName", "beers", 1'500});
  telemetry.measure({"AWS/Lambda", "Duration", "FunctionName", "f", 20, "Milliseconds"});
  telemetry.measure({"AWS/SageMaker", "ModelLatency", "EndpointName,VariantName", "e,blue", 800, "Microseconds"});
  telemetry.measure({"/aws/sagemaker/TrainingJobs", "train:mae", "TrainingJobName", "t", 800});
  const auto samples = parse(telemetry.text());
  EXPECT_EQ(samples.at(R"(beer_stream_records_total{stream="beers"})"), 30);
  EXPECT_EQ(samples.at(R"(beer_stream_lag_seconds{stream="beers"})"), 1.5) << "the last value";
  EXPECT_EQ(samples.at(R"(beer_function_duration_seconds_sum{function="f"})"), 0.02);
  EXPECT_EQ(samples.at(R"(beer_endpoint_model_seconds_count{endpoint="e",variant="blue"})"), 1);
  EXPECT_THAT(telemetry.text(), Not(HasSubstr("mae")));
}

TEST(Telemetry, CountsJobsByHowTheyEnd) {
  Telemetry telemetry;
  telemetry.event("aws.sagemaker", "SageMaker Training Job State Change",
                  R"({"TrainingJobName":"t","TrainingJobStatus":"Completed"})");
  telemetry.event("aws.sagemaker", "SageMaker HyperParameter Tuning Job State Change",
                  R"({"HyperParameterTuningJobStatus":"Failed"})");
  telemetry.event("aws.cloudwatch", "CloudWatch Alarm State Change", "{}");
  const auto samples = parse(telemetry.text());
  EXPECT_EQ(samples.at(R"(beer_jobs_total{kind="Training",status="Completed"})"), 1);
  EXPECT_EQ(samples.at(R"(beer_jobs_total{kind="HyperParameter Tuning",status="Failed"})"), 1);
  EXPECT_EQ(samples.at(R"(beer_events_total{source="aws.cloudwatch",type="CloudWatch Alarm State Change"})"), 1);
}

TEST(Telemetry, TellsTheProcess) {
  const auto samples = parse(Telemetry().text());
  EXPECT_GT(samples.at("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(samples.at("process_open_fds"), 2);
  EXPECT_GE(samples.at("process_max_fds"), samples.at("process_open_fds"));
  EXPECT_GE(samples.at("process_threads"), 1);
  EXPECT_GT(samples.at("process_start_time_seconds"), 1e9);
}

TEST(Registry, EscapesLabelsAndKeepsItsSize) {
  EXPECT_EQ(labels_text({{"a", "x\"y\\z\n"}, {"b", ""}}), R"(a="x\"y\\z\n",b="")");
  Registry registry;
  for (std::size_t i = 0; i < Registry::kMostSeries + 10; ++i) {
    registry.take({"many_total", "Many."}, {{"i", std::to_string(i)}}, 1);
  }
  EXPECT_EQ(parse(registry.text()).size(), Registry::kMostSeries);
}

TEST(Registry, CountsWhatManyThreadsTell) {
  Registry registry;
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) registry.take({"told_total", "Told."}, {}, 1);
      });
    }
  }
  EXPECT_EQ(parse(registry.text()).at("told_total"), 4000);
}

}  // namespace
}  // namespace engine::telemetry
