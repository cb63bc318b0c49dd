// GetShardIterator and GetRecords.
#include "engine/services/kinesis/test_engine.h"
#include "engine/services/test_meter.h"

namespace engine::kinesis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class GetRecords : public KinesisTest {
 protected:
  GetRecords() {
    make_stream("beers", 1);
    for (int i = 0; i < 5; ++i) {
      numbers.push_back(put("beers", "k", std::to_string(i)).SequenceNumber);
      clock.advance(std::chrono::seconds(1));
    }
  }
  std::vector<std::string> numbers;
};

TEST_F(GetRecords, StartWhereEachTypeOfIteratorSays) {
  EXPECT_THAT(data(get(iterator("beers", kShard, "TRIM_HORIZON"))),
              ElementsAre("0", "1", "2", "3", "4"));
  EXPECT_THAT(data(get(iterator("beers", kShard, "AT_SEQUENCE_NUMBER", numbers[3]))),
              ElementsAre("3", "4"));
  EXPECT_THAT(data(get(iterator("beers", kShard, "AFTER_SEQUENCE_NUMBER", numbers[3]))),
              ElementsAre("4"));
  const Timestamp third = clock.now() - std::chrono::seconds(3);
  EXPECT_THAT(data(get(iterator("beers", kShard, "AT_TIMESTAMP", std::nullopt, third))),
              ElementsAre("2", "3", "4"));
  const std::string latest = iterator("beers", kShard, "LATEST");
  EXPECT_THAT(data(get(latest)), IsEmpty());
  put("beers", "k", "5");
  EXPECT_THAT(data(get(latest)), ElementsAre("5"));
}

TEST_F(GetRecords, ContinueByTheNextIterator) {
  const auto first = get(iterator("beers", kShard, "TRIM_HORIZON"), 2);
  EXPECT_THAT(data(first), ElementsAre("0", "1"));
  EXPECT_EQ(first.MillisBehindLatest, 4000);
  const auto rest = get(first.NextShardIterator.value());
  EXPECT_THAT(data(rest), ElementsAre("2", "3", "4"));
  EXPECT_EQ(rest.MillisBehindLatest, 0);
  EXPECT_THAT(data(get(rest.NextShardIterator.value())), IsEmpty());
}

TEST_F(GetRecords, GiveTheRecordAsItWasPut) {
  const api::Record record = get(iterator("beers", kShard, "TRIM_HORIZON")).Records[0];
  EXPECT_EQ(record.SequenceNumber, numbers[0]);
  EXPECT_EQ(record.PartitionKey, "k");
  EXPECT_EQ(record.ApproximateArrivalTimestamp, clock.now() - std::chrono::seconds(5));
}

TEST_F(GetRecords, RefuseGarbageAsAnIterator) {
  EXPECT_EQ(code_of([&] { get("garbage"); }), "InvalidArgumentException");
  EXPECT_EQ(code_of([&] { get("AAAAAAAAAAEx"); }), "InvalidArgumentException");
}

TEST_F(GetRecords, RefuseAnIteratorOlderThanFiveMinutes) {
  const std::string old = iterator("beers", kShard, "TRIM_HORIZON");
  clock.advance(std::chrono::minutes(5));
  EXPECT_EQ(get(old).Records.size(), 5u);
  clock.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(code_of([&] { get(old); }), "ExpiredIteratorException");
}

TEST_F(GetRecords, RefuseSequenceNumbersOfElsewhere) {
  make_stream("other", 1);
  const std::string foreign = put("other", "k", "x").SequenceNumber;
  EXPECT_EQ(code_of([&] { iterator("beers", kShard, "AT_SEQUENCE_NUMBER", foreign); }),
            "InvalidArgumentException");
  EXPECT_EQ(code_of([&] { iterator("beers", kShard, "AT_SEQUENCE_NUMBER", "0"); }),
            "InvalidArgumentException");
  EXPECT_EQ(code_of([&] { iterator("beers", kShard, "AT_SEQUENCE_NUMBER"); }),
            "InvalidArgumentException");
  EXPECT_EQ(code_of([&] {
              iterator("beers", kShard, "AT_TIMESTAMP", std::nullopt,
                       clock.now() + std::chrono::seconds(1));
            }),
            "InvalidArgumentException");
  EXPECT_EQ(code_of([&] { iterator("beers", "shardId-000000000009", "LATEST"); }),
            "ResourceNotFoundException");
}

