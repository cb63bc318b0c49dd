// SubscribeToShard: what is pushed, and when it ends.
#include "engine/services/kinesis/fan_out.h"

#include "engine/protocol/event_stream.h"
#include "engine/protocol/json.h"
#include "engine/services/kinesis/test_engine.h"

#include <atomic>

namespace engine::kinesis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SubscribeToShard : public KinesisTest {
 protected:
  using Body = std::shared_ptr<http::LiveBody>;

  SubscribeToShard() {
    make_stream("beers", 1);
    arn = consumer_of("reader");
  }
  std::string consumer_of(const std::string& name) {
    api::RegisterStreamConsumerInput input;
    input.StreamARN = kinesis->impl().stream("beers")->about.StreamARN;
    input.ConsumerName = name;
    return register_consumer(*kinesis, call, input).Consumer.ConsumerARN;
  }
  Body subscribe(const std::string& type = "LATEST", const std::optional<std::string>& sequence = {},
                 const std::string& shard = kShard) {
    api::SubscribeToShardInput input;
    input.ConsumerARN = arn;
    input.ShardId = shard;
    input.StartingPosition.Type = type;
    input.StartingPosition.SequenceNumber = sequence;
    subscribe_to_shard(*kinesis, call, input);
    return call.events;
  }
  /// Everything there is for now; `ended` tells whether more can come.
  std::vector<EventMessage> messages(const Body& body) {
    std::vector<EventMessage> all;
    while (true) {
      const auto piece = body->next();
      ended = !piece;
      if (!piece || piece->empty()) return all;
      for (EventMessage& message : read_event_messages(*piece)) all.push_back(std::move(message));
    }
  }
  std::vector<api::SubscribeToShardEvent> events(const Body& body) {
    std::vector<api::SubscribeToShardEvent> all;
    for (const EventMessage& message : messages(body)) {
      if (message.header(":event-type") == "SubscribeToShardEvent") {
        all.push_back(from_json<api::SubscribeToShardEvent>(message.payload));
      }
    }
    return all;
  }
  static std::vector<std::string> data(const std::vector<api::SubscribeToShardEvent>& events) {
    std::vector<std::string> all;
    for (const auto& event : events) {
      for (const api::Record& record : event.Records) all.push_back(record.Data);
    }
    return all;
  }
  /// The code of the exception that is the last message.
  std::string exception_of(const Body& body) {
    const auto all = messages(body);
    EXPECT_TRUE(ended);
    return all.empty() ? "" : std::string(all.back().header(":exception-type"));
  }

  std::string arn;
  bool ended = false;
};

TEST_F(SubscribeToShard, OpensWithAnInitialResponseAndPushesWhatComes) {
  put("beers", "k", "old");
  const Body body = subscribe();
  const auto opening = messages(body);
  ASSERT_THAT(opening, SizeIs(1));
  EXPECT_EQ(opening[0].header(":event-type"), "initial-response");
  const std::string number = put("beers", "key", "new").SequenceNumber;
  const auto pushed = events(body);
  ASSERT_THAT(pushed, SizeIs(1));
  ASSERT_THAT(pushed[0].Records, SizeIs(1));
  EXPECT_EQ(pushed[0].Records[0].Data, "new");
  EXPECT_EQ(pushed[0].Records[0].PartitionKey, "key");
  EXPECT_EQ(pushed[0].Records[0].SequenceNumber, number);
  EXPECT_EQ(pushed[0].ContinuationSequenceNumber, number);
  EXPECT_EQ(pushed[0].MillisBehindLatest, 0);
  EXPECT_FALSE(ended);
}

TEST_F(SubscribeToShard, StartsWhereEachPositionSays) {
  start({.subscription_renewal = Milliseconds(0)});
  const std::string first = put("beers", "k", "1").SequenceNumber;
  put("beers", "k", "2");
  EXPECT_THAT(data(events(subscribe("TRIM_HORIZON"))), ElementsAre("1", "2"));
  EXPECT_THAT(data(events(subscribe("AT_SEQUENCE_NUMBER", first))), ElementsAre("1", "2"));
  EXPECT_THAT(data(events(subscribe("AFTER_SEQUENCE_NUMBER", first))), ElementsAre("2"));
  EXPECT_THAT(data(events(subscribe("LATEST"))), IsEmpty());
}

TEST_F(SubscribeToShard, IsWokenByAPut) {
  const Body body = subscribe();
  std::atomic<int> woken = 0;
  body->on_ready([&] { ++woken; });
  messages(body);
  const int before = woken;
  put("beers", "k", "x");
  EXPECT_GT(woken, before);
}

