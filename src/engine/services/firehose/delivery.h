// One delivery stream at work: source, transformation, buffer, objects.
#pragma once

#include "engine/services/firehose/buffer.h"
#include "engine/services/firehose/convert.h"
#include "engine/services/firehose/firehose.h"
#include "engine/services/firehose/partition.h"
#include "engine/services/firehose/prepare.h"
#include "engine/services/firehose/transform.h"
#include "lib/base/guarded.h"

#include <future>

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
/// source (behind the durable cursors), `waiting_` (read, not asked about), `batches_` (at the
/// function), `buffer_` (transformed), `leaving_` (being delivered). All but the first are only
/// memory: the cursors move when the objects are committed, so a crash reads the records again.
/// What can't be delivered stays in `leaving_`, and nothing overtakes it.
///
/// Within a round three things go on beside each other: the function works on a batch, the batches
/// around it are read and settled, the full buffer is converted and committed. Each is at most one
/// step ahead of the next, so what is in memory is two batches and two buffers. Between rounds
/// nothing is under way.
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

  /// Records that a function is asked about together.
  struct Batch {
    std::vector<SourceRecord> records;
    std::optional<std::string> event;  ///< once made; "" when none of them goes to the function
    std::future<Reply> asked;    ///< not valid: nobody has been asked yet, or the asking failed
    std::optional<Reply> reply;  ///< once it has been taken from `asked`
    std::size_t settled = 0;     ///< how many of the records are in the buffer
  };
  /// A buffer on its way; `done` is not valid once that failed.
  struct Leaving {
    Buffer buffer;
    std::future<void> done;
  };
  /// Waits for all that a round began, and keeps what became of it.
  struct Rest {
    Delivery& delivery;
    ~Rest();
  };

  bool read_in();
  void pass_on(std::stop_token stop);
  void transform(std::stop_token stop);
  void fill_batches(std::size_t most, std::stop_token stop);
  std::size_t next_batch();
  void make_event(Batch& batch) const;
  void ask(Batch& batch, std::stop_token stop);
  void settle(Batch& batch);
  void settle(const SourceRecord& source, const Answer& answer, const Transformed& transformed,
              Timestamp time);
  std::optional<Refusal> find_partition(std::string_view data, const Keys& from_function,
                                        PartitionKeys& keys) const;
  void fail(const SourceRecord& source, const Refusal& why, int attempts, Timestamp time);
  void deliver_if_due();
  void finish_delivery();
  void deliver(const Buffer& buffer);
  void note_failure(Refusal why);
  Flush build(const Buffer& buffer);
  void add_good(const PartitionKeys& keys, const std::vector<Item>& items, Flush& flush,
                std::vector<Failure>& failures);
  bool given_up() const;
  void give_up(const std::vector<Item>& items, std::vector<Failure>& failures) const;
  void add_failures(Flush& flush, const std::vector<Failure>& failures);
  void add_backup(const Buffer& buffer, Flush& flush);
  std::string object_name(Timestamp oldest) const;
  void commit(Flush flush, const Buffer& buffer);
  // What the roles must be allowed for what comes next; AwsError where they aren't.
  void require_source() const;
  void require_schema() const;
  void require_objects(const Flush& flush) const;
  bool may_log() const;
  void log_failure(std::string_view code, std::string_view message) const;
  void note_waiting();
  void measure(std::string_view metric, double value, std::string_view unit = "Count") const;
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
  std::deque<Batch> batches_;               ///< the first is at the function, the next is ready
  bool open_ = false;  ///< the last record of `batches_` is to be followed by its other parts
  Buffer buffer_;
  std::optional<Leaving> leaving_;
  std::optional<Timestamp> failing_since_;  ///< the first of the deliveries that fail in a row
  Refusal failing_with_;
  base::Guarded<Metrics> metrics_;
};

}  // namespace engine::firehose
