// Putting: records grouped by the shard of their hash key, each shard's appended at once.
#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/state.h"
#include "engine/storage/error.h"
#include "lib/base/log.h"

#include <map>

namespace engine::kinesis {
namespace {

using Indices = std::vector<std::size_t>;

HashKey hash_key(const NewRecord& record) {
  if (!record.explicit_hash_key) return hash_of(record.partition_key);
  if (const auto key = parse_hash_key(*record.explicit_hash_key)) return *key;
  throw invalid_argument(
      fmt::format("Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. "
                  "Specified value "
                  "was {}",
                  *record.explicit_hash_key));
}

/// Of the records meant for a shard, those that its share of this second still has room for.
// Deviation: an on-demand stream takes whatever comes; on AWS it refuses what doubles its peak too fast.
Indices admit(const Kinesis::Impl& kinesis, const Stream& stream, ShardLog& shard, Timestamp now,
              std::span<const NewRecord> records, const Indices& wanted) {
  if (!kinesis.options.limits || stream.is_on_demand()) return wanted;
  return shard.taken.with([&](Throughput& taken) {
    Indices admitted;
    for (const std::size_t i : wanted) {
      const std::uint64_t bytes = records[i].data.size() + records[i].partition_key.size();
      if (taken.take(now, bytes, kinesis.options.writes)) admitted.push_back(i);
    }
    return admitted;
  });
}

/// Appends to one shard whose gate the caller holds, and fills in the outcomes of `wanted`.
void append(const Kinesis::Impl& kinesis, const Stream& stream, const Shard& shard,
            std::span<const NewRecord> records, const Indices& wanted,
            std::vector<PutOutcome>& outcomes) {
  const Timestamp now = kinesis.context.clock.now();
  const Indices admitted = admit(kinesis, stream, *shard.records, now, records, wanted);
  if (admitted.size() < wanted.size()) {
    const AwsError refusal =
        throughput_exceeded(shard.id(), stream.name(), kinesis.context.account);
    for (const std::size_t i : wanted) outcomes[i] = {{}, refusal.code, refusal.what()};
  }
  if (admitted.empty()) return;
  std::vector<storage::NewRecord> batch;
  batch.reserve(admitted.size());
  for (const std::size_t i : admitted) batch.push_back({records[i].partition_key, records[i].data});
  try {
    const Offset first = shard.records->log.append(batch, now);
    for (std::size_t i = 0; i < admitted.size(); ++i) {
      outcomes[admitted[i]] = {{shard.id(), shard.sequence_number(first + i)}, {}, {}};
    }
  } catch (const storage::StorageError& error) {
    base::log_error("kinesis", "stream {}, {}: {}", stream.name(), shard.id(), error.what());
    for (const std::size_t i : admitted) {
      outcomes[i] = {{}, "InternalFailure", "Internal service failure."};
    }
  }
}

void measure(const Kinesis::Impl& kinesis, const std::string& stream, std::span<const NewRecord> records,
             const std::vector<PutOutcome>& outcomes) {
  double count = 0, bytes = 0, refused = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (outcomes[i].error_code == kThroughputExceeded) refused += 1;
    if (!outcomes[i].error_code.empty()) continue;
    count += 1;
    bytes += static_cast<double>(records[i].data.size());
  }
  const Meter& meter = kinesis.context.meter;
  meter({"AWS/Kinesis", "IncomingRecords", "StreamName", stream, count});
  meter({"AWS/Kinesis", "IncomingBytes", "StreamName", stream, bytes, "Bytes"});
  // Deviation: AWS also measures the zeros.
  if (refused > 0) meter({"AWS/Kinesis", "WriteProvisionedThroughputExceeded", "StreamName", stream, refused});
}

}  // namespace

std::vector<PutOutcome> Kinesis::Impl::put(std::string_view name,
                                           std::span<const NewRecord> records) {
  std::vector<HashKey> keys;
  keys.reserve(records.size());
  for (const NewRecord& record : records) keys.push_back(hash_key(record));
  std::vector<PutOutcome> outcomes(records.size());

  Indices open(records.size());
  for (std::size_t i = 0; i < open.size(); ++i) open[i] = i;
  std::string stream_name;  // `name` may be an ARN
  while (!open.empty()) {
    const StreamPtr present = stream(name);
    stream_name = present->name();
    std::map<const Shard*, Indices> by_shard;
    for (const std::size_t i : open) by_shard[&present->route(keys[i])].push_back(i);
    open.clear();
    for (const auto& [shard, wanted] : by_shard) {
      const std::shared_lock gate(shard->records->gate);
      if (shard->records->closed) {
        // Split, merged or deleted meanwhile: once more, with the stream as it is now.
        open.insert(open.end(), wanted.begin(), wanted.end());
      } else {
        append(*this, *present, *shard, records, wanted, outcomes);
      }
    }
  }
  tell_of_put();
  measure(*this, stream_name, records, outcomes);
  return outcomes;
}

void Kinesis::Impl::tell_of_put() const {
  // Under the lock: once a subscription has ended, its callable is not running any more.
  subscribers.read([](const auto& all) {
    for (const auto& wake : all) wake();
  });
  fan_out.wake();
}

std::shared_ptr<void> Kinesis::on_put(std::function<void()> wake) {
  auto& subscribers = impl_->subscribers;
  const auto at =
      subscribers.with([&](auto& all) { return all.insert(all.end(), std::move(wake)); });
  return std::shared_ptr<void>(
      nullptr, [&subscribers, at](void*) { subscribers.with([&](auto& all) { all.erase(at); }); });
}

std::vector<Placed> Kinesis::put_records(std::string_view stream,
                                         std::span<const NewRecord> records) {
  std::vector<Placed> placed;
  placed.reserve(records.size());
  for (PutOutcome& outcome : impl_->put(stream, records)) {
    if (!outcome.error_code.empty()) throw AwsError(outcome.error_code, outcome.error_message);
    placed.push_back(std::move(outcome.placed));
  }
  return placed;
}

}  // namespace engine::kinesis