TEST_F(GetRecords, StopAtTenMebibytes) {
  make_stream("big", 1);
  for (int i = 0; i < 12; ++i) put("big", "k", std::string(1'000'000, 'x'));
  const auto first = get(iterator("big", kShard, "TRIM_HORIZON"));
  EXPECT_EQ(first.Records.size(), 10u);
  EXPECT_EQ(get(first.NextShardIterator.value()).Records.size(), 2u);
}

TEST_F(GetRecords, OfAStreamMadeAnewDoNotShowTheOldOnes) {
  const std::string old = iterator("beers", kShard, "TRIM_HORIZON");
  api::DeleteStreamInput input;
  input.StreamName = "beers";
  delete_stream(*kinesis, call, input);
  EXPECT_EQ(code_of([&] { get(old); }), "ResourceNotFoundException");
  make_stream("beers", 1);
  EXPECT_THAT(data_of("beers"), IsEmpty());
  EXPECT_EQ(code_of([&] { get(old); }), "ResourceNotFoundException");
  start();
  EXPECT_THAT(data_of("beers"), IsEmpty());
}

TEST_F(GetRecords, StartAtTheTrimHorizonWhenTheirPlaceIsGone) {
  start({.log = {.segment_bytes = 1}});  // a segment for each append
  make_stream("small", 1);
  for (int i = 0; i < 3; ++i) put("small", "k", std::to_string(i));
  clock.advance(std::chrono::hours(20));
  for (int i = 3; i < 5; ++i) put("small", "k", std::to_string(i));
  const std::string at_zero = iterator("small", kShard, "TRIM_HORIZON");
  clock.advance(std::chrono::minutes(4));
  const std::string next = get(at_zero, 1).NextShardIterator.value();
  clock.advance(std::chrono::hours(4));
  kinesis->impl().drop_old();
  EXPECT_THAT(data_of("small"), ElementsAre("3", "4"));
  const auto behind = kinesis->read("small", kShard, 1, 10, 1000);
  ASSERT_EQ(behind.size(), 2u);
  EXPECT_EQ(behind[0].data, "3");
}

TEST_F(GetRecords, GiveFiveReadsASecondForEachShardWhenLimitsAreOn) {
  start({.limits = true});
  make_stream("limited", 2);
  const TestMeter meter;
  context->meter = meter.meter();
  const std::string place = iterator("limited", kShard, "TRIM_HORIZON");
  for (int i = 0; i < 5; ++i) get(place);
  EXPECT_EQ(code_of([&] { get(place); }), "ProvisionedThroughputExceededException");
  EXPECT_THAT(meter.values("AWS/Kinesis ReadProvisionedThroughputExceeded StreamName=limited"), ElementsAre(1));
  get(iterator("limited", "shardId-000000000001", "TRIM_HORIZON"));
  clock.advance(std::chrono::seconds(1));
  get(place);
}

TEST_F(GetRecords, RestAfterALargeAnswerWhenLimitsAreOn) {
  start({.limits = true, .writes = {100 << 20, 1000}});
  make_stream("limited", 1);
  for (int i = 0; i < 9; ++i) put("limited", "k", std::string(1 << 19, 'x'));
  const std::string place = iterator("limited", kShard, "TRIM_HORIZON");
  EXPECT_EQ(get(place, 8).Records.size(), 8u);  // 4 MiB: two seconds' share
  clock.advance(std::chrono::milliseconds(1'999));
  EXPECT_EQ(code_of([&] { get(place, 1); }), "ProvisionedThroughputExceededException");
  // Deliveries read from inside.
  EXPECT_EQ(kinesis->read("limited", kShard, 0, 100, 100 << 20).size(), 9u);
  clock.advance(std::chrono::milliseconds(2));
  EXPECT_EQ(get(place, 1).Records.size(), 1u);
}

TEST_F(GetRecords, MeasuresHowFarBehindTheReaderIs) {
  make_stream("aging", 1);
  const TestMeter meter;
  context->meter = meter.meter();
  put("aging", "k", "1");
  put("aging", "k", "2");
  clock.advance(std::chrono::seconds(3));
  const auto first = get(iterator("aging", kShard, "TRIM_HORIZON"), 1);
  const auto last = get(first.NextShardIterator.value());
  get(last.NextShardIterator.value());
  EXPECT_THAT(meter.values("AWS/Kinesis GetRecords.IteratorAgeMilliseconds StreamName=aging"),
              ElementsAre(3000, 0, 0));
}

}  // namespace
}  // namespace engine::kinesis
