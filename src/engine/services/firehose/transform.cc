// The transformation. The event and the answer are AWS's:
//
//   event   {"invocationId","deliveryStreamArn","sourceKinesisStreamArn","region","records":[
//             {"recordId","approximateArrivalTimestamp","data",
//              "kinesisRecordMetadata":{"shardId","partitionKey","approximateArrivalTimestamp",
//                                       "sequenceNumber","subsequenceNumber"}}]}
//   answer  {"records":[{"recordId","result":"Ok"|"Dropped"|"ProcessingFailed","data",
//             "metadata":{"partitionKeys":{name: value}}}]}
#include "engine/services/firehose/transform.h"

#include "engine/protocol/json.h"
#include "lib/base/encoding.h"
#include "lib/base/log.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <iterator>
#include <unordered_map>

namespace engine::firehose {
namespace {

constexpr std::size_t kMaxPayload = 6 << 20;  // of an invocation, both ways
constexpr std::size_t kRecordFrame = 512;     // about what the event holds beside a record's data

constexpr std::string_view kFunctionError = "Lambda.FunctionError";
constexpr std::string_view kErrorResult =
    "The Lambda function was successfully invoked but it returned an error result.";

/// Why an invocation gave no answer.
struct InvokeFailure {
  std::string code, message;
};

std::size_t in_payload(const SourceRecord& source) {
  return (source.record.data.size() + 2) / 3 * 4 + source.record.partition_key.size() +
         kRecordFrame;
}

InvokeFailure to_failure(const AwsError& error) {
  if (error.code == "ResourceNotFoundException") {
    return {
        "Lambda.ResourceNotFound",
        "The specified Lambda function does not exist. Use a different function that does exist."};
  }
  if (error.code == "TooManyRequestsException") {
    return {"Lambda.InvokeLimitExceeded",
            "The rate of Lambda invocations exceeded the limit of concurrent executions."};
  }
  return {"Lambda.InvokeFailed", error.what()};
}

/// Of an answer that is an error, or too large.
InvokeFailure to_failure(const lambda::InvokeResult& result) {
  if (result.function_error.empty()) {
    return {std::string(kFunctionError), "The answer of the Lambda function is over 6 MiB."};
  }
  const bool timed_out = result.payload.find("Task timed out") != std::string::npos;
  return {timed_out ? "Lambda.FunctionTimedOut" : std::string(kFunctionError),
          fmt::format("{} {}", kErrorResult, result.payload)};
}

std::vector<Transformed> all_failed(std::size_t count, std::string_view code,
                                    std::string_view message, int attempts) {
  const Transformed failed{Transformed::Result::kFailed, "",       std::string(code),
                           std::string(message),         attempts, {}};
  return std::vector<Transformed>(count, failed);
}

/// Strings and, as they are written, numbers and booleans.
Keys read_partition_keys(const simdjson::dom::element& answer) {
  Keys keys;
  simdjson::dom::object object;
  if (answer["metadata"]["partitionKeys"].get_object().get(object) != simdjson::SUCCESS)
    return keys;
  for (const auto [name, value] : object) {
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS) {
      keys[std::string(name)] = text;
    } else if (value.is_number() || value.is_bool()) {
      keys[std::string(name)] = simdjson::minify(value);
    }
  }
  return keys;
}

/// One record of the answer.
Transformed read_result(const simdjson::dom::element& answer) {
  Transformed transformed;
  transformed.error_code = kFunctionError;
  transformed.message = kErrorResult;
  std::string_view result, data;
  if (answer["result"].get_string().get(result) != simdjson::SUCCESS) result = "";
  if (result == "Dropped") {
    transformed.result = Transformed::Result::kDropped;
  } else if (result == "Ok") {
    auto bytes = answer["data"].get_string().get(data) == simdjson::SUCCESS
                     ? base::from_base64(data)
                     : std::nullopt;
    if (bytes) {
      transformed.result = Transformed::Result::kOk;
      transformed.data = std::move(*bytes);
      transformed.partition_keys = read_partition_keys(answer);
    } else {
      transformed.error_code = "Lambda.JsonProcessingException";
      transformed.message = "The data of a record returned by the Lambda function is not base64.";
    }
  } else if (result != "ProcessingFailed") {
    transformed.error_code = "Lambda.JsonProcessingException";
    transformed.message =
        "There was an error parsing returned records from the Lambda function. "
        "Ensure that the returned records follow the status model required by "
        "Amazon Data Firehose.";
  }
  return transformed;
}

}  // namespace

std::size_t Transformer::any_batch(const std::deque<SourceRecord>& waiting) const {
  std::size_t count = 0, bytes = 0, payload = kRecordFrame;
  for (const SourceRecord& source : waiting) {
    payload += in_payload(source);
    if (count > 0 && payload > kMaxPayload) break;
    ++count;
    bytes += source.record.data.size();
    if (bytes >= settings_.transform->batch.bytes) break;
  }
  return count;
}

std::size_t Transformer::full_batch(const std::deque<SourceRecord>& waiting) const {
  const std::size_t count = any_batch(waiting);
  if (count < waiting.size()) return count;
  std::size_t bytes = 0;
  for (const SourceRecord& source : waiting) bytes += source.record.data.size();
  return bytes >= settings_.transform->batch.bytes ? count : 0;
}

