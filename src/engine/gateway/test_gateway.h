// A gateway over small services, and requests for it, signed as clients sign.
#pragma once

#include "engine/gateway/gateway.h"
#include "engine/models/cloudwatch.h"
#include "engine/models/kinesis.h"
#include "engine/models/s3.h"
#include "engine/models/sts.h"
#include "engine/protocol/event_stream.h"
#include "lib/aws/sigv4.h"
#include "lib/io/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace engine {

/// What an operation was given last.
struct Seen {
  std::string bucket, key, body, text;
  std::string caller, checksum;
  int calls = 0;
};

class GatewayTest : public ::testing::Test {
 protected:
  static constexpr const char* kHost = "localhost:4566";
  inline static const aws::Credentials kKeys{
      "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", {}};

  GatewayTest() { keys.add(kKeys); }

  std::vector<ServiceDefinition> services() {
    return {{.name = "s3",
             .signing_name = "s3",
             .protocol = Protocol::kRestXml,
             .xml_namespace = "http://s3.amazonaws.com/doc/2006-03-01/",
             .routes = s3::api::routes(),
             .operations = {operation<s3::api::op::PutObject, Seen>(put_object, seen),
                            operation<s3::api::op::GetObject, Seen>(get_object, seen)}},
            streams(Protocol::kAwsJson11), streams(Protocol::kAwsCbor11),
            {.name = "sts",
             .signing_name = "sts",
             .protocol = Protocol::kQuery,
             .api_version = "2011-06-15",
             .xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
             .operations = {
                 operation<sts::api::op::GetCallerIdentity, Seen>(get_caller_identity, seen)}},
            monitoring(Protocol::kRpcV2Cbor), monitoring(Protocol::kAwsJson10), monitoring(Protocol::kQuery)};
  }

  ServiceDefinition streams(Protocol protocol) {
    return {.name = "kinesis",
            .signing_name = "kinesis",
            .protocol = protocol,
            .target_prefix = "Kinesis_20131202",
            .operations = {
                operation<kinesis::api::op::PutRecord, Seen>(put_record, seen),
                operation<kinesis::api::op::GetShardIterator, Seen>(get_shard_iterator, seen),
                operation<kinesis::api::op::SubscribeToShard, Seen>(subscribe_to_shard, seen),
                operation<kinesis::api::op::GetRecords, Seen>(get_records, seen)}};
  }

  /// A service that speaks several protocols.
  ServiceDefinition monitoring(Protocol protocol) {
    const bool query = protocol == Protocol::kQuery;
    return {.name = "cloudwatch",
            .signing_name = "monitoring",
            .protocol = protocol,
            .target_prefix = query ? "" : "GraniteServiceVersion20100801",
            .operations = {
                operation<cloudwatch::api::op::SetAlarmState, Seen>(set_alarm_state, seen)}};
  }

  static cloudwatch::api::SetAlarmStateOutput set_alarm_state(
      Seen& seen, Call&, const cloudwatch::api::SetAlarmStateInput& input) {
    ++seen.calls;
    seen.text = input.AlarmName;
    return {};
  }

