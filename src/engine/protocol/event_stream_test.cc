// Event streams' messages, to the byte.
#include "engine/protocol/event_stream.h"

#include "engine/models/kinesis.h"
#include "lib/base/encoding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

// Verified: the vectors of botocore's own tests of its reader.
TEST(EventStream, WritesAMessageOfNothing) {
  EXPECT_EQ(base::to_hex(write_event_message({})), "000000100000000005c248eb7d98c8ff");
}

TEST(EventStream, WritesHeadersAndAPayload) {
  EventMessage message;
  message.headers = {{"content-type", "application/json"}};
  message.payload = "{'foo':'bar'}";
  const std::string bytes = write_event_message(message);
  EXPECT_EQ(base::to_hex(bytes.substr(0, 12)), "0000003d0000002007fd8396");
  EXPECT_EQ(base::to_hex(bytes.substr(12, 16)), "0c636f6e74656e742d74797065070010");
  EXPECT_EQ(base::to_hex(bytes.substr(bytes.size() - 4)), "8d9c08b1");
}

TEST(EventStream, ReadsWhatItWrites) {
  EventMessage first;
  first.headers = {{":event-type", "a"}, {"x", ""}};
  first.payload = std::string("\0\xff", 2);
  const auto back = read_event_messages(write_event_message(first) + write_event_message({}));
  ASSERT_EQ(back.size(), 2u);
  EXPECT_THAT(back[0].headers, ElementsAre(Pair(":event-type", "a"), Pair("x", "")));
  EXPECT_EQ(back[0].payload, first.payload);
  EXPECT_EQ(back[0].header(":event-type"), "a");
  EXPECT_THAT(back[1].headers, IsEmpty());
}

TEST(EventStream, RefusesAnyDamagedByteAndAnyCut) {
  EventMessage message;
  message.headers = {{"name", "value"}};
  message.payload = "payload";
  const std::string bytes = write_event_message(message);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    EXPECT_THROW(read_event_messages(damaged), EventStreamError) << i;
    if (i == 0) continue;
    EXPECT_THROW(read_event_messages(bytes.substr(0, i)), EventStreamError) << i;
  }
}

TEST(EventStream, OpensWithAnInitialResponse) {
  const auto message = read_event_messages(initial_response(Protocol::kAwsJson11)).at(0);
  EXPECT_EQ(message.header(":message-type"), "event");
  EXPECT_EQ(message.header(":event-type"), "initial-response");
  EXPECT_EQ(message.header(":content-type"), "application/x-amz-json-1.1");
  EXPECT_EQ(message.payload, "{}");
  EXPECT_EQ(read_event_messages(initial_response(Protocol::kAwsCbor11)).at(0).payload, "\xa0");
}

TEST(EventStream, CarriesAnEventInTheProtocolOfTheRequest) {
  kinesis::api::SubscribeToShardEvent event;
  event.ContinuationSequenceNumber = "49";
  event.MillisBehindLatest = 7;
  const auto json = read_event_messages(write_event(Protocol::kAwsJson11, "SubscribeToShardEvent", event)).at(0);
  EXPECT_EQ(json.header(":event-type"), "SubscribeToShardEvent");
  EXPECT_EQ(json.payload, R"({"Records":[],"ContinuationSequenceNumber":"49","MillisBehindLatest":7})");
  const auto cbor = read_event_messages(write_event(Protocol::kAwsCbor11, "SubscribeToShardEvent", event)).at(0);
  EXPECT_EQ(cbor.header(":content-type"), "application/x-amz-cbor-1.1");
  EXPECT_EQ(base::to_hex(cbor.payload.substr(0, 10)), "a3675265636f72647380");
}

TEST(EventStream, EndsWithAnExceptionByName) {
  const auto message =
      read_event_messages(write_event_exception(Protocol::kAwsJson11, {"ResourceInUseException", "it is \"mine\""})).at(0);
  EXPECT_EQ(message.header(":message-type"), "exception");
  EXPECT_EQ(message.header(":exception-type"), "ResourceInUseException");
  EXPECT_EQ(message.payload, R"({"message":"it is \"mine\""})");
}

}  // namespace
}  // namespace engine
