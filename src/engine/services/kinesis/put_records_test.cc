// PutRecord and PutRecords.
#include "engine/services/kinesis/test_engine.h"
#include "engine/services/test_meter.h"

namespace engine::kinesis {
namespace {

using ::testing::ElementsAre;

class PutRecords : public KinesisTest {
 protected:
  api::PutRecordsOutput put_all(const std::string& stream,
                                const std::vector<std::pair<std::string, std::string>>& records) {
    api::PutRecordsInput input;
    input.StreamName = stream;
    for (const auto& [key, data] : records) {
      api::PutRecordsRequestEntry& entry = input.Records.emplace_back();
      entry.PartitionKey = key;
      entry.Data = data;
    }
    return put_records(*kinesis, call, input);
  }
};

TEST_F(PutRecords, GoToTheShardOfTheirKeysMd5) {
  make_stream("beers", 2);
  // MD5("a") begins with 0c: the lower half; MD5("b") with 92: the upper.
  const auto output = put_all("beers", {{"a", "1"}, {"b", "2"}, {"a", "3"}});
  EXPECT_EQ(output.FailedRecordCount, 0);
  EXPECT_EQ(output.Records[0].ShardId, "shardId-000000000000");
  EXPECT_EQ(output.Records[1].ShardId, "shardId-000000000001");
  EXPECT_THAT(data_of("beers", "shardId-000000000000"), ElementsAre("1", "3"));
  EXPECT_THAT(data_of("beers", "shardId-000000000001"), ElementsAre("2"));
}

TEST_F(PutRecords, ObeyTheExplicitHashKey) {
  make_stream("beers", 2);
  EXPECT_EQ(put("beers", "a", "x", "340282366920938463463374607431768211455").ShardId,
            "shardId-000000000001");
  EXPECT_EQ(put("beers", "b", "x", "0").ShardId, "shardId-000000000000");
  EXPECT_EQ(code_of([&] { put("beers", "b", "x", "340282366920938463463374607431768211456"); }),
            "InvalidArgumentException");
}

TEST_F(PutRecords, GetGrowingSequenceNumbers) {
  make_stream("beers", 1);
  std::string last;
  for (int i = 0; i < 30; ++i) {
    const std::string next = put("beers", "k", "x").SequenceNumber;
    EXPECT_GT(next, last);
    last = next;
  }
}

TEST_F(PutRecords, RefuseARecordPastTheStreamsSizeAndKeepNothing) {
  make_stream("beers", 1);
  EXPECT_EQ(code_of([&] {
              put_all("beers", {{"a", "fits"}, {"key", std::string(1 << 20, 'x')}});
            }),
            "ValidationException");
  EXPECT_TRUE(data_of("beers").empty());
  put("beers", "key", std::string((1 << 20) - 3, 'x'));  // with its key exactly 1 MiB
}

TEST_F(PutRecords, FailOnlyWhatIsPastTheShardsShareWhenLimitsAreOn) {
  start({.limits = true, .writes = {1 << 20, 2}});
  make_stream("beers", 1);
  const auto output = put_all("beers", {{"a", "1"}, {"a", "2"}, {"a", "3"}});
  EXPECT_EQ(output.FailedRecordCount, 1);
  EXPECT_TRUE(output.Records[1].SequenceNumber);
  EXPECT_EQ(output.Records[2].ErrorCode, "ProvisionedThroughputExceededException");
  EXPECT_EQ(code_of([&] { put("beers", "a", "4"); }), "ProvisionedThroughputExceededException");
  clock.advance(std::chrono::seconds(1));
  put("beers", "a", "5");
  EXPECT_THAT(data_of("beers"), ElementsAre("1", "2", "5"));
}

TEST_F(PutRecords, AreLimitedByEachShardAlone) {
  start({.limits = true, .writes = {1000, 1000}});
  make_stream("beers", 2);
  const std::string large(900, 'x');
  const auto output = put_all("beers", {{"a", large}, {"b", large}, {"a", large}, {"a", "fits"}});
  EXPECT_EQ(output.FailedRecordCount, 1);
  EXPECT_EQ(output.Records[2].ErrorMessage,
            "Rate exceeded for shard shardId-000000000000 in stream beers under account 123456789012.");
  EXPECT_FALSE(output.Records[2].SequenceNumber);
  EXPECT_THAT(data_of("beers", "shardId-000000000000"), ElementsAre(large, "fits"));
  EXPECT_THAT(data_of("beers", "shardId-000000000001"), ElementsAre(large));
}

TEST_F(PutRecords, OfAnOnDemandStreamAreNotLimited) {
  start({.limits = true, .writes = {1 << 20, 1}, .reads = {1 << 20, 1}});
  api::CreateStreamInput input;
  input.StreamName = "beers";
  input.StreamModeDetails = api::StreamModeDetails{"ON_DEMAND"};
  create_stream(*kinesis, call, input);
  EXPECT_EQ(put_all("beers", {{"a", "1"}, {"a", "2"}}).FailedRecordCount, 0);
  EXPECT_EQ(data_of("beers").size(), data_of("beers").size());
}

TEST_F(PutRecords, MeasuresWhatWasRefused) {
  start({.limits = true, .writes = {1 << 20, 2}});
  make_stream("beers", 1);
  const TestMeter meter;
  context->meter = meter.meter();
  put_all("beers", {{"a", "1"}, {"a", "2"}, {"a", "3"}, {"a", "4"}});
  EXPECT_THAT(meter.values("AWS/Kinesis IncomingRecords StreamName=beers"), ElementsAre(2));
  EXPECT_THAT(meter.values("AWS/Kinesis WriteProvisionedThroughputExceeded StreamName=beers"), ElementsAre(2));
}

TEST_F(PutRecords, SurviveARestart) {
  make_stream("beers", 2);
  put("beers", "a", "1");
  const std::string before = put("beers", "a", "2").SequenceNumber;
  start();
  EXPECT_THAT(data_of("beers"), ElementsAre("1", "2"));
  EXPECT_GT(put("beers", "a", "3").SequenceNumber, before);
}

TEST_F(PutRecords, WakeWhoeverSubscribed) {
  make_stream("beers", 1);
  int woken = 0;
  auto subscription = kinesis->on_put([&] { ++woken; });
  put("beers", "a", "1");
  EXPECT_EQ(woken, 1);
  subscription.reset();
  put("beers", "a", "2");
  EXPECT_EQ(woken, 1);
}

TEST_F(PutRecords, AreRefusedForAStreamThatIsNotThere) {
  EXPECT_EQ(code_of([&] { put("nobody", "a", "1"); }), "ResourceNotFoundException");
}

TEST_F(PutRecords, OfSeveralThreadsAllArriveOnce) {
  make_stream("beers", 3);
  std::vector<std::jthread> producers;
  for (int p = 0; p < 4; ++p) {
    producers.emplace_back([this, p] {
      for (int i = 0; i < 25; ++i) {
        const std::string text = fmt::format("{}-{}", p, i);
        const NewRecord record{text, text};
        kinesis->put_records("beers", {&record, 1});
      }
    });
  }
  producers.clear();
  std::set<std::string> seen;
  std::size_t count = 0;
  for (const ShardInfo& shard : kinesis->shards("beers")) {
    for (const Record& record : kinesis->read("beers", shard.id, 0, 1000, 1 << 20)) {
      seen.insert(record.data);
      ++count;
    }
  }
  EXPECT_EQ(count, 100u);
  EXPECT_EQ(seen.size(), 100u);
}

TEST_F(PutRecords, MeasuresWhatCameIn) {
  make_stream("beers", 2);
  const TestMeter meter;
  context->meter = meter.meter();
  const NewRecord records[] = {{"ale", "a"}, {"stout", "b"}};
  kinesis->put_records("arn:aws:kinesis:us-east-1:123456789012:stream/beers", records);
  EXPECT_THAT(meter.values("AWS/Kinesis IncomingRecords StreamName=beers"), ElementsAre(2));
  EXPECT_THAT(meter.values("AWS/Kinesis IncomingBytes StreamName=beers"), ElementsAre(8));
}

}  // namespace
}  // namespace engine::kinesis
