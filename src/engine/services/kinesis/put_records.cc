// PutRecord and PutRecords: what a producer may send, and what it is told of each record.
#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/operations.h"
#include "engine/services/kinesis/request_metrics.h"
#include "engine/services/kinesis/state.h"

namespace engine::kinesis {
namespace {

constexpr std::uint64_t kMaxRequestBytes = 10 << 20;

template <class Entry>
NewRecord to_record(const Entry& entry) {
  NewRecord record{entry.Data, entry.PartitionKey};
  if (entry.ExplicitHashKey) record.explicit_hash_key = *entry.ExplicitHashKey;
  return record;
}

std::uint64_t bytes(const NewRecord& record) {
  return record.data.size() + record.partition_key.size();
}

/// The stream's own limit, data and key together; `member()` names the record in the sentence.
template <class Name>
void check_size(std::uint64_t most, const NewRecord& record, Name&& member) {
  if (bytes(record) <= most) return;
  throw validation(
      fmt::format("1 validation error detected: Value at '{}' failed to satisfy "
                  "constraint: Member must have length less than or equal to {}",
                  member(), most));
}

int status_of(std::string_view code) { return code == "InternalFailure" ? 500 : 400; }

}  // namespace

api::PutRecordOutput put_record(Kinesis& kinesis, Call&, const api::PutRecordInput& input) {
  const StreamPtr stream = stream_of(kinesis, input);
  if (const auto& after = input.SequenceNumberForOrdering;
      after && !parse_sequence_number(*after)) {
    throw invalid_argument(
        fmt::format("ExclusiveMinimumSequenceNumber {} used in PutRecord on "
                    "stream {} under account {} is invalid.",
                    *after, stream->name(), kinesis.impl().context.account));
  }
  const NewRecord record = to_record(input);
  check_size(stream->max_record_bytes(), record, [] { return "data"; });
  const RequestMetrics metrics(kinesis.impl().context, "PutRecord", stream->name());
  PutOutcome outcome = kinesis.impl().put(stream->name(), {&record, 1}).front();
  metrics.done(outcome.error_code.empty(), static_cast<double>(bytes(record)));
  if (!outcome.error_code.empty()) {
    throw AwsError(outcome.error_code, outcome.error_message, status_of(outcome.error_code));
  }
  return {outcome.placed.shard_id, outcome.placed.sequence_number, stream->about.EncryptionType};
}

api::PutRecordsOutput put_records(Kinesis& kinesis, Call&, const api::PutRecordsInput& input) {
  const StreamPtr stream = stream_of(kinesis, input);
  std::vector<NewRecord> records;
  records.reserve(input.Records.size());
  std::uint64_t total = 0;
  const std::uint64_t most = stream->max_record_bytes();
  for (const api::PutRecordsRequestEntry& entry : input.Records) {
    records.push_back(to_record(entry));
    check_size(most, records.back(),
               [&] { return fmt::format("records.{}.member.data", records.size()); });
    total += bytes(records.back());
  }
  if (total > kMaxRequestBytes) {
    throw invalid_argument(fmt::format("Records size exceeds {} MB limit", kMaxRequestBytes >> 20));
  }

  const RequestMetrics metrics(kinesis.impl().context, "PutRecords", stream->name());
  double throttled = 0;
  api::PutRecordsOutput output;
  output.FailedRecordCount = 0;
  output.Records.reserve(records.size());
  output.EncryptionType = stream->about.EncryptionType;
  for (PutOutcome& outcome : kinesis.impl().put(stream->name(), records)) {
    api::PutRecordsResultEntry& entry = output.Records.emplace_back();
    if (outcome.error_code.empty()) {
      entry.SequenceNumber = std::move(outcome.placed.sequence_number);
      entry.ShardId = std::move(outcome.placed.shard_id);
    } else {
      throttled += outcome.error_code == "ProvisionedThroughputExceededException";
      entry.ErrorCode = std::move(outcome.error_code);
      entry.ErrorMessage = std::move(outcome.error_message);
      ++*output.FailedRecordCount;
    }
  }
  const auto all = static_cast<double>(records.size()), failed = static_cast<double>(*output.FailedRecordCount);
  metrics.measure("TotalRecords", all);
  metrics.measure("SuccessfulRecords", all - failed);
  metrics.measure("FailedRecords", failed - throttled);
  metrics.measure("ThrottledRecords", throttled);
  metrics.done(failed < all, static_cast<double>(total));
  return output;
}

}  // namespace engine::kinesis
