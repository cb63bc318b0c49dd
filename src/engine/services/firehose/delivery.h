// One delivery stream at work: source, transformation, buffer, objects.
#pragma once

#include "engine/services/firehose/buffer.h"
#include "engine/services/firehose/convert.h"
#include "engine/services/firehose/firehose.h"
#include "engine/services/firehose/partition.h"
#include "engine/services/firehose/prepare.h"
#include "engine/services/firehose/transform.h"
#include "lib/base/guarded.h"

namespace engine::firehose {

/// What every delivery works with.
struct Tools {
  Context& context;
  s3::S3& s3;
  logs::Logs& logs;
  Invoke invoke;
  SchemaSource schemas;
  std::string scratch;
};

/// Carries a source's records into objects, round by round. A record is in exactly one place: the
/// source (behind the durable cursors), `waiting_` (read, not transformed), `buffer_` (transformed,
/// not delivered). The last two are only memory: the cursors move when the objects are committed,
/// so a crash reads the records again. What a flush can't deliver stays in the buffer.
///
/// round() is called by one thread; the rest by any.
class Delivery {
 public:
  Delivery(Settings settings, std::unique_ptr<Source> source, const Tools& tools);

  /// Delivers what is due, reads what is new, transforms, delivers again. Gives the time until
  /// there is something to do, should nothing new come. Throws when a delivery fails: nothing is
  /// lost then, and the next round tries again.
  Milliseconds round(std::stop_token stop);

  Metrics metrics() const;
  std::uint64_t pending() const;

 private:
  /// The objects of one flush, and the numbers they add up to.
  struct Flush {
    std::vector<s3::NewObject> objects;
    std::uint64_t delivered = 0, bytes = 0, failed = 0;
  };

  bool take_in(std::stop_token stop);
  void pass(std::size_t count, std::stop_token stop);
  std::vector<Transformed> transform(std::size_t count, std::stop_token stop) const;
  void settle(const SourceRecord& source, Transformed* transformed, Timestamp time);
  std::optional<Refusal> find_partition(std::string_view data, const Transformed* transformed,
                                        PartitionKeys& keys) const;
  void fail(const SourceRecord& source, const Refusal& why, int attempts, Timestamp time);
  void deliver_if_due();
  void deliver();
  void note_failure(Refusal why);
  Flush build();
  void add_good(const PartitionKeys& keys, const std::vector<Item>& items, Flush& flush,
                std::vector<Failure>& failures);
  bool given_up() const;
  void give_up(const std::vector<Item>& items, std::vector<Failure>& failures) const;
  void add_failures(Flush& flush, const std::vector<Failure>& failures);
  void add_backup(Flush& flush);
  std::string object_name(Timestamp oldest) const;
  void commit(Flush flush);
  void log_failure(std::string_view code, std::string_view message) const;
  void note_waiting();
  void measure(std::string_view metric, double value, std::string_view unit = "Count") const;
  void measure_transformed(const std::vector<Transformed>& transformed) const;
  Milliseconds until_due() const;
  Timestamp now() const { return tools_.context.clock.now(); }

  const Settings settings_;
  const Tools& tools_;
  const std::unique_ptr<Source> source_;
  Reader reader_;
  const Preparer preparer_;
  const Partitioner partitioner_;
  std::optional<Transformer> transformer_;
  std::deque<SourceRecord> waiting_;
  std::optional<Timestamp> waiting_since_;  ///< when the first of `waiting_` was read
  Buffer buffer_;
  std::optional<Timestamp> failing_since_;  ///< the first of the deliveries that fail in a row
  Refusal failing_with_;
  base::Guarded<Metrics> metrics_;
};

}  // namespace engine::firehose
