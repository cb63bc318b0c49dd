// Enhanced fan-out: who has subscribed to a shard, and what is pushed to them.
#pragma once

#include "engine/protocol/operation.h"
#include "engine/services/kinesis/kinesis.h"
#include "lib/base/guarded.h"
#include "lib/base/loop.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace engine::kinesis {

class Subscription;

/// A place in a shard from which a consumer reads.
struct FanOutStart {
  std::string consumer_arn, stream, stream_id, shard;
  Offset from = 0;
};

/// The subscriptions of registered consumers, at most one for each consumer and shard. A subscription is a
/// live body: it holds no thread, and is woken by puts, by changes of streams and by a loop that begins with
/// the first. Thread-safe.
// Deviation: a consumer is pushed as fast as it reads; on AWS 2 MiB a second for each shard.
class FanOut {
 public:
  explicit FanOut(Kinesis::Impl& kinesis);
  /// Ends every subscription; their bodies may live on and say nothing more.
  ~FanOut();

  /// Throws ResourceInUseException within `subscription_renewal` of the last one of this consumer and shard.
  /// Later it takes over: the one before ends with that error.
  std::shared_ptr<http::LiveBody> subscribe(FanOutStart start, Protocol protocol);

  /// Ends a consumer's subscriptions with `error`.
  void end(std::string_view consumer_arn, const AwsError& error);

  /// There may be something new.
  void wake() const;

 private:
  struct Entry {
    Timestamp began;
    std::weak_ptr<Subscription> subscription;
  };
  using Key = std::pair<std::string, std::string>;  ///< consumer ARN and shard
  using Entries = std::map<Key, Entry>;

  std::shared_ptr<Subscription> admit(const FanOutStart& start, Protocol protocol, Entries& entries);
  Milliseconds tick() const;

  Kinesis::Impl& kinesis_;
  base::Guarded<Entries> entries_;
  std::once_flag started_;
  std::optional<base::Loop> loop_;  // last: it uses all of the above
};

}  // namespace engine::kinesis
