// The way of a request: which service, which operation, what is answered.
#include "engine/gateway/gateway.h"

#include "engine/gateway/gunzip.h"
#include "engine/gateway/test_gateway.h"
#include "engine/protocol/cbor.h"
#include "engine/protocol/json.h"
#include "lib/base/encoding.h"
#include "lib/base/log.h"

namespace engine {
namespace {

using testing::HasSubstr;
using testing::Not;

using GatewayWay = GatewayTest;

TEST_F(GatewayWay, CallsAnAwsJsonOperation) {
  const auto response = handle(sign(record(), "kinesis"));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body.string(), HasSubstr("\"ShardId\":\"shardId-000000000000\""));
  EXPECT_FALSE(response.headers.get("x-amzn-RequestId").empty());
  EXPECT_EQ(seen.text, "beer");
  EXPECT_EQ(seen.caller, kKeys.access_key_id);
}

TEST_F(GatewayWay, CallsARestXmlOperation) {
  const auto response = handle(sign(put("/lake/a%20b/c", "beer"), "s3"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("ETag"), "\"etag\"");
  EXPECT_EQ(seen.bucket, "lake");
  EXPECT_EQ(seen.key, "a b/c");
  EXPECT_EQ(seen.body, "beer");
  EXPECT_EQ(handle(sign({.target = "/lake/a%20b/c"}, "s3")).body.string(), "beer");
}

TEST_F(GatewayWay, CallsAQueryOperation) {
  const auto response = handle(sign(identity(), "sts"));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body.string(), HasSubstr("<Arn>arn:aws:iam::123456789012:root</Arn>"));
}

/// {"AlarmName":"a","StateValue":"OK","StateReason":"r"}
constexpr const char* kGzipped =
    "1f8b0800000000000203ab5672cc492ccaf54bcc4d55b2524a54d2510a2e492c490d4b"
    "cc290509f87bc3448252138bf3f38042454ab5009197af4535000000";

/// One call in each protocol of the service that speaks three.
std::vector<http::Request> states_of(const std::string& alarm) {
  cloudwatch::api::SetAlarmStateInput input{.AlarmName = alarm, .StateValue = "OK", .StateReason = "r"};
  std::string cbor, json;
  write_cbor(shape_of<cloudwatch::api::SetAlarmStateInput>(), &input, cbor);
  write_json(shape_of<cloudwatch::api::SetAlarmStateInput>(), &input, json);
  return {{.method = "POST",
           .target = "/service/GraniteServiceVersion20100801/operation/SetAlarmState",
           .headers = {{"smithy-protocol", "rpc-v2-cbor"}, {"Content-Type", "application/cbor"}},
           .body = cbor},
          {.method = "POST",
           .target = "/",
           .headers = {{"X-Amz-Target", "GraniteServiceVersion20100801.SetAlarmState"}},
           .body = json},
          {.method = "POST",
           .target = "/",
           .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
           .body = "Action=SetAlarmState&StateValue=OK&StateReason=r&AlarmName=" + alarm}};
}

TEST_F(GatewayWay, CallsAnOperationInEachProtocolOfItsService) {
  for (http::Request& request : states_of("errors")) {
    seen.text.clear();
    EXPECT_EQ(outcome(sign(request, "monitoring")), "200 ") << request.target;
    EXPECT_EQ(seen.text, "errors");
  }
  for (http::Request& request : states_of("")) {
    EXPECT_EQ(outcome(sign(request, "monitoring")), "400 ValidationException");
  }
  EXPECT_EQ(seen.calls, 3);
}

TEST_F(GatewayWay, SaysWhichRpcItDoesNotHave) {
  http::Request request = states_of("errors").front();
  request.target = "/service/GraniteServiceVersion20100801/operation/PutDashboard";
  EXPECT_EQ(outcome(sign(request, "monitoring")), "400 UnknownOperationException");
  request.target = "/service/Logs/operation/PutDashboard";
  EXPECT_EQ(outcome(sign(request, "monitoring")), "404 UnknownOperationException");
  request.target = "/lake/key";
  EXPECT_EQ(outcome(sign(request, "s3")), "404 UnknownOperationException");
}

TEST_F(GatewayWay, InflatesABodyThatWasSignedCompressed) {
  http::Request request = states_of("x")[1];
  request.headers.set("Content-Encoding", "gzip");
  request.body = *base::from_hex(kGzipped);
  EXPECT_EQ(outcome(sign(request, "monitoring")), "200 ");
  EXPECT_EQ(seen.text, "a");
  request.body = std::string("no gzip");
  EXPECT_EQ(outcome(sign(request, "monitoring")), "400 SerializationException");
}

TEST(Gunzip, RefusesWhatIsCutDamagedOrTooLarge) {
  const std::string whole = *base::from_hex(kGzipped);
  EXPECT_EQ(gunzip(whole, 53).size(), 53u);
  const auto code = [](const std::string& bytes, std::size_t limit) -> std::string {
    try {
      gunzip(bytes, limit);
      return {};
    } catch (const AwsError& error) {
      return error.code;
    }
  };
  EXPECT_EQ(code(whole, 52), "RequestEntityTooLarge");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(code(whole.substr(0, size), 1000), "SerializationException") << size;
  }
  std::string damaged = whole;
  damaged[15] ^= 1;
  EXPECT_EQ(code(damaged, 1000), "SerializationException");
}

