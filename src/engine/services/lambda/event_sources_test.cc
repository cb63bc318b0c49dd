// Event source mappings: what a function is told of a stream, in which batches, and what happens when it fails.
#include "engine/services/kinesis/operations.h"
#include "engine/services/lambda/event_sources.h"
#include "engine/services/lambda/test_engine.h"
#include "engine/services/test_authority.h"
#include "lib/base/encoding.h"

#include <boost/json.hpp>

#include <sstream>
#include <thread>

namespace engine::lambda {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

namespace json = boost::json;
using Words = std::vector<std::string>;

class EventSource : public LambdaTest {
 protected:
  EventSource() {
    kinesis::api::CreateStreamInput stream;
    stream.StreamName = "beers";
    stream.ShardCount = 1;
    kinesis::create_stream(*kinesis, call, stream);
    s3->create_bucket("failed");
  }

  std::string received() const { return folder.path() + "/received"; }

  void make_reader(std::map<std::string, std::string> environment = {}, const std::string& name = "f") {
    auto input = function(name);
    environment["RECEIVED"] = received();
    input.Environment.emplace().Variables = std::move(environment);
    run(create_function, input);
  }

  static api::CreateEventSourceMappingInput mapping(std::int64_t batch = 100) {
    api::CreateEventSourceMappingInput input;
    input.EventSourceArn = kStream;
    input.FunctionName = "f";
    input.StartingPosition = "TRIM_HORIZON";
    input.BatchSize = batch;
    return input;
  }
  std::string map(const api::CreateEventSourceMappingInput& input) {
    return *run(create_event_source_mapping, input).UUID;
  }
  api::EventSourceMappingConfiguration get(const std::string& uuid) {
    return run(get_event_source_mapping, {.UUID = uuid});
  }

  void put(const Words& data, const std::string& key = "k") {
    std::vector<kinesis::NewRecord> records;
    for (const std::string& one : data) records.push_back({.data = one, .partition_key = key});
    kinesis->put_records("beers", records);
  }

  std::vector<json::value> events() const {
    std::vector<json::value> list;
    std::istringstream lines(file_content(received()));
    for (std::string line; std::getline(lines, line);) list.push_back(json::parse(line));
    return list;
  }
  static std::string data_of(const json::value& record) {
    return *base::from_base64(std::string_view(record.at("kinesis").at("data").as_string()));
  }
  /// What each invocation was given: "a b c".
  Words batches() const {
    Words list;
    for (const json::value& event : events()) {
      std::string batch;
      for (const json::value& record : event.at("Records").as_array()) batch += (batch.empty() ? "" : " ") + data_of(record);
      list.push_back(batch);
    }
    return list;
  }

  template <class F>
  static ::testing::AssertionResult eventually(F&& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return ::testing::AssertionFailure() << "still not";
      std::this_thread::yield();
    }
    return ::testing::AssertionSuccess();
  }
  ::testing::AssertionResult come(const Words& wanted) {
    if (eventually([&] { return batches().size() >= wanted.size(); }) && batches() == wanted) {
      return ::testing::AssertionSuccess();
    }
    return ::testing::AssertionFailure() << "the function saw " << ::testing::PrintToString(batches());
  }
  /// Lets retries come due until the function has seen as many batches.
  ::testing::AssertionResult come_with_retries(const Words& wanted) {
    const auto enough = [&] {
      clock.advance(1s);
      return batches().size() >= wanted.size();
    };
    if (eventually(enough) && batches() == wanted) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << "the function saw " << ::testing::PrintToString(batches());
  }
  ::testing::AssertionResult becomes(const std::string& uuid, const std::string& state) {
    return eventually([&] { return get(uuid).State == state; });
  }
  /// The first offset that the mapping has not done with, over the lanes of a shard.
  std::vector<kinesis::Offset> positions(const std::string& uuid, const std::string& shard = kShard) {
    std::vector<kinesis::Offset> list;
    for (const auto& row : catalog->scan(kCheckpoints, checkpoint_prefix(uuid, shard))) {
      list.push_back(Checkpoint::parse(row.value).next);
    }
    return list;
  }
  json::value failure() {
    EXPECT_TRUE(eventually([&] { return !s3->all_objects("failed", "").empty(); }));
    const auto objects = s3->all_objects("failed", "");
    return json::parse(s3->body(objects.at(0)).string());
  }

  inline static const std::string kStream = "arn:aws:kinesis:us-east-1:123456789012:stream/beers";
  inline static const std::string kShard = "shardId-000000000000";
};