std::vector<Transformed> Transformer::run(std::span<const SourceRecord> records,
                                          std::stop_token stop) const {
  const std::string payload = event(records);
  InvokeFailure failure;
  const int attempts = settings_.transform->retries + 1;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    if (attempt > 0) {
      base::log_warning("firehose " + settings_.name, "{}: {} (attempt {} of {})", failure.code,
                        failure.message, attempt, attempts);
      constexpr int kLongestDoubling = 6;
      const std::chrono::seconds back_off{1 << std::min(attempt - 1, kLongestDoubling)};
      if (!context_.clock.sleep_for(back_off, stop)) throw Stopped();
    }
    const auto began = std::chrono::steady_clock::now();
    try {
      const lambda::InvokeResult result = invoke_(settings_.transform->function, payload);
      measure(began, result.function_error.empty());
      if (result.function_error.empty() && result.payload.size() <= kMaxPayload) {
        return read_answer(records, result.payload);
      }
      failure = to_failure(result);
    } catch (const AwsError& error) {
      measure(began, false);
      failure = to_failure(error);
    }
    // A function that is stopped with the engine has not failed.
    if (stop.stop_requested()) throw Stopped();
  }
  return all_failed(records.size(), failure.code, failure.message, attempts);
}

/// One invocation: how long it took on the wall clock, and whether it went well.
void Transformer::measure(std::chrono::steady_clock::time_point began, bool good) const {
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began;
  const auto tell = [&](std::string_view metric, double value, std::string_view unit) {
    context_.meter({"AWS/Firehose", metric, "DeliveryStreamName", settings_.name, value, unit});
  };
  tell("ExecuteProcessing.Duration", took.count(), "Milliseconds");
  tell("ExecuteProcessing.Success", good ? 1 : 0, "Count");
}

std::string Transformer::record_id(const SourceRecord& source) const {
  return fmt::format("{}{:012}", source.record.sequence_number, source.part);
}

std::string Transformer::event(std::span<const SourceRecord> records) const {
  std::string json;
  const auto append = std::back_inserter(json);
  fmt::format_to(append, "{{\"invocationId\":\"{}\",\"deliveryStreamArn\":\"{}\"",
                 context_.ids.uuid(), settings_.arn);
  const bool from_kinesis = !settings_.source_arn.empty();
  if (from_kinesis)
    fmt::format_to(append, ",\"sourceKinesisStreamArn\":\"{}\"", settings_.source_arn);
  fmt::format_to(append, ",\"region\":\"{}\",\"records\":[", context_.region);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const kinesis::Record& record = records[i].record;
    const std::int64_t arrival = record.arrival.time_since_epoch().count();
    fmt::format_to(append,
                   "{}{{\"recordId\":\"{}\",\"approximateArrivalTimestamp\":{},\"data\":\"{}\"",
                   i == 0 ? "" : ",", record_id(records[i]), arrival, base::to_base64(record.data));
    if (from_kinesis) {
      fmt::format_to(append, ",\"kinesisRecordMetadata\":{{\"shardId\":\"{}\",\"partitionKey\":",
                     records[i].shard);
      write_json_string(record.partition_key, json);
      fmt::format_to(append,
                     ",\"approximateArrivalTimestamp\":{},\"sequenceNumber\":\"{}\","
                     "\"subsequenceNumber\":0}}",
                     arrival, record.sequence_number);
    }
    json += '}';
  }
  return json += "]}";
}

std::vector<Transformed> Transformer::read_answer(std::span<const SourceRecord> records,
                                                  std::string_view payload) const {
  simdjson::dom::parser parser;
  simdjson::dom::element answer;
  simdjson::dom::array answered;
  if (parser.parse(payload.data(), payload.size()).get(answer) != simdjson::SUCCESS ||
      answer["records"].get_array().get(answered) != simdjson::SUCCESS) {
    return all_failed(records.size(), "Lambda.JsonProcessingException",
                      "There was an error parsing returned records from the Lambda function.", 1);
  }
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < records.size(); ++i) places[record_id(records[i])] = i;

  std::vector<Transformed> transformed = all_failed(
      records.size(), "Lambda.MissingRecordId",
      "One or more record Ids were not returned. Ensure that the Lambda function returns "
      "all received record Ids.",
      1);
  std::vector<bool> seen(records.size(), false);
  for (const simdjson::dom::element one : answered) {
    std::string_view id;
    if (one["recordId"].get_string().get(id) != simdjson::SUCCESS) continue;
    const auto place = places.find(std::string(id));
    if (place == places.end()) continue;
    const std::size_t i = place->second;
    // Which of the two was meant can't be told, so neither is delivered.
    transformed[i] = seen[i] ? all_failed(1, "Lambda.DuplicatedRecordId",
                                          "Multiple records were returned with the same record ID. "
                                          "Ensure that the Lambda function returns unique record "
                                          "IDs for each record.",
                                          1)
                                   .front()
                             : read_result(one);
    seen[i] = true;
  }
  return transformed;
}

}  // namespace engine::firehose
