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

#include <algorithm>
#include <array>
#include <iterator>
#include <unordered_map>

namespace engine::firehose {
namespace {

constexpr std::size_t kMaxPayload = 6 << 20;  // of an invocation, both ways
constexpr std::size_t kRecordFrame = 512;     // about what the event holds beside a record's data

constexpr std::string_view kFunctionError = "Lambda.FunctionError";
constexpr std::string_view kJsonProcessing = "Lambda.JsonProcessingException";
constexpr std::string_view kErrorResult =
    "The Lambda function was successfully invoked but it returned an error result.";

std::size_t in_payload(const SourceRecord& source) {
  return (source.record.data.size() + 2) / 3 * 4 + source.record.partition_key.size() +
         kRecordFrame;
}

Refusal to_failure(const AwsError& error) {
  if (error.code == "ResourceNotFoundException") {
    return {
        "Lambda.ResourceNotFound",
        "The specified Lambda function does not exist. Use a different function that does exist."};
  }
  if (error.code == "TooManyRequestsException") {
    return {"Lambda.InvokeLimitExceeded",
            "The rate of Lambda invocations exceeded the limit of concurrent executions."};
  }
  if (error.code == "AccessDenied") {
    return {"Lambda.InvokeAccessDenied",
            fmt::format("Access was denied. Ensure that the access policy for the provided IAM role allows access to the "
                        "Lambda function. {}", error.what())};
  }
  return {"Lambda.InvokeFailed", error.what()};
}

/// Of an answer that is an error, or too large.
Refusal to_failure(const lambda::InvokeResult& result) {
  if (result.function_error.empty()) {
    return {std::string(kFunctionError), "The answer of the Lambda function is over 6 MiB."};
  }
  const bool timed_out = result.payload.find("Task timed out") != std::string::npos;
  return {timed_out ? "Lambda.FunctionTimedOut" : std::string(kFunctionError),
          fmt::format("{} {}", kErrorResult, result.payload)};
}

/// One refusal that many records share.
std::shared_ptr<const Refusal> shared(std::string_view code, std::string_view message) {
  return std::make_shared<const Refusal>(Refusal{std::string(code), std::string(message)});
}

/// "sequence number, then the part in twelve digits": a record's id.
constexpr std::size_t kPartDigits = 12;

void append_id(const SourceRecord& source, std::string& out) {
  std::array<char, kPartDigits> digits;
  std::size_t part = source.part;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, part /= 10) {
    *digit = static_cast<char>('0' + part % 10);
  }
  out.append(source.record.sequence_number).append(digits.data(), digits.size());
}

/// Which record of a batch an id stands for. Functions answer in the order they were asked in, so
/// the next one is tried first.
class Places {
 public:
  explicit Places(std::span<const SourceRecord> records) : records_(records) {}

  std::optional<std::size_t> find(std::string_view id) {
    while (next_ < records_.size() && !goes_on(records_[next_])) ++next_;
    if (next_ < records_.size() && id == id_of(records_[next_])) return next_++;
    if (all_.empty()) {
      for (std::size_t i = 0; i < records_.size(); ++i) {
        if (goes_on(records_[i])) all_.emplace(id_of(records_[i]), i);
      }
    }
    const auto found = all_.find(std::string(id));
    if (found == all_.end()) return std::nullopt;
    next_ = found->second + 1;
    return found->second;
  }

 private:
  const std::string& id_of(const SourceRecord& source) {
    id_.clear();
    append_id(source, id_);
    return id_;
  }

  std::span<const SourceRecord> records_;
  std::size_t next_ = 0;
  std::string id_;
  std::unordered_map<std::string, std::size_t> all_;  ///< once an answer came out of order
};

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

/// What can be wrong with the records of an answer.
struct Refusals {
  std::shared_ptr<const Refusal> failed = shared(kFunctionError, kErrorResult);
  std::shared_ptr<const Refusal> not_base64 =
      shared(kJsonProcessing, "The data of a record returned by the Lambda function is not base64.");
  std::shared_ptr<const Refusal> status =
      shared(kJsonProcessing,
             "There was an error parsing returned records from the Lambda function. "
             "Ensure that the returned records follow the status model required by "
             "Amazon Data Firehose.");
  std::shared_ptr<const Refusal> missing =
      shared("Lambda.MissingRecordId",
             "One or more record Ids were not returned. Ensure that the Lambda function returns "
             "all received record Ids.");
  std::shared_ptr<const Refusal> doubled =
      shared("Lambda.DuplicatedRecordId",
             "Multiple records were returned with the same record ID. "
             "Ensure that the Lambda function returns unique record IDs for each record.");
};

/// One record of the answer; its data is written to `bytes`, which moves behind it.
Transformed read_result(const simdjson::dom::element& answer, const Refusals& refusals,
                        char*& bytes) {
  Transformed transformed;
  std::string_view result, data;
  if (answer["result"].get_string().get(result) != simdjson::SUCCESS) result = "";
  if (result == "Dropped") {
    transformed.result = Transformed::Result::kDropped;
  } else if (result == "Ok") {
    const auto size = answer["data"].get_string().get(data) == simdjson::SUCCESS
                          ? base::decode_base64(data, bytes)
                          : std::nullopt;
    if (size) {
      transformed.result = Transformed::Result::kOk;
      transformed.data = {bytes, *size};
      transformed.partition_keys = read_partition_keys(answer);
      bytes += *size;
    } else {
      transformed.why = refusals.not_base64;
    }
  } else {
    transformed.why = result == "ProcessingFailed" ? refusals.failed : refusals.status;
  }
  return transformed;
}

}  // namespace

