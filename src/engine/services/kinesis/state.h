// What the files of this folder share: the streams in memory, and how they change.
#pragma once

#include "engine/models/kinesis.h"
#include "engine/services/kinesis/fan_out.h"
#include "engine/services/kinesis/hash_key.h"
#include "engine/services/kinesis/kinesis.h"
#include "engine/services/kinesis/sequence_number.h"
#include "engine/services/kinesis/token.h"
#include "lib/base/guarded.h"
#include "lib/base/loop.h"

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <vector>

namespace engine::kinesis {

// Tables of the catalog. Keys of parts of a stream begin with its name and a zero byte.
inline constexpr std::string_view kStreamTable = "kinesis/streams";      // StreamDescriptionSummary
inline constexpr std::string_view kShardTable = "kinesis/shards";        // Shard
inline constexpr std::string_view kConsumerTable = "kinesis/consumers";  // ConsumerDescription
inline constexpr std::string_view kTagTable = "kinesis/tags";       // ARN, zero byte, tag → value
inline constexpr std::string_view kSecretTable = "kinesis/secret";  // what tokens are sealed with

/// A shard's records, shared by all versions of its stream.
struct ShardLog {
  ShardLog(std::string folder, storage::LogOptions options)
      : log(std::move(folder), std::move(options)) {}

  /// Held shared by who appends, alone by who closes: a closed shard's end stands still.
  std::shared_mutex gate;
  bool closed = false;
  storage::Log log;

  base::Guarded<Throughput> taken, given;
};

struct Shard {
  std::uint64_t number = 0;
  Timestamp created;
  HashRange range;
  std::optional<std::uint64_t> parent, adjacent_parent;
  std::optional<Timestamp> closed;  ///< when it was split or merged
  std::optional<Offset> end;        ///< of a closed shard
  std::shared_ptr<ShardLog> records;

  std::string id() const { return shard_id(number); }
  std::string sequence_number(Offset offset) const {
    return SequenceNumber{created, number, offset}.text();
  }
  api::Shard describe() const;
};

/// One version of a stream; a change makes another.
struct Stream {
  api::StreamDescriptionSummary about;
  std::vector<Shard> shards;  ///< the oldest first

  const std::string& name() const { return about.StreamName; }
  std::size_t open_shards() const;
  /// The open shard of a hash key.
  const Shard& route(HashKey key) const;
  const Shard* find_shard(std::string_view id) const;
  std::uint64_t next_shard_number() const { return shards.empty() ? 0 : shards.back().number + 1; }
  std::uint64_t max_record_bytes() const;
  bool is_on_demand() const;
};
using StreamPtr = std::shared_ptr<const Stream>;

/// What became of a record: either where it went, or why not.
struct PutOutcome {
  Placed placed;
  std::string error_code, error_message;
};

struct Kinesis::Impl {
  Impl(Context& context, KinesisOptions options);

  // Reading.
  /// By name or ARN. Never blocks for long.
  StreamPtr find(std::string_view stream) const;
  StreamPtr stream(std::string_view stream) const;  ///< or ResourceNotFoundException
  const Shard& shard(const Stream& stream, std::string_view id) const;
  std::vector<StreamPtr> all() const;  ///< in the order of their names

  // Changing.
  void create(Stream stream, storage::Batch with = {});
  void remove(const Stream& stream);
  /// Lets `change(draft, batch)` alter a copy of the stream, makes it durable and shows it.
  template <class Change>
  StreamPtr alter(std::string_view stream, Change&& change);
  /// The same when the caller holds `changing`.
  void replace(Stream draft, storage::Batch batch);

  /// A new, empty shard, its folder made.
  Shard make_shard(std::string_view stream, std::uint64_t number, HashRange range) const;
  std::string folder(std::string_view stream) const;
  void put_rows(const Stream& stream, const Shard& shard, storage::Batch& batch) const;

  // put.cc
  std::vector<PutOutcome> put(std::string_view stream, std::span<const NewRecord> records);
  void tell_of_put() const;

  // retention.cc
  Milliseconds drop_old();
  /// Reads what opening only believed; what is damaged is in the log then.
  Milliseconds verify(const std::stop_token& stop);

  Context& context;
  const KinesisOptions options;
  const TokenSeal seal;
  base::Guarded<std::map<std::string, StreamPtr, std::less<>>> streams;
  std::mutex changing;  ///< held over read, alter, commit and publish
  base::Guarded<std::list<std::function<void()>>> subscribers;
  FanOut fan_out{*this};

 private:
  void open_streams();
  void open_shards(Stream& stream) const;
  void remove_orphans() const;
  void wake_checkpoint() {
    if (checkpoint_) checkpoint_->wake();
  }

  std::optional<base::Loop> retention_, checkpoint_, verification_;  // last: they use all of the above
};

template <class Change>
StreamPtr Kinesis::Impl::alter(std::string_view name, Change&& change) {
  const std::lock_guard lock(changing);
  Stream draft = *stream(name);
  storage::Batch batch;
  change(draft, batch);
  replace(std::move(draft), std::move(batch));
  return stream(name);
}

/// The stream an operation asks for. Throws as AWS does when it is named twice, differently, or
/// not.
StreamPtr stream_of(Kinesis& kinesis, const std::optional<std::string>& name,
                    const std::optional<std::string>& arn, const std::optional<std::string>& id);
template <class Input>
StreamPtr stream_of(Kinesis& kinesis, const Input& input) {
  return stream_of(kinesis, input.StreamName, input.StreamARN, input.StreamId);
}

}  // namespace engine::kinesis
