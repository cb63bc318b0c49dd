// One worker of an event source mapping: takes the records of a shard, or of some of its partition keys,
// to the function, in order.
#pragma once

#include "engine/services/lambda/kinesis_event.h"
#include "engine/services/lambda/state.h"
#include "lib/base/guarded.h"

#include <atomic>
#include <deque>
#include <functional>
#include <limits>

namespace engine::lambda {

/// A mapping's settings, ready for use.
struct SourceSettings {
  std::string uuid;
  std::string stream_arn;
  std::string function_arn;
  std::size_t batch_size = 100;
  base::Milliseconds window{0};             ///< how long a batch may wait to become full
  int factor = 1;                           ///< lanes of a shard
  std::int64_t retries = -1;                ///< -1: without end
  std::optional<base::Milliseconds> max_age;
  bool bisect = false;
  bool report_failures = false;             ///< the function may answer which records it failed
  std::string bucket;                       ///< of batches that were given up, may be empty
  std::vector<RecordFilter> filters;        ///< a record is wanted by any of them, or there are none
};

/// What the workers of a mapping share with who watches them.
struct SourceStatus {
  base::Guarded<std::shared_ptr<const SourceSettings>> settings;
  base::Guarded<std::string> result{std::string("No records processed")};  ///< LastProcessingResult
};

/// Where a lane has got to in its shard. A shard has `factor` of them; a partition key is always in the
/// same one. The offset is that of the first record not yet done with.
struct Checkpoint {
  kinesis::Offset next = 0;
  int factor = 1;
  std::string stream_id;

  std::string text() const;
  static Checkpoint parse(const std::string& text);
};
std::string checkpoint_prefix(std::string_view uuid, std::string_view shard);
std::string checkpoint_key(std::string_view uuid, std::string_view shard, int lane);

/// Reads, gathers batches, invokes, tries again and gives up, on a thread of its own. The checkpoint moves,
/// durably, when the function has done a batch or the batch was given up and its on-failure destination
/// holds it: each record is seen at least once, in order.
class StreamLane {
 public:
  struct Place {
    std::string shard;
    int lane = 0;
    Checkpoint from;
    /// Stops before this offset.
    kinesis::Offset limit = std::numeric_limits<kinesis::Offset>::max();
  };

  /// `moved` is called when the lane has nothing left before its limit or its closed shard's end, and when
  /// it has ended its work after request_stop(); it must only signal.
  StreamLane(Lambda::Impl& lambda, std::shared_ptr<SourceStatus> status, Place place, std::function<void()> moved);

  /// The durable checkpoint.
  kinesis::Offset position() const { return position_; }
  /// There may be records: look.
  void wake() { loop_.wake(); }
  void request_stop() { loop_.request_stop(); }
  /// False when the destructor would not have to wait for an invocation. For use after request_stop().
  bool busy() const { return busy_; }

 private:
  struct Piece {
    std::vector<kinesis::Record> records;
    kinesis::Offset end = 0;       ///< the checkpoint once it is done with
    std::int64_t failures = 0;     ///< that count against the retries
    std::int64_t invocations = 0;
  };
  struct Answer;

  base::Milliseconds round(const std::stop_token& stop);
  base::Milliseconds gather();
  void require_stream(const SourceSettings& settings) const;
  bool read(const SourceSettings& settings, kinesis::Offset end);
  bool wants(const SourceSettings& settings, const kinesis::Record& record) const;

  void attempt(const std::stop_token& stop);
  Answer invoke(const SourceSettings& settings, const Piece& piece) const;
  bool drop_expired(const SourceSettings& settings);
  void retry_part(const SourceSettings& settings, const Answer& answer);
  void give_up(const SourceSettings& settings, const Piece& piece, std::string condition, const Answer& answer);
  void wait_before_retry(std::int64_t failures);
  void move_to(kinesis::Offset next);
  storage::Batch moving_to(kinesis::Offset next) const;

  Lambda::Impl& lambda_;
  const std::shared_ptr<SourceStatus> status_;
  const Place place_;
  const std::function<void()> moved_;
  std::atomic<kinesis::Offset> position_;
  std::atomic<bool> busy_ = false;

  // Of the loop's thread alone.
  kinesis::Offset next_;                   ///< the first record not yet looked at
  std::vector<kinesis::Record> gathered_;  ///< not yet a batch
  std::size_t gathered_bytes_ = 0;
  base::Timestamp gathered_since_;
  std::deque<Piece> pieces_;               ///< of the present batch, in order
  base::Timestamp retry_at_;
  std::int64_t not_run_ = 0;

  base::Loop loop_;  // last: it uses all of the above
};

}  // namespace engine::lambda
