// PutRecord and PutRecordBatch: durable in the delivery stream's own log before the answer.
#include "engine/services/firehose/operations.h"
#include "engine/services/firehose/state.h"

namespace engine::firehose {
namespace {

constexpr std::size_t kMaxBatchBytes = 4 << 20;
constexpr std::size_t kRecordIdLength = 56;

/// Appends the records and gives their ids.
std::vector<std::string> put(Firehose& firehose, const std::string& name,
                             std::span<const api::Record> records) {
  Context& context = firehose.impl().tools.context;
  const StreamPtr stream = firehose.impl().stream(name);
  if (!stream->direct) throw not_direct_put(name);
  std::vector<std::string> ids;
  std::vector<storage::NewRecord> batch;
  ids.reserve(records.size());  // the batch looks into it
  for (const api::Record& record : records) {
    ids.push_back(context.ids.alnum(kRecordIdLength));
    batch.push_back({ids.back(), record.Data});
  }
  stream->direct->append(batch, context.clock.now());
  stream->wake();
  return ids;
}

bool encrypted(Firehose& firehose, const std::string& name) {
  const auto& encryption =
      firehose.impl().stream(name)->description.DeliveryStreamEncryptionConfiguration;
  return encryption && encryption->Status == "ENABLED";
}

}  // namespace

api::PutRecordOutput put_record(Firehose& firehose, Call&, const api::PutRecordInput& input) {
  const auto ids = put(firehose, input.DeliveryStreamName, {&input.Record, 1});
  return {ids.front(), encrypted(firehose, input.DeliveryStreamName)};
}

api::PutRecordBatchOutput put_record_batch(Firehose& firehose, Call&,
                                           const api::PutRecordBatchInput& input) {
  std::size_t bytes = 0;
  for (const api::Record& record : input.Records) bytes += record.Data.size();
  if (bytes > kMaxBatchBytes) {
    throw invalid_argument(fmt::format("Records size exceeds {} MB limit", kMaxBatchBytes >> 20));
  }
  api::PutRecordBatchOutput output;
  for (std::string& id : put(firehose, input.DeliveryStreamName, input.Records)) {
    output.RequestResponses.emplace_back().RecordId = std::move(id);
  }
  output.Encrypted = encrypted(firehose, input.DeliveryStreamName);
  return output;
}

}  // namespace engine::firehose