TEST_F(GatewayWay, FindsTheBucketInTheHost) {
  EXPECT_EQ(handle(sign(put("/a/b", "beer"), "s3", kKeys, {}, "lake.s3.localhost:4566")).status,
            200);
  EXPECT_EQ(seen.bucket, "lake");
  EXPECT_EQ(seen.key, "a/b");
  EXPECT_EQ(virtual_host_bucket("lake.localhost:4566"), "lake");
  EXPECT_EQ(virtual_host_bucket("my.lake.s3.us-east-1.amazonaws.com"), "my.lake");
  EXPECT_EQ(virtual_host_bucket("s3.us-east-1.amazonaws.com"), "");
  EXPECT_EQ(virtual_host_bucket("s3.localhost:4566"), "");
  EXPECT_EQ(virtual_host_bucket("localhost:4566"), "");
  EXPECT_EQ(virtual_host_bucket("127.0.0.1:4566"), "");
  EXPECT_EQ(virtual_host_bucket("[::1]:4566"), "");
}

TEST_F(GatewayWay, SaysWhichOperationItDoesNotHave) {
  auto request = record();
  request.headers.set("X-Amz-Target", "Kinesis_20131202.GetResourcePolicy");
  const auto response = handle(sign(request, "kinesis"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.headers.get("x-amzn-ErrorType"), "UnknownOperationException");
  EXPECT_THAT(response.body.string(), HasSubstr("GetResourcePolicy of kinesis"));

  http::Request query = identity();
  query.body = std::string("Action=GetFederationToken&Version=2011-06-15");
  EXPECT_EQ(outcome(sign(query, "sts")), "400 InvalidAction");
  EXPECT_EQ(outcome(sign({.target = "/lake?accelerate"}, "s3")), "501 NotImplemented");
}

TEST_F(GatewayWay, SaysWhichServiceItDoesNotHave) {
  auto request = record();
  request.headers.set("X-Amz-Target", "DynamoDB_20120810.ListTables");
  const auto response = handle(sign(request, "dynamodb"));
  EXPECT_EQ(response.status, 404);
  EXPECT_THAT(response.body.string(), HasSubstr("DynamoDB_20120810.ListTables"));
  EXPECT_EQ(outcome(sign({.target = "/"}, "polly")), "404 UnknownOperationException");
}

TEST_F(GatewayWay, AnswersAServicesErrorAsItIs) {
  const auto response = handle(sign(record("cmVmdXNl"), "kinesis"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.headers.get("x-amzn-ErrorType"), "ResourceNotFoundException");
  EXPECT_THAT(response.body.string(), HasSubstr("Stream beers not found."));
}

TEST_F(GatewayWay, TellsNothingOfWhatFailedWithin) {
  base::set_log_level(base::Level::kOff);
  const auto response = handle(sign(record("dGhyb3c="), "kinesis"));
  base::set_log_level(base::Level::kWarning);
  EXPECT_EQ(response.status, 500);
  EXPECT_EQ(response.headers.get("x-amzn-ErrorType"), "InternalFailure");
  EXPECT_THAT(response.body.string(), Not(HasSubstr("secret")));
}

TEST_F(GatewayWay, ValidatesBeforeItCalls) {
  auto request = record();
  request.body = std::string(R"({"StreamName":"beers","Data":"YmVlcg=="})");
  EXPECT_EQ(outcome(sign(request, "kinesis")), "400 ValidationException");
  request.body = std::string("{");
  EXPECT_EQ(outcome(sign(request, "kinesis")), "400 SerializationException");
  EXPECT_EQ(seen.calls, 0);
}

TEST_F(GatewayWay, ServesPagesOfItsOwn) {
  const auto page = [](const http::Request&) {
    return http::Response{200, {}, std::string("well")};
  };
  gateway.add_page("/_engine/health", true, page);
  gateway.add_page("/_engine/state", false, page);
  EXPECT_EQ(handle({.target = "/_engine/health"}).body.string(), "well");
  EXPECT_EQ(handle({.target = "/_engine/state"}).status, 403);
  EXPECT_EQ(handle(sign({.target = "/_engine/state"}, "s3")).status, 200);
  EXPECT_EQ(handle(sign({.target = "/_engine/state"}, "engine")).status, 200);
  EXPECT_EQ(handle({.target = "/_engine/nothing"}).status, 404);
}

}  // namespace
}  // namespace engine
