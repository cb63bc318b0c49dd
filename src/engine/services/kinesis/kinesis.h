// Kinesis as other services see it: streams, shards, and records read from an offset.
#pragma once

#include "engine/services/context.h"
#include "engine/services/kinesis/throughput.h"
#include "engine/storage/log/log.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine::kinesis {

using base::Milliseconds;
using storage::Offset;

struct Record {
  Offset offset = 0;  ///< in its shard
  std::string
      sequence_number;  ///< the same place in AWS's words: decimal, growing within the shard
  std::string partition_key;
  std::string data;
  Timestamp arrival;
};

/// A record to be put; the views need to live only during the call.
struct NewRecord {
  std::string_view data;
  std::string_view partition_key;
  std::optional<std::string_view> explicit_hash_key = {};
};

/// Where a record went.
struct Placed {
  std::string shard_id;
  std::string sequence_number;
};

struct ShardInfo {
  std::string id;             ///< "shardId-000000000000"
  Offset begin = 0, end = 0;  ///< kept records: [begin, end)
  bool closed = false;        ///< split or merged: no record will follow `end`
  std::string stream_id;      ///< tells the shard of a stream made anew from its namesake
  std::vector<std::string> parents = {};  ///< ids of those it was split or merged from
};

/// What a stream's engine may be asked to do otherwise.
struct KinesisOptions {
  /// Refuse what is past the share of a provisioned stream's shard, as AWS does, by the context's clock.
  /// Reading from inside, by Kinesis::read, is never refused.
  bool limits = false;
  Share writes{1 << 20, 1000};
  Share reads{2 << 20, 5};
  Milliseconds iterator_lifetime = std::chrono::minutes(5);
  Milliseconds subscription_lifetime = std::chrono::minutes(5);
  Milliseconds subscription_heartbeat = std::chrono::seconds(5);  ///< an event without records in silence
  Milliseconds subscription_renewal = std::chrono::seconds(5);    ///< one of a consumer and shard in this time
  Milliseconds retention_check = std::chrono::minutes(1);
  storage::LogOptions log = {};
};

/// Thread-safe. Streams are named or given by ARN. Methods throw AwsError as Kinesis words it.
class Kinesis {
 public:
  /// Opens the streams of the catalog. Begins a loop that lets go of records past their retention.
  explicit Kinesis(Context& context, KinesisOptions options = {});
  ~Kinesis();

  /// Puts the records, each into the shard of its hash key; durable when it returns.
  std::vector<Placed> put_records(std::string_view stream, std::span<const NewRecord> records);

  /// The stream's shards, the oldest first.
  std::vector<ShardInfo> shards(std::string_view stream) const;

  /// Records of a shard from `from` on; fewer than asked for only at the end.
  std::vector<Record> read(std::string_view stream, std::string_view shard_id, Offset from,
                           std::size_t max_records, std::size_t max_bytes) const;

  /// The same for who only looks: it isn't measured, so no reader seems to be behind.
  std::vector<Record> peek(std::string_view stream, std::string_view shard_id, Offset from,
                           std::size_t max_records, std::size_t max_bytes) const;

  /// Offset of the first record that arrived at `time` or later.
  Offset at_time(std::string_view stream, std::string_view shard_id, Timestamp time) const;

  bool has_stream(std::string_view stream) const;

  /// `wake` is called after records have been put to any stream, from the putting thread; it must
  /// only signal. The subscription ends when the returned handle goes.
  std::shared_ptr<void> on_put(std::function<void()> wake);

  struct Impl;  // state.h: what the operations of this folder share
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::kinesis
