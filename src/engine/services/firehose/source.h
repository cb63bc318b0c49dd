// Where a delivery stream's records come from, and how far it has read.
#pragma once

#include "engine/services/kinesis/kinesis.h"
#include "engine/storage/log/log.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace engine::firehose {

using storage::Offset;

/// Why a record can't go on to the lake.
struct Refusal {
  std::string code, message;
};

/// A shard of a stream; one made anew has another id.
struct Shard {
  std::string id, stream_id;
};

/// A record of the source and where it stood, or a part of one that was taken apart.
struct SourceRecord {
  std::shared_ptr<const Shard> shard;
  kinesis::Record record;
  std::size_t part = 0;  ///< which of the record's parts
  bool last = true;      ///< only behind this part the cursor may move
  bool dropped = false;  ///< there is nothing in it to deliver
  std::optional<Refusal> refusal;
  std::optional<std::string> original;  ///< on the last part: what came, where a backup wants it
};

/// Shards to read from. Thread-safe.
class Source {
 public:
  virtual ~Source() = default;
  /// The oldest first; none when the source is gone.
  virtual std::vector<kinesis::ShardInfo> shards() const = 0;
  virtual std::vector<kinesis::Record> read(const std::string& shard, Offset from,
                                            std::size_t max_records,
                                            std::size_t max_bytes) const = 0;
  /// All up to the record that arrived then is in the lake for good.
  virtual void delivered(Timestamp) {}
};

/// The shards of a Kinesis stream.
class KinesisSource final : public Source {
 public:
  KinesisSource(const kinesis::Kinesis& kinesis, std::string stream)
      : kinesis_(kinesis), stream_(std::move(stream)) {}
  std::vector<kinesis::ShardInfo> shards() const override;
  std::vector<kinesis::Record> read(const std::string& shard, Offset from, std::size_t max_records,
                                    std::size_t max_bytes) const override;

 private:
  const kinesis::Kinesis& kinesis_;
  std::string stream_;
};

/// The log of what was put to the delivery stream itself: one shard, which lets go of what is
/// delivered.
class DirectSource final : public Source {
 public:
  explicit DirectSource(std::shared_ptr<storage::Log> log) : log_(std::move(log)) {}
  std::vector<kinesis::ShardInfo> shards() const override;
  std::vector<kinesis::Record> read(const std::string& shard, Offset from, std::size_t max_records,
                                    std::size_t max_bytes) const override;
  void delivered(Timestamp time) override { log_->drop_before(time); }

 private:
  std::shared_ptr<storage::Log> log_;
};

/// The next record of a shard. A stream made anew has another id, and is read from its beginning.
struct Position {
  std::string stream_id;
  Offset next = 0;
};
/// By shard.
using Positions = std::map<std::string, Position>;

/// The rows of "firehose/cursors": what of each shard is in the lake.
Positions load_positions(const storage::Catalog& catalog, const std::string& delivery);
void save_positions(const std::string& delivery, const Positions& positions, storage::Batch& batch);
void remove_positions(const storage::Catalog& catalog, const std::string& delivery,
                      storage::Batch& batch);
/// Where every shard ends now.
Positions latest(const Source& source);
/// Records of the source that are not before the positions.
std::uint64_t records_behind(const Source& source, const Positions& positions);

/// Reads the shards of a source forward, each record once, from where the positions say. Used by
/// one thread.
class Reader {
 public:
  Reader(const Source& source, Positions from) : source_(source), positions_(std::move(from)) {}

  /// Some of the records that nobody has read yet, in the order of their shards; none when there
  /// are none. A closed shard is read to its end before those that followed it.
  std::vector<SourceRecord> read(std::size_t max_bytes);

 private:
  const Source& source_;
  Positions positions_;
};

}  // namespace engine::firehose