TEST_F(SubscribeToShard, SaysEveryFiveSecondsThatThereIsNothing) {
  const Body body = subscribe();
  EXPECT_THAT(events(body), IsEmpty());
  clock.advance(Milliseconds(4'999));
  EXPECT_THAT(events(body), IsEmpty());
  clock.advance(Milliseconds(1));
  const auto silence = events(body);
  ASSERT_THAT(silence, SizeIs(1));
  EXPECT_THAT(silence[0].Records, IsEmpty());
  ASSERT_TRUE(silence[0].ContinuationSequenceNumber);
}

TEST_F(SubscribeToShard, GoesOnFromItsContinuationWithoutLossEvenWhereNothingWasRead) {
  start({.subscription_heartbeat = Milliseconds(0), .subscription_renewal = Milliseconds(0)});
  const auto next_of = [&](const std::string& type, const std::optional<std::string>& sequence) {
    const Body body = subscribe(type, sequence);
    body->next();  // the initial response
    return from_json<api::SubscribeToShardEvent>(read_event_messages(body->next().value()).at(0).payload);
  };
  const auto nothing = next_of("TRIM_HORIZON", {});
  EXPECT_THAT(nothing.Records, IsEmpty());
  put("beers", "k", "1");
  for (const char* type : {"AFTER_SEQUENCE_NUMBER", "AT_SEQUENCE_NUMBER"}) {
    EXPECT_THAT(data({next_of(type, nothing.ContinuationSequenceNumber)}), ElementsAre("1")) << type;
  }
  const auto one = next_of("TRIM_HORIZON", {});
  put("beers", "k", "2");
  EXPECT_THAT(data({next_of("AFTER_SEQUENCE_NUMBER", one.ContinuationSequenceNumber)}), ElementsAre("2"));
}

TEST_F(SubscribeToShard, TellsHowFarBehindItIs) {
  const std::string half(600 << 10, 'x');
  put("beers", "k", half);
  put("beers", "k", half);
  clock.advance(std::chrono::seconds(3));
  const auto pushed = events(subscribe("TRIM_HORIZON"));
  ASSERT_THAT(pushed, SizeIs(2));  // a mebibyte is an event's most
  EXPECT_EQ(pushed[0].MillisBehindLatest, 3'000);
  EXPECT_EQ(pushed[1].MillisBehindLatest, 0);
}

TEST_F(SubscribeToShard, EndsAfterFiveMinutes) {
  const Body body = subscribe();
  messages(body);
  clock.advance(std::chrono::minutes(5));
  EXPECT_THAT(messages(body), IsEmpty());
  EXPECT_TRUE(ended);
}

TEST_F(SubscribeToShard, EndsWithTheChildrenOfASplitShard) {
  const Body body = subscribe();
  messages(body);
  put("beers", "k", "last");
  api::SplitShardInput split;
  split.StreamName = "beers";
  split.ShardToSplit = kShard;
  split.NewStartingHashKey = "170141183460469231731687303715884105728";
  split_shard(*kinesis, call, split);
  const auto pushed = events(body);
  EXPECT_TRUE(ended);
  EXPECT_THAT(data(pushed), ElementsAre("last"));
  ASSERT_TRUE(pushed.back().ChildShards);
  EXPECT_THAT(*pushed.back().ChildShards, SizeIs(2));
  EXPECT_EQ(pushed.back().ChildShards->front().ShardId, "shardId-000000000001");
  EXPECT_FALSE(pushed.back().ContinuationSequenceNumber);
}

TEST_F(SubscribeToShard, IsRefusedTwiceInFiveSecondsAndTakesOverLater) {
  const Body first = subscribe();
  messages(first);
  EXPECT_EQ(code_of([&] { subscribe(); }), "ResourceInUseException");
  clock.advance(std::chrono::seconds(5));
  const Body second = subscribe();
  EXPECT_EQ(exception_of(first), "ResourceInUseException");
  messages(second);
  EXPECT_FALSE(ended);
}

TEST_F(SubscribeToShard, IsEachConsumersOwn) {
  const Body first = subscribe();
  arn = consumer_of("another");
  const Body second = subscribe();
  put("beers", "k", "x");
  EXPECT_THAT(data(events(first)), ElementsAre("x"));
  EXPECT_THAT(data(events(second)), ElementsAre("x"));
}

TEST_F(SubscribeToShard, EndsWithItsConsumerAndItsStream) {
  const Body of_consumer = subscribe();
  messages(of_consumer);
  api::DeregisterStreamConsumerInput deregister;
  deregister.ConsumerARN = arn;
  deregister_consumer(*kinesis, call, deregister);
  EXPECT_EQ(exception_of(of_consumer), "ResourceNotFoundException");
  EXPECT_EQ(code_of([&] { subscribe(); }), "ResourceNotFoundException");

  arn = consumer_of("another");
  const Body of_stream = subscribe();
  messages(of_stream);
  api::DeleteStreamInput remove;
  remove.StreamName = "beers";
  remove.EnforceConsumerDeletion = true;
  delete_stream(*kinesis, call, remove);
  make_stream("beers", 1);
  EXPECT_EQ(exception_of(of_stream), "ResourceNotFoundException");
}

TEST_F(SubscribeToShard, RefusesWhatIsNotThere) {
  EXPECT_EQ(code_of([&] { subscribe("LATEST", {}, "shardId-000000000007"); }), "ResourceNotFoundException");
  EXPECT_EQ(code_of([&] { subscribe("AT_SEQUENCE_NUMBER", "4711"); }), "InvalidArgumentException");
  arn += "0";
  EXPECT_EQ(code_of([&] { subscribe(); }), "ResourceNotFoundException");
}

TEST_F(SubscribeToShard, MayOutliveTheEngine) {
  const Body body = subscribe();
  messages(body);
  kinesis.reset();
  EXPECT_THAT(messages(body), IsEmpty());
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace engine::kinesis
