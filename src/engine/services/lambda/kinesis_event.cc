// Kinesis records as JSON events, their filters, and the record of a batch that was given up.
#include "engine/services/lambda/kinesis_event.h"

#include "engine/protocol/json.h"
#include "engine/services/lambda/errors.h"
#include "lib/base/encoding.h"
#include "lib/base/time_text.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace engine::lambda {
namespace {

namespace json = boost::json;

constexpr std::size_t kAround = 700;  ///< the longest names, numbers and ARNs of a record in an event

std::string json_text(std::string_view text) {
  std::string out;
  write_json_string(text, out);
  return out;
}

/// Seconds with three digits behind the point: 1545084650.987
std::string seconds(base::Timestamp time) {
  const auto ms = time.time_since_epoch().count();
  return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

patterns::Pattern compile(std::string_view pattern) {
  try {
    return patterns::Pattern(pattern);
  } catch (const AwsError& error) {
    throw invalid(fmt::format("Invalid filter pattern definition. ({})", error.what()));
  }
}

}  // namespace

std::string event_of(std::span<const kinesis::Record> records, const EventOrigin& origin) {
  const std::string role = json_text(origin.role_arn), region = json_text(origin.region), stream = json_text(origin.stream_arn);
  std::string out = "{\"Records\":[";
  for (const kinesis::Record& record : records) {
    if (out.back() == '}') out += ',';
    fmt::format_to(std::back_inserter(out),
                   R"({{"kinesis":{{"kinesisSchemaVersion":"1.0","partitionKey":{},"sequenceNumber":"{}","data":"{}",)"
                   R"("approximateArrivalTimestamp":{}}},"eventSource":"aws:kinesis","eventVersion":"1.0",)"
                   R"("eventID":"{}:{}","eventName":"aws:kinesis:record","invokeIdentityArn":{},"awsRegion":{},)"
                   R"("eventSourceARN":{}}})",
                   json_text(record.partition_key), record.sequence_number, base::to_base64(record.data),
                   seconds(record.arrival), origin.shard_id, record.sequence_number, role, region, stream);
  }
  return out += "]}";
}

std::size_t event_size(const kinesis::Record& record) {
  // A character of the key may become six when it is written as JSON.
  return (record.data.size() + 2) / 3 * 4 + record.partition_key.size() * 6 + kAround;
}

RecordFilter::RecordFilter(std::string_view pattern) : pattern_(compile(pattern)) {
  const json::value parsed = json::parse(pattern);
  const json::value* data = parsed.as_object().if_contains("data");
  if (data != nullptr) data_ = data->is_object() ? Data::kJson : Data::kText;
}

bool RecordFilter::wants(const kinesis::Record& record) const {
  json::object event{{"kinesisSchemaVersion", "1.0"},
                     {"partitionKey", record.partition_key},
                     {"sequenceNumber", record.sequence_number},
                     {"approximateArrivalTimestamp",
                      static_cast<double>(record.arrival.time_since_epoch().count()) / 1000}};
  if (data_ == Data::kText) event["data"] = record.data;
  if (data_ == Data::kJson) {
    json::error_code error;
    json::value data = json::parse(record.data, error);
    // Verified: data that isn't JSON is dropped when the pattern is over JSON.
    if (error || !data.is_object()) return false;
    event["data"] = std::move(data);
  }
  return pattern_.matches(event);
}

std::string failure_record(const GivenUpBatch& batch, std::span<const kinesis::Record> records) {
  json::object context{{"requestId", batch.request_id},
                       {"functionArn", batch.function_arn},
                       {"condition", batch.condition},
                       {"approximateInvokeCount", batch.invocations}};
  json::object record{{"requestContext", std::move(context)}};
  if (!batch.executed_version.empty()) {
    json::object response{{"statusCode", 200}, {"executedVersion", batch.executed_version}};
    if (!batch.function_error.empty()) response["functionError"] = batch.function_error;
    record["responseContext"] = std::move(response);
  }
  record["version"] = "1.0";
  record["timestamp"] = base::to_iso8601_millis(batch.time);
  record["KinesisBatchInfo"] = {{"shardId", batch.origin.shard_id},
                                {"startSequenceNumber", records.front().sequence_number},
                                {"endSequenceNumber", records.back().sequence_number},
                                {"approximateArrivalOfFirstRecord", base::to_iso8601_millis(records.front().arrival)},
                                {"approximateArrivalOfLastRecord", base::to_iso8601_millis(records.back().arrival)},
                                {"batchSize", records.size()},
                                {"streamArn", batch.origin.stream_arn}};
  record["payload"] = batch.event;
  return json::serialize(record);
}

}  // namespace engine::lambda
