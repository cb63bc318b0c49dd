// What a function is told of Kinesis records, and which of them it wants to be told.
// Source: "Using Lambda to process records from Amazon Kinesis Data Streams", AWS Lambda developer guide.
#pragma once

#include "engine/patterns/pattern.h"
#include "engine/services/kinesis/kinesis.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine::lambda {

/// Where the records of an event come from.
struct EventOrigin {
  std::string stream_arn;
  std::string shard_id;
  std::string region;
  std::string role_arn;  ///< the function's
};

/// The event: {"Records": [{"kinesis": {…}, "eventSource": "aws:kinesis", …}]}.
std::string event_of(std::span<const kinesis::Record> records, const EventOrigin& origin);

/// How many bytes at most a record takes in an event, the data in base64 and what stands around it.
std::size_t event_size(const kinesis::Record& record);

/// A pattern of FilterCriteria: over the record's partitionKey, sequenceNumber and
/// approximateArrivalTimestamp, and over its data, decoded: as JSON when the pattern has an object there,
/// as text when it has a list.
class RecordFilter {
 public:
  /// Throws AwsError InvalidParameterValueException.
  explicit RecordFilter(std::string_view pattern);

  bool wants(const kinesis::Record& record) const;

 private:
  patterns::Pattern pattern_;
  enum class Data { kNone, kText, kJson } data_ = Data::kNone;
};

/// A batch that was given up, as an on-failure destination is told of it.
struct GivenUpBatch {
  std::string request_id;
  std::string function_arn;
  std::string condition;  ///< "RetryAttemptsExhausted" | "RecordAgeExceeded"
  std::int64_t invocations = 0;
  std::string executed_version, function_error;  ///< of the last invocation; both empty without one
  base::Timestamp time;
  EventOrigin origin;
  std::string event;  ///< whole
};
std::string failure_record(const GivenUpBatch& batch, std::span<const kinesis::Record> records);

}  // namespace engine::lambda