TEST_F(EventSource, TellsTheFunctionOfEachRecordAsAwsDoes) {
  make_reader();
  map(mapping());
  kinesis->put_records("beers", std::vector<kinesis::NewRecord>{{.data = "IPA", .partition_key = "k \"1\""}});
  ASSERT_TRUE(come({"IPA"}));
  const json::value event = events().at(0);
  const json::value& record = event.at("Records").at(0);
  const std::string sequence(record.at("kinesis").at("sequenceNumber").as_string());
  EXPECT_EQ(record.at("kinesis").at("kinesisSchemaVersion"), "1.0");
  EXPECT_EQ(record.at("kinesis").at("partitionKey"), "k \"1\"");
  EXPECT_EQ(record.at("kinesis").at("data"), "SVBB");
  EXPECT_EQ(record.at("kinesis").at("approximateArrivalTimestamp"), 1'767'225'600.0);
  EXPECT_EQ(sequence, kinesis->read("beers", kShard, 0, 1, 1000).at(0).sequence_number);
  EXPECT_EQ(record.at("eventSource"), "aws:kinesis");
  EXPECT_EQ(record.at("eventVersion"), "1.0");
  EXPECT_EQ(record.at("eventID"), json::value(kShard + ":" + sequence));
  EXPECT_EQ(record.at("eventName"), "aws:kinesis:record");
  EXPECT_EQ(record.at("invokeIdentityArn"), "arn:aws:iam::123456789012:role/r");
  EXPECT_EQ(record.at("awsRegion"), "us-east-1");
  EXPECT_EQ(record.at("eventSourceARN"), json::value(kStream));
}

TEST_F(EventSource, BecomesEnabledAndSaysHowItWent) {
  make_reader();
  const auto made = run(create_event_source_mapping, mapping());
  EXPECT_EQ(made.State, "Creating");
  EXPECT_EQ(made.LastProcessingResult, "No records processed");
  EXPECT_EQ(made.FunctionArn, "arn:aws:lambda:us-east-1:123456789012:function:f");
  EXPECT_TRUE(becomes(*made.UUID, "Enabled"));
  put({"a"});
  EXPECT_TRUE(eventually([&] { return get(*made.UUID).LastProcessingResult == "OK"; }));
}

TEST_F(EventSource, StartsAtTheHorizonTheTipOrATime) {
  make_reader();
  put({"old"});
  clock.advance(1min);
  const Timestamp then = clock.now();
  put({"new"});
  auto latest = mapping();
  latest.StartingPosition = "LATEST";
  const std::string first = map(latest);
  EXPECT_THAT(positions(first), ElementsAre(2));
  put({"newest"});
  EXPECT_TRUE(come({"newest"}));
  run(delete_event_source_mapping, {.UUID = first});
  EXPECT_TRUE(eventually([&] { return run(list_event_source_mappings, {}).EventSourceMappings->empty(); }));
  auto timed = mapping();
  timed.StartingPosition = "AT_TIMESTAMP";
  timed.StartingPositionTimestamp = then;
  map(timed);
  EXPECT_TRUE(come({"newest", "new newest"}));
}

TEST_F(EventSource, MakesBatchesOfAtMostItsSize) {
  make_reader();
  put({"a", "b", "c", "d", "e"});
  const std::string uuid = map(mapping(2));
  EXPECT_TRUE(come({"a b", "c d", "e"}));
  EXPECT_TRUE(eventually([&] { return positions(uuid) == std::vector<kinesis::Offset>{5}; }));
}

TEST_F(EventSource, WaitsItsWindowForAFullBatch) {
  make_reader();
  auto input = mapping(3);
  input.MaximumBatchingWindowInSeconds = 60;
  map(input);
  put({"a", "b", "c"});  // full: at once
  EXPECT_TRUE(come({"a b c"}));
  put({"d"});
  clock.wait_for_sleepers(1);
  clock.advance(59s);
  put({"e"});
  EXPECT_TRUE(come({"a b c"}));
  clock.advance(1s);
  // The window may have begun when the lane saw the record, after the first advance.
  EXPECT_TRUE(eventually([&] {
    clock.advance(1s);
    return batches().size() == 2;
  }));
  EXPECT_EQ(batches().at(1), "d e");
}

TEST_F(EventSource, TriesAFailedBatchAgainAndBlocksWhatIsBehindIt) {
  make_reader();
  auto input = mapping(2);
  input.MaximumRetryAttempts = 2;
  input.DestinationConfig = api::DestinationConfig{.OnFailure = api::OnFailure{.Destination = "arn:aws:s3:::failed"}};
  const std::string uuid = map(input);
  put({"a", "bad", "c"});
  EXPECT_TRUE(come_with_retries({"a bad", "a bad", "a bad", "c"}));
  EXPECT_EQ(s3->all_objects("failed", "").size(), 1u);
  EXPECT_TRUE(eventually([&] { return positions(uuid) == std::vector<kinesis::Offset>{3}; }));
}

TEST_F(EventSource, TellsTheBucketOfABatchThatWasGivenUp) {
  make_reader();
  auto input = mapping();
  input.MaximumRetryAttempts = 0;
  input.DestinationConfig = api::DestinationConfig{.OnFailure = api::OnFailure{.Destination = "arn:aws:s3:::failed"}};
  const std::string uuid = map(input);
  put({"bad 1", "bad 2"});
  const json::value record = failure();
  EXPECT_EQ(record.at("version"), "1.0");
  EXPECT_EQ(record.at("requestContext").at("condition"), "RetryAttemptsExhausted");
  EXPECT_EQ(record.at("requestContext").at("functionArn"), "arn:aws:lambda:us-east-1:123456789012:function:f");
  EXPECT_EQ(record.at("requestContext").at("approximateInvokeCount"), 1);
  EXPECT_EQ(record.at("responseContext").at("functionError"), "Unhandled");
  EXPECT_EQ(record.at("responseContext").at("executedVersion"), "$LATEST");
  const json::value& batch = record.at("KinesisBatchInfo");
  const auto records = kinesis->read("beers", kShard, 0, 2, 1000);
  EXPECT_EQ(batch.at("shardId"), json::value(kShard));
  EXPECT_EQ(batch.at("startSequenceNumber"), json::value(records.at(0).sequence_number));
  EXPECT_EQ(batch.at("endSequenceNumber"), json::value(records.at(1).sequence_number));
  EXPECT_EQ(batch.at("batchSize"), 2);
  EXPECT_EQ(batch.at("streamArn"), json::value(kStream));
  EXPECT_EQ(json::parse(record.at("payload").as_string()), events().at(0));
  EXPECT_THAT(s3->all_objects("failed", "").at(0).key,
              HasSubstr("aws/lambda/" + uuid + "/" + kShard + "/2026/01/01/2026-01-01T00.00.00-"));
}

TEST_F(EventSource, GoesOnWhenTheBucketIsGone) {
  make_reader();
  auto input = mapping(1);
  input.MaximumRetryAttempts = 0;
  input.DestinationConfig = api::DestinationConfig{.OnFailure = api::OnFailure{.Destination = "arn:aws:s3:::failed"}};
  map(input);
  s3->delete_bucket("failed");
  put({"bad", "good"});
  EXPECT_TRUE(come({"bad", "good"}));
}

TEST_F(EventSource, SplitsAFailedBatchUntilTheBadRecordIsAlone) {
  make_reader();
  auto input = mapping(4);
  input.BisectBatchOnFunctionError = true;
  input.MaximumRetryAttempts = 0;
  const std::string uuid = map(input);
  put({"a", "b", "bad", "d"});
  EXPECT_TRUE(come({"a b bad d", "a b", "bad d", "bad", "d"}));
  EXPECT_TRUE(eventually([&] { return positions(uuid) == std::vector<kinesis::Offset>{4}; }));
}

TEST_F(EventSource, TriesAgainFromTheFirstRecordThatTheFunctionReports) {
  make_reader({{"REPORT", "1"}});
  auto input = mapping(4);
  input.FunctionResponseTypes = {{"ReportBatchItemFailures"}};
  input.MaximumRetryAttempts = 1;
  map(input);
  put({"a", "bad 1", "c", "bad 2"});
  put({"e"});
  EXPECT_TRUE(come_with_retries({"a bad 1 c bad 2", "bad 1 c bad 2", "e"}));
}

TEST_F(EventSource, TakesAReportForSuccessWhenItIsNotAskedFor) {
  make_reader({{"REPORT", "1"}});
  map(mapping(1));
  put({"bad", "b"});
  EXPECT_TRUE(come({"bad", "b"}));
}

TEST_F(EventSource, GivesUpRecordsThatAreTooOld) {
  make_reader();
  put({"old"});
  clock.advance(2min);
  put({"new"});
  auto input = mapping();
  input.MaximumRecordAgeInSeconds = 60;
  input.DestinationConfig = api::DestinationConfig{.OnFailure = api::OnFailure{.Destination = "arn:aws:s3:::failed"}};
  map(input);
  EXPECT_TRUE(come({"new"}));
  const json::value record = failure();
  EXPECT_EQ(record.at("requestContext").at("condition"), "RecordAgeExceeded");
  EXPECT_EQ(record.at("requestContext").at("approximateInvokeCount"), 0);
  EXPECT_FALSE(record.as_object().contains("responseContext"));
  EXPECT_EQ(record.at("KinesisBatchInfo").at("batchSize"), 1);
}

TEST_F(EventSource, LeavesOutWhatNoFilterWants) {
  make_reader();
  auto input = mapping();
  input.FilterCriteria.emplace().Filters = {{{R"({"data":{"ibu":[{"numeric":[">",50]}]}})"},
                                             {R"({"partitionKey":["vip"],"data":["raw"]})"}}};
  const std::string uuid = map(input);
  put({R"({"ibu":60})", R"({"ibu":40})", "raw", "not JSON"});
  EXPECT_TRUE(come({R"({"ibu":60})"}));
  put({"raw", "other"}, "vip");
  EXPECT_TRUE(come({R"({"ibu":60})", "raw"}));
  EXPECT_TRUE(eventually([&] { return positions(uuid) == std::vector<kinesis::Offset>{6}; }));
}

TEST_F(EventSource, KeepsTheOrderOfAKeyOverParallelLanesAndAnotherNumberOfThem) {
  make_reader();
  auto input = mapping(2);
  input.ParallelizationFactor = 3;
  const std::string uuid = map(input);
  std::map<std::string, Words> wanted;
  int total = 0;
  const auto put_some = [&] {
    for (int i = 0; i < 10; ++i) {
      for (const std::string key : {"ale", "bock", "cider", "dubbel", "eisbock"}) {
        const std::string data = fmt::format("{} {:03}", key, ++total);
        wanted[key].push_back(data);
        put({data}, key);
      }
    }
  };
  put_some();
  api::UpdateEventSourceMappingInput update;
  update.UUID = uuid;
  update.ParallelizationFactor = 5;
  EXPECT_EQ(run(update_event_source_mapping, update).State, "Updating");
  put_some();
  std::map<std::string, Words> seen;
  EXPECT_TRUE(eventually([&] {
    seen.clear();
    std::size_t count = 0;
    for (const json::value& event : events()) {
      for (const json::value& record : event.at("Records").as_array()) {
        seen[std::string(record.at("kinesis").at("partitionKey").as_string())].push_back(data_of(record));
        ++count;
      }
    }
    return count >= static_cast<std::size_t>(total);
  }));
  EXPECT_EQ(seen, wanted);
  EXPECT_TRUE(eventually([&] { return positions(uuid) == std::vector<kinesis::Offset>(5, 100); }));
}

TEST_F(EventSource, ReadsTheChildrenOfAShardOnlyWhenItIsDrained) {
  make_reader();
  auto input = mapping(1);
  input.MaximumRetryAttempts = 1;
  map(input);
  put({"bad", "second"});
  EXPECT_TRUE(come({"bad"}));  // and waits
  kinesis::api::UpdateShardCountInput reshard;
  reshard.StreamName = "beers";
  reshard.TargetShardCount = 2;
  reshard.ScalingType = "UNIFORM_SCALING";
  kinesis::update_shard_count(*kinesis, call, reshard);
  put({"third", "fourth"});
  EXPECT_TRUE(come({"bad"}));
  EXPECT_TRUE(come_with_retries({"bad", "bad", "second", "third", "fourth"}));
}

TEST_F(EventSource, GoesOnWhereItWasWhenTheEngineStartsAgain) {
  make_reader();
  const std::string uuid = map(mapping(1));
  put({"a", "bad"});
  EXPECT_TRUE(come({"a", "bad"}));
  stop();
  start();
  EXPECT_TRUE(come({"a", "bad", "bad"}));
  EXPECT_EQ(get(uuid).State, "Enabled");
  EXPECT_THAT(positions(uuid), ElementsAre(1));
}

TEST_F(EventSource, WaitsWhileTheFunctionIsThrottledWithoutCountingAttempts) {
  make_reader();
  run(put_function_concurrency, {.FunctionName = "f", .ReservedConcurrentExecutions = 0});
  auto input = mapping();
  input.MaximumRetryAttempts = 0;
  const std::string uuid = map(input);
  put({"a"});
  EXPECT_TRUE(eventually([&] { return get(uuid).LastProcessingResult == "PROBLEM: Rate Exceeded."; }));
  run(delete_function_concurrency, {.FunctionName = "f"});
  EXPECT_TRUE(come_with_retries({"a"}));
}

TEST_F(EventSource, StandsStillWhileItIsDisabled) {
  make_reader();
  const std::string uuid = map(mapping());
  api::UpdateEventSourceMappingInput update;
  update.UUID = uuid;
  update.Enabled = false;
  EXPECT_EQ(run(update_event_source_mapping, update).State, "Disabling");
  EXPECT_TRUE(becomes(uuid, "Disabled"));
  put({"a"});
  update.Enabled = true;
  update.BatchSize = 7;
  EXPECT_EQ(run(update_event_source_mapping, update).State, "Enabling");
  EXPECT_TRUE(becomes(uuid, "Enabled"));
  EXPECT_EQ(get(uuid).BatchSize, 7);
  EXPECT_TRUE(come({"a"}));
}

TEST_F(EventSource, IsGoneWithItsCheckpointsOnceItIsDeleted) {
  make_reader();
  const std::string uuid = map(mapping());
  EXPECT_EQ(run(delete_event_source_mapping, {.UUID = uuid}).State, "Deleting");
  EXPECT_TRUE(eventually([&] { return catalog->count(kMappings) == 0; }));
  EXPECT_EQ(catalog->count(kCheckpoints), 0u);
  EXPECT_EQ(code_of([&] { get(uuid); }), "ResourceNotFoundException");
}

TEST_F(EventSource, CarriesTags) {
  make_reader();
  auto input = mapping();
  input.Tags = {{{"team", "beer"}}};
  const std::string arn = *run(create_event_source_mapping, input).EventSourceMappingArn;
  run(tag_resource, {.Resource = arn, .Tags = {{"stage", "dev"}}});
  run(untag_resource, {.Resource = arn, .TagKeys = {"team"}});
  EXPECT_THAT(*run(list_tags, {.Resource = arn}).Tags, ElementsAre(std::pair<const std::string, std::string>("stage", "dev")));
}

TEST_F(EventSource, IsRefusedWhenItCouldNotRun) {
  make_reader();
  const auto refused = [&](auto&& change) {
    auto input = mapping();
    change(input);
    return code_of([&] { map(input); });
  };
  const std::string kInvalid = "InvalidParameterValueException";
  EXPECT_EQ(refused([](auto& m) { m.EventSourceArn = kStream + "2"; }), kInvalid);
  EXPECT_EQ(refused([](auto& m) { m.EventSourceArn = "arn:aws:sqs:us-east-1:123456789012:q"; }), kInvalid);
  EXPECT_EQ(refused([](auto& m) { m.StartingPosition.reset(); }), kInvalid);
  EXPECT_EQ(refused([](auto& m) { m.StartingPosition = "AT_TIMESTAMP"; }), kInvalid);
  EXPECT_EQ(refused([](auto& m) { m.MaximumRecordAgeInSeconds = 30; }), kInvalid);
  EXPECT_EQ(refused([](auto& m) { m.TumblingWindowInSeconds = 30; }), kInvalid);
  EXPECT_EQ(refused([](auto& m) { m.FilterCriteria.emplace().Filters = {{{"{\"data\":1}"}}}; }), kInvalid);
  EXPECT_EQ(refused([](auto& m) {
              m.DestinationConfig = api::DestinationConfig{
                  .OnFailure = api::OnFailure{.Destination = "arn:aws:sqs:us-east-1:123456789012:q"}};
            }),
            kInvalid);
  EXPECT_EQ(refused([](auto& m) {
              m.DestinationConfig = api::DestinationConfig{.OnFailure = api::OnFailure{.Destination = "arn:aws:s3:::none"}};
            }),
            kInvalid);
  EXPECT_EQ(refused([](auto& m) { m.FunctionName = "g"; }), "ResourceNotFoundException");
  map(mapping());
  EXPECT_EQ(refused([](auto&) {}), "ResourceConflictException");
}

TEST_F(EventSource, NeedsARoleThatMayReadTheStream) {
  TestAuthority authority;
  context->authority = &authority;
  make_reader();
  authority.refuse("kinesis:GetShardIterator");
  EXPECT_EQ(code_of([&] { map(mapping()); }), "InvalidParameterValueException");
  authority.allow("kinesis:GetShardIterator");
  const std::string uuid = map(mapping());
  authority.refuse("kinesis:GetRecords");
  put({"beer"});
  const auto result = [&] { return get(uuid).LastProcessingResult.value_or(""); };
  while (result().find("PROBLEM: Cannot access stream " + std::string(kStream)) == std::string::npos) std::this_thread::yield();
  lambda.reset();  // before the authority
}

}  // namespace
}  // namespace engine::lambda
