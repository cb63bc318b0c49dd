// Putting: records grouped by the shard of their hash key, each shard's appended at once.
#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/state.h"
#include "engine/storage/error.h"
#include "lib/base/log.h"

#include <algorithm>

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

/// The open shards in the order of their ranges, for many questions at once.
class Routes {
 public:
  explicit Routes(const Stream& stream) {
    for (const Shard& shard : stream.shards) {
      if (!shard.end) shards_.push_back(&shard);
    }
    std::sort(shards_.begin(), shards_.end(),
              [](const Shard* a, const Shard* b) { return a->range.first < b->range.first; });
  }

  const std::vector<const Shard*>& shards() const { return shards_; }

  /// The place of the key's shard among shards().
  std::size_t of(HashKey key) const {
    const auto after = std::upper_bound(shards_.begin(), shards_.end(), key,
                                        [](HashKey k, const Shard* s) { return k < s->range.first; });
    if (after == shards_.begin() || !after[-1]->range.contains(key)) {
      throw std::logic_error("the shards leave a gap in the hash keys");
    }
    return static_cast<std::size_t>(after - shards_.begin()) - 1;
  }

 private:
  std::vector<const Shard*> shards_;
};

/// What a put has for one shard, whose gate it holds.
struct Portion {
  const Shard* shard;
  Indices admitted;
  std::shared_lock<std::shared_mutex> gate;
  std::vector<storage::NewRecord> batch = {};
};

/// The records of `wanted` that the shard has room for; the others get their outcome.
Portion portion_of(const Kinesis::Impl& kinesis, const Stream& stream, const Shard& shard,
                   Timestamp now, std::span<const NewRecord> records, const Indices& wanted,
                   std::vector<PutOutcome>& outcomes) {
  Portion portion{&shard, admit(kinesis, stream, *shard.records, now, records, wanted), {}};
  if (portion.admitted.size() < wanted.size()) {
    const AwsError refusal =
        throughput_exceeded(shard.id(), stream.name(), kinesis.context.account);
    for (const std::size_t i : wanted) outcomes[i] = {{}, refusal.code, refusal.what()};
  }
  portion.batch.reserve(portion.admitted.size());
  for (const std::size_t i : portion.admitted) {
    portion.batch.push_back({records[i].partition_key, records[i].data});
  }
  return portion;
}

void tell_placed(const Portion& portion, Offset first, std::vector<PutOutcome>& outcomes) {
  const std::string id = portion.shard->id();
  for (const std::size_t i : portion.admitted) {
    outcomes[i] = {{id, portion.shard->sequence_number(first++)}, {}, {}};
  }
}

void tell_failed(const Stream& stream, const Portion& portion, const std::exception_ptr& failure,
                 std::vector<PutOutcome>& outcomes) {
  try {
    std::rethrow_exception(failure);
  } catch (const storage::StorageError& error) {
    base::log_error("kinesis", "stream {}, {}: {}", stream.name(), portion.shard->id(),
                    error.what());
  }
  for (const std::size_t i : portion.admitted) {
    outcomes[i] = {{}, "InternalFailure", "Internal service failure."};
  }
}

/// Appends to all shards at once, and fills in the outcomes.
void append(const Stream& stream, Timestamp now, const std::vector<Portion>& portions,
            std::vector<PutOutcome>& outcomes) {
  std::vector<storage::Log::Part> parts;
  parts.reserve(portions.size());
  for (const Portion& portion : portions) {
    parts.push_back({&portion.shard->records->log, portion.batch, now});
  }
  storage::Log::append_all(parts);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].error) {
      tell_failed(stream, portions[i], parts[i].error, outcomes);
    } else {
      tell_placed(portions[i], parts[i].first, outcomes);
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
    const Routes routes(*present);
    std::vector<Indices> by_shard(routes.shards().size());
    for (const std::size_t i : open) by_shard[routes.of(keys[i])].push_back(i);
    open.clear();
    const Timestamp now = context.clock.now();
    std::vector<Portion> portions;
    for (std::size_t at = 0; at < by_shard.size(); ++at) {
      const Shard* const shard = routes.shards()[at];
      const Indices& wanted = by_shard[at];
      if (wanted.empty()) continue;
      // Who closes shards holds several gates: to wait for one while holding others could be for ever.
      std::shared_lock gate(shard->records->gate, std::defer_lock);
      if (portions.empty()) gate.lock();
      if ((!gate && !gate.try_lock()) || shard->records->closed) {
        // Being split, merged or deleted, or it was: once more, with the stream as it is then.
        open.insert(open.end(), wanted.begin(), wanted.end());
        continue;
      }
      portions.push_back(portion_of(*this, *present, *shard, now, records, wanted, outcomes));
      portions.back().gate = std::move(gate);
      if (portions.back().admitted.empty()) portions.pop_back();
    }
    append(*present, now, portions, outcomes);
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
