// Firehose as other services see it: delivery streams that carry records into the lake on their
// own.
#pragma once

#include "engine/services/context.h"
#include "engine/services/kinesis/kinesis.h"
#include "engine/services/lambda/lambda.h"
#include "engine/services/logs/logs.h"
#include "engine/services/s3/s3.h"
#include "engine/sql/hive_type.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::glue {
class Glue;
}

namespace engine::firehose {

/// Columns of a Glue table (its partition keys are not among them), nothing when there is no such
/// table.
using SchemaSource = std::function<std::optional<std::vector<sql::Column>>(
    std::string_view database, std::string_view table)>;
SchemaSource glue_schemas(const glue::Glue& glue);

/// Invokes a function and waits: Lambda::invoke.
using Invoke =
    std::function<lambda::InvokeResult(std::string_view function, std::string_view payload)>;

/// What a delivery stream has done since the engine's start.
struct Metrics {
  std::uint64_t delivered_records = 0;  ///< in good objects
  std::uint64_t delivered_bytes = 0;    ///< of those records, before compression or conversion
  std::uint64_t failed_records = 0;     ///< in objects below the error prefix
  std::uint64_t dropped_records = 0;    ///< the transformation said so
  std::uint64_t objects = 0;
  std::optional<Timestamp> last_delivery;
  std::optional<Timestamp> oldest_waiting;  ///< arrival of the oldest record read and not delivered

  /// The age of the oldest record that waits: DeliveryToS3.DataFreshness.
  base::Milliseconds data_freshness(Timestamp now) const {
    return oldest_waiting ? now - *oldest_waiting : base::Milliseconds{0};
  }
};

struct FirehoseOptions {
  bool background = true;  ///< false: nothing is delivered but by deliver_now(), for tests
  std::string scratch;     ///< folder for files being converted; "" is `<data>/scratch/firehose`
};

/// Delivery streams. Each reads its source (a Kinesis stream, or its own log of what was put to it)
/// from cursors of its own, in a loop of its own; transforms, buffers by size and time, converts,
/// and puts objects. The objects of a flush and the cursors move in one transaction: every record
/// is in the lake exactly once, whatever crashes. Nothing is dropped: what can't be delivered is
/// tried again.
///
/// Thread-safe. Methods throw AwsError as Firehose words it.
class Firehose {
 public:
  /// The delivery streams of the catalog resume. All arguments must outlive this.
  Firehose(Context& context, kinesis::Kinesis& kinesis, s3::S3& s3, logs::Logs& logs, Invoke invoke,
           SchemaSource schemas, FirehoseOptions options = {});
  ~Firehose();

  bool has_stream(std::string_view name) const;
  std::vector<std::string> streams() const;  ///< by name

  Metrics metrics(std::string_view name) const;
  /// Records of the source that are not in the lake yet.
  std::uint64_t pending(std::string_view name) const;

  /// One round of that stream's loop on this thread: reads, transforms, and delivers what is due.
  /// Only without background loops. Throws what the loop would log.
  void deliver_now(std::string_view name);

  /// Ends every loop. What is buffered is read again at the next start. A function that is being
  /// invoked is waited for: end Firehose's loops before Lambda (request_stop, Lambda::stop, stop).
  void stop();
  void request_stop();

  struct Impl;  // state.h: what the operations of this folder share
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::firehose