  static s3::api::PutObjectOutput put_object(Seen& seen, Call& call,
                                             const s3::api::PutObjectRequest& input) {
    ++seen.calls;
    seen = {input.Bucket, input.Key,          input.Body.value_or(http::Body()).string(),
            {},           call.access_key_id, input.ChecksumCRC32.value_or(""),
            seen.calls};
    s3::api::PutObjectOutput output;
    output.ETag = "\"etag\"";
    return output;
  }
  static s3::api::GetObjectOutput get_object(Seen& seen, Call&,
                                             const s3::api::GetObjectRequest& input) {
    ++seen.calls;
    seen.bucket = input.Bucket;
    seen.key = input.Key;
    s3::api::GetObjectOutput output;
    output.Body = http::Body(seen.body);
    return output;
  }
  static kinesis::api::PutRecordOutput put_record(Seen& seen, Call& call,
                                                  const kinesis::api::PutRecordInput& input) {
    ++seen.calls;
    seen.text = input.Data;
    seen.caller = call.access_key_id;
    if (input.Data == "throw") throw std::runtime_error("a secret of ours");
    if (input.Data == "refuse")
      throw AwsError("ResourceNotFoundException", "Stream beers not found.");
    return {.ShardId = "shardId-000000000000", .SequenceNumber = "1"};
  }
  static kinesis::api::GetShardIteratorOutput get_shard_iterator(
      Seen& seen, Call&, const kinesis::api::GetShardIteratorInput& input) {
    seen.text = std::to_string(input.Timestamp.value_or(Timestamp{}).time_since_epoch().count());
    return {"place"};
  }
  static kinesis::api::GetRecordsOutput get_records(Seen&, Call&, const kinesis::api::GetRecordsInput&) {
    kinesis::api::GetRecordsOutput output;
    output.Records.push_back({.SequenceNumber = "49",
                              .ApproximateArrivalTimestamp = Timestamp(base::Milliseconds(1'767'225'600'125)),
                              .Data = std::string("\0\xff", 2),
                              .PartitionKey = "k"});
    return output;
  }
  /// A stream of one event, in the request's protocol.
  static kinesis::api::SubscribeToShardOutput subscribe_to_shard(
      Seen&, Call& call, const kinesis::api::SubscribeToShardInput&) {
    struct Opening final : http::LiveBody {
      explicit Opening(Protocol p) : protocol(p) {}
      void on_ready(std::function<void()>) override {}
      std::optional<std::string> next() override {
        if (std::exchange(said, true)) return std::nullopt;
        return initial_response(protocol);
      }
      Protocol protocol;
      bool said = false;
    };
    call.events = std::make_shared<Opening>(call.protocol);
    return {};
  }
  static sts::api::GetCallerIdentityResponse get_caller_identity(
      Seen& seen, Call& call, const sts::api::GetCallerIdentityRequest&) {
    ++seen.calls;
    return {.Account = call.account, .Arn = call.principal_arn};
  }

  static http::Request put(std::string target, std::string body) {
    return {.method = "PUT", .target = std::move(target), .body = std::move(body)};
  }
  static http::Request record(const std::string& data_base64 = "YmVlcg==") {
    return {.method = "POST",
            .target = "/",
            .headers = {{"X-Amz-Target", "Kinesis_20131202.PutRecord"},
                        {"Content-Type", "application/x-amz-json-1.1"}},
            .body = "{\"StreamName\":\"beers\",\"PartitionKey\":\"k\",\"Data\":\"" + data_base64 +
                    "\"}"};
  }
  static http::Request identity() {
    return {.method = "POST",
            .target = "/",
            .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
            .body = std::string("Action=GetCallerIdentity&Version=2011-06-15")};
  }

  http::Request sign(http::Request request, const std::string& service,
                     const aws::Credentials& as = kKeys, std::chrono::seconds skew = {},
                     const char* host = kHost) {
    aws::sign(request, host, as, "us-east-1", service, base::system_clock().now() + skew);
    return request;
  }
  http::Response handle(const http::Request& request) { return gateway.handle(request); }
  /// Status and error code of the answer: "403 AccessDenied", "200 " for what isn't refused.
  std::string outcome(const http::Request& request) {
    const http::Response response = handle(request);
    std::string code(response.headers.get("x-amzn-ErrorType"));
    const std::string body = response.body.string();
    const auto at = body.find("<Code>");
    if (code.empty() && at != std::string::npos)
      code = body.substr(at + 6, body.find('<', at + 6) - at - 6);
    return std::to_string(response.status) + " " + code;
  }

  io::TemporaryFolder folder;
  base::ManualClock clock;
  base::Ids ids;
  KeyStore keys;
  Seen seen;
  Gateway gateway{{.spool_dir = folder.path()}, keys, clock, ids, services()};
};

}  // namespace engine
