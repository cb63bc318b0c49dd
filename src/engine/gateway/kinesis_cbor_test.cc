// Kinesis in CBOR, application/x-amz-cbor-1.1: to the byte, as the Java SDK sends and reads it.
#include "engine/gateway/test_gateway.h"
#include "lib/base/encoding.h"

namespace engine {
namespace {

// A map of no given length, as Jackson writes it: {"StreamName": "beers", "PartitionKey": "k", "Data": h'00ff'}
constexpr const char* kPutRecord =
    "bf6a53747265616d4e616d656562656572736c506172746974696f6e4b6579616b64446174614200ffff";

// {…, "ShardIteratorType": "AT_TIMESTAMP", "Timestamp": 1(1767225600125)}: milliseconds.
constexpr const char* kGetShardIterator =
    "a46a53747265616d4e616d65656265657273675368617264496474736861726449642d30303030303030303030"
    "30307153686172644974657261746f72547970656c41545f54494d455354414d506954696d657374616d70c11b"
    "0000019b76daa87d";

// {"Records": [{"SequenceNumber": "49", "ApproximateArrivalTimestamp": 1(1767225600125), "Data": h'00ff', "PartitionKey": "k"}]}
constexpr const char* kRecords =
    "a1675265636f72647381a46e53657175656e63654e756d626572623439781b417070726f78696d617465417272"
    "6976616c54696d657374616d70c11b0000019b76daa87d64446174614200ff6c506172746974696f6e4b657961"
    "6b";

// {"StreamName": "beers", "PartitionKey": "k", "Data": 'refuse'}
constexpr const char* kRefused =
    "a36a53747265616d4e616d656562656572736c506172746974696f6e4b6579616b644461746146726566757365";

// {"__type": "ResourceNotFoundException", "message": "Stream beers not found."}
constexpr const char* kError =
    "a2665f5f7479706578195265736f757263654e6f74466f756e64457863657074696f6e676d6573736167657753"
    "747265616d206265657273206e6f7420666f756e642e";

class KinesisCbor : public GatewayTest {
 protected:
  http::Response ask(const std::string& operation, const std::string& hex) {
    http::Request request{.method = "POST",
                          .target = "/",
                          .headers = {{"X-Amz-Target", "Kinesis_20131202." + operation},
                                      {"Content-Type", "application/x-amz-cbor-1.1"}},
                          .body = base::from_hex(hex).value()};
    return handle(sign(std::move(request), "kinesis"));
  }
};

TEST_F(KinesisCbor, IsReadAndAnswered) {
  const auto response = ask("PutRecord", kPutRecord);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/x-amz-cbor-1.1");
  EXPECT_EQ(seen.text, std::string("\0\xff", 2));  // bytes as they are: no base64
  EXPECT_EQ(base::to_hex(response.body.string()).substr(0, 20), "a2675368617264496474");
}

TEST_F(KinesisCbor, HasTimeInMilliseconds) {
  EXPECT_EQ(ask("GetShardIterator", kGetShardIterator).status, 200);
  EXPECT_EQ(seen.text, "1767225600125");
}

TEST_F(KinesisCbor, AnswersWithMillisecondsAndBytes) {
  // {"ShardIterator": "x"}
  const auto response = ask("GetRecords", "a16d53686172644974657261746f726178");
  EXPECT_EQ(base::to_hex(response.body.string()), kRecords);
}

TEST_F(KinesisCbor, TellsErrorsInCbor) {
  const auto response = ask("PutRecord", kRefused);
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/x-amz-cbor-1.1");
  EXPECT_EQ(response.headers.get("x-amzn-ErrorType"), "ResourceNotFoundException");
  EXPECT_EQ(base::to_hex(response.body.string()), kError);
}

TEST_F(KinesisCbor, RefusesWhatIsNoCborAndWhatIsMissing) {
  EXPECT_EQ(ask("PutRecord", "bf61").headers.get("x-amzn-ErrorType"), "SerializationException");
  EXPECT_EQ(ask("PutRecord", "a0").headers.get("x-amzn-ErrorType"), "ValidationException");
  EXPECT_EQ(ask("PutRecord", "").headers.get("x-amzn-ErrorType"), "ValidationException");
  EXPECT_EQ(ask("Nothing", "a0").headers.get("x-amzn-ErrorType"), "UnknownOperationException");
  EXPECT_EQ(seen.calls, 0);
}

TEST_F(KinesisCbor, OpensAnEventStreamInTheSameForm) {
  const auto response = ask(
      "SubscribeToShard",
    "a36b436f6e73756d657241524e784061726e3a6177733a6b696e657369733a75732d656173742d313a31323334"
    "35363738393031323a73747265616d2f62656572732f636f6e73756d65722f613a316753686172644964747368"
    "61726449642d303030303030303030303030705374617274696e67506f736974696f6ea16454797065664c4154"
    "455354");
  EXPECT_EQ(response.headers.get("Content-Type"), "application/vnd.amazon.eventstream");
  ASSERT_NE(response.live, nullptr);
  const auto opening = read_event_messages(response.live->next().value()).at(0);
  EXPECT_EQ(opening.header(":content-type"), "application/x-amz-cbor-1.1");
  EXPECT_EQ(opening.payload, "\xa0");
}

}  // namespace
}  // namespace engine
