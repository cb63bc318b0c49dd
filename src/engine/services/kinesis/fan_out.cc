// Enhanced fan-out: subscriptions and their events.
#include "engine/services/kinesis/fan_out.h"

#include "engine/protocol/event_stream.h"
#include "engine/services/kinesis/errors.h"
#include "engine/services/kinesis/position.h"

#include <algorithm>

namespace engine::kinesis {
namespace {

constexpr std::size_t kEventRecords = 10'000, kEventBytes = 1 << 20;

}  // namespace

/// One consumer's hold on one shard. Its events are made when the connection asks for them.
class Subscription final : public http::LiveBody {
 public:
  Subscription(Kinesis::Impl& kinesis, FanOutStart start, Protocol protocol)
      : kinesis_(&kinesis),
        start_(std::move(start)),
        protocol_(protocol),
        next_(start_.from),
        sent_(kinesis.context.clock.now()),
        ends_(sent_ + kinesis.options.subscription_lifetime) {}

  void on_ready(std::function<void()> wake) override {
    wake_.with([&](auto& held) { held = std::move(wake); });
  }
  void wake() const {
    wake_.read([](const auto& held) {
      if (held) held();
    });
  }
  const std::string& consumer_arn() const { return start_.consumer_arn; }

  /// The next message is the last.
  void end(const AwsError& error) {
    {
      const std::lock_guard lock(mutex_);
      refusal_ = error;
    }
    wake();
  }
  /// The engine goes.
  void sever() {
    {
      const std::lock_guard lock(mutex_);
      kinesis_ = nullptr;
    }
    wake();
  }

  std::optional<std::string> next() override {
    const std::lock_guard lock(mutex_);
    if (kinesis_ == nullptr || ended_) return std::nullopt;
    if (!opened_) {
      opened_ = true;
      return initial_response(protocol_);
    }
    try {
      return next_event();
    } catch (const AwsError& error) {
      ended_ = true;
      return write_event_exception(protocol_, error);
    }
  }

 private:
  std::optional<std::string> next_event() {
    if (refusal_) throw AwsError(*refusal_);
    const Timestamp now = kinesis_->context.clock.now();
    if (now >= ends_) return std::nullopt;
    const StreamPtr stream = kinesis_->stream(start_.stream);
    if (stream->about.StreamId.value_or("") != start_.stream_id) {
      throw no_such_stream(start_.stream, kinesis_->context.account);
    }
    const Shard& shard = kinesis_->shard(*stream, start_.shard);
    const bool changed = read(*stream, shard, now);
    if (!changed && now - sent_ < kinesis_->options.subscription_heartbeat) return "";
    sent_ = now;
    return write_event(protocol_, "SubscribeToShardEvent", event_);
  }

  /// Makes the next event. False when it says nothing new.
  bool read(const Stream& stream, const Shard& shard, Timestamp now) {
    const storage::Log& log = shard.records->log;
    next_ = std::max(next_, log.begin());
    std::vector<Record> records;
    for (storage::LogRecord& record : log.read(next_, kEventRecords, kEventBytes)) {
      next_ = record.offset + 1;
      records.push_back({record.offset, shard.sequence_number(record.offset), std::move(record.key),
                         std::move(record.data), record.arrival});
    }
    const bool behind = !records.empty() && next_ < log.end();
    event_ = {};
    event_.MillisBehindLatest = behind ? (now - records.back().arrival).count() : 0;
    event_.Records = to_records(stream, std::move(records));
    if (shard.end && next_ >= *shard.end) {
      // The shard's end: there is no place to go on from but the children.
      ended_ = true;
      event_.ChildShards = children(stream, shard);
    } else {
      event_.ContinuationSequenceNumber = continuation(shard, next_);
    }
    return ended_ || !event_.Records.empty();
  }

  std::mutex mutex_;  // of all that follows but the wake
  Kinesis::Impl* kinesis_;
  const FanOutStart start_;
  const Protocol protocol_;
  Offset next_;
  Timestamp sent_;
  const Timestamp ends_;
  bool opened_ = false, ended_ = false;
  std::optional<AwsError> refusal_;
  api::SubscribeToShardEvent event_;
  base::Guarded<std::function<void()>> wake_;
};

FanOut::FanOut(Kinesis::Impl& kinesis) : kinesis_(kinesis) {}

FanOut::~FanOut() {
  if (loop_) loop_->stop();
  entries_.with([](Entries& entries) {
    for (auto& [key, entry] : entries) {
      if (const auto subscription = entry.subscription.lock()) subscription->sever();
    }
  });
}

std::shared_ptr<http::LiveBody> FanOut::subscribe(FanOutStart start, Protocol protocol) {
  auto subscription =
      entries_.with([&](Entries& entries) { return admit(start, protocol, entries); });
  std::call_once(started_, [&] {
    loop_.emplace("kinesis fan-out", kinesis_.context.clock,
                  [this](const std::stop_token&) { return tick(); });
  });
  return subscription;
}

std::shared_ptr<Subscription> FanOut::admit(const FanOutStart& start, Protocol protocol,
                                            Entries& entries) {
  const Timestamp now = kinesis_.context.clock.now();
  const Milliseconds renewal = kinesis_.options.subscription_renewal;
  const AwsError in_use = subscription_in_use(start.consumer_arn, start.shard);
  Entry& entry = entries[{start.consumer_arn, start.shard}];
  if (entry.began != Timestamp{} && now >= entry.began && now - entry.began < renewal) throw in_use;
  if (const auto before = entry.subscription.lock()) before->end(in_use);
  auto subscription = std::make_shared<Subscription>(kinesis_, start, protocol);
  entry = {now, subscription};
  std::erase_if(entries, [&](const auto& one) {
    return one.second.subscription.expired() && now - one.second.began >= renewal;
  });
  return subscription;
}

void FanOut::end(std::string_view consumer_arn, const AwsError& error) {
  entries_.with([&](Entries& entries) {
    for (auto& [key, entry] : entries) {
      const auto subscription = entry.subscription.lock();
      if (subscription && subscription->consumer_arn() == consumer_arn) subscription->end(error);
    }
  });
}

void FanOut::wake() const {
  entries_.read([](const Entries& entries) {
    for (const auto& [key, entry] : entries) {
      if (const auto subscription = entry.subscription.lock()) subscription->wake();
    }
  });
}

/// Often enough that silence and the end of a subscription's time are noticed.
Milliseconds FanOut::tick() const {
  wake();
  return std::max(kinesis_.options.subscription_heartbeat / 5, Milliseconds(1));
}

}  // namespace engine::kinesis