struct Transformer::Parser {
  simdjson::dom::parser json;
};

Transformer::Transformer(const Settings& settings, const Context& context, const Invoke& invoke)
    : settings_(settings),
      context_(context),
      invoke_(invoke),
      parser_(std::make_unique<Parser>()) {}
Transformer::~Transformer() = default;

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

Reply Transformer::invoke(std::string_view payload, std::stop_token stop) const {
  Refusal failure;
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
      context_.require(settings_.transform->actor, "lambda:InvokeFunction", settings_.transform->function);
      lambda::InvokeResult result = invoke_(settings_.transform->function, payload);
      measure(began, result.function_error.empty());
      if (result.function_error.empty() && result.payload.size() <= kMaxPayload) {
        return {.payload = std::move(result.payload)};
      }
      failure = to_failure(result);
    } catch (const AwsError& error) {
      measure(began, false);
      failure = to_failure(error);
    }
    // A function that is stopped with the engine has not failed.
    if (stop.stop_requested()) throw Stopped();
  }
  return {.payload = {}, .failure = std::move(failure), .attempts = attempts};
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

std::string Transformer::event(std::span<const SourceRecord> records) const {
  std::size_t size = kRecordFrame;
  for (const SourceRecord& source : records) size += in_payload(source);
  std::string json;
  json.reserve(size);
  const auto append = std::back_inserter(json);
  fmt::format_to(append, "{{\"invocationId\":\"{}\",\"deliveryStreamArn\":\"{}\"",
                 context_.ids.uuid(), settings_.arn);
  if (!settings_.source_arn.empty())
    fmt::format_to(append, ",\"sourceKinesisStreamArn\":\"{}\"", settings_.source_arn);
  fmt::format_to(append, ",\"region\":\"{}\",\"records\":[", context_.region);
  for (const SourceRecord& source : records) {
    if (goes_on(source)) write_record(source, json);
  }
  if (json.back() == ',') json.pop_back();
  return json += "]}";
}

/// And a comma behind it.
void Transformer::write_record(const SourceRecord& source, std::string& json) const {
  const kinesis::Record& record = source.record;
  const fmt::format_int arrival(record.arrival.time_since_epoch().count());
  const std::string_view time(arrival.data(), arrival.size());
  json += R"({"recordId":")";
  append_id(source, json);
  json.append(R"(","approximateArrivalTimestamp":)").append(time).append(R"(,"data":")");
  base::append_base64(record.data, json);
  json += '"';
  if (!settings_.source_arn.empty()) {
    json.append(R"(,"kinesisRecordMetadata":{"shardId":")").append(source.shard->id);
    json += R"(","partitionKey":)";
    write_json_string(record.partition_key, json);
    json.append(R"(,"approximateArrivalTimestamp":)").append(time);
    json.append(R"(,"sequenceNumber":")").append(record.sequence_number);
    json += R"(","subsequenceNumber":0})";
  }
  json += "},";
}

Answer Transformer::read(std::span<const SourceRecord> records, const Reply& reply) {
  Answer answer;
  answer.records.resize(records.size());
  answer.attempts = reply.attempts;
  if (reply.failure) {
    const auto why = std::make_shared<const Refusal>(*reply.failure);
    for (Transformed& record : answer.records) record.why = why;
  } else {
    read_payload(records, reply.payload, answer);
  }
  measure_answer(records, answer);
  return answer;
}

void Transformer::read_payload(std::span<const SourceRecord> records, std::string_view payload,
                               Answer& answer) {
  simdjson::dom::element root;
  simdjson::dom::array answered;
  if (parser_->json.parse(payload.data(), payload.size()).get(root) != simdjson::SUCCESS ||
      root["records"].get_array().get(answered) != simdjson::SUCCESS) {
    const auto why =
        shared(kJsonProcessing,
               "There was an error parsing returned records from the Lambda function.");
    for (Transformed& record : answer.records) record.why = why;
    return;
  }
  const Refusals refusals;
  answer.bytes = std::make_unique_for_overwrite<char[]>(payload.size());
  char* bytes = answer.bytes.get();
  std::vector<bool> seen(records.size(), false);
  Places places(records);
  for (const simdjson::dom::element one : answered) {
    std::string_view id;
    if (one["recordId"].get_string().get(id) != simdjson::SUCCESS) continue;
    const auto place = places.find(id);
    if (!place) continue;
    Transformed& record = answer.records[*place];
    if (seen[*place]) {
      // Which of the two was meant can't be told, so neither is delivered.
      record = {.why = refusals.doubled};
    } else {
      record = read_result(one, refusals, bytes);
    }
    seen[*place] = true;
  }
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!seen[i]) answer.records[i].why = refusals.missing;
  }
}

/// How many of those that were asked about went well.
void Transformer::measure_answer(std::span<const SourceRecord> records,
                                 const Answer& answer) const {
  std::size_t good = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (goes_on(records[i]) && answer.records[i].result != Transformed::Result::kFailed) ++good;
  }
  context_.meter({"AWS/Firehose", "SucceedProcessing.Records", "DeliveryStreamName",
                  settings_.name, static_cast<double>(good), "Count"});
}

}  // namespace engine::firehose
