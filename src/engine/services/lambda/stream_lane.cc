// A lane's rounds: gather a batch, invoke, move the checkpoint; or retry, split, give up.
#include "engine/services/lambda/stream_lane.h"

#include "engine/services/lambda/errors.h"
#include "lib/base/digest.h"
#include "lib/base/log.h"
#include "lib/base/time_text.h"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace engine::lambda {
namespace {

using namespace std::chrono_literals;
using kinesis::Offset;
using kinesis::Record;

constexpr auto kLongWait = base::Milliseconds(1h);
constexpr auto kLongestBackOff = base::Milliseconds(1min);
constexpr std::size_t kLargestEvent = 6'291'456;
constexpr std::size_t kReadRecords = 10'000, kReadBytes = 2 << 20;

/// The first record that the function says it failed: nothing when it did all; 0, all of them, when the
/// answer makes no sense.
std::optional<std::size_t> first_failed(const std::string& answer, const std::vector<Record>& records) {
  namespace json = boost::json;
  json::error_code error;
  const json::value parsed = json::parse(answer, error);
  if (error) return std::nullopt;  // not an answer of that kind
  const auto* object = parsed.if_object();
  const json::value* list = object != nullptr ? object->if_contains("batchItemFailures") : nullptr;
  if (list == nullptr || list->is_null()) return std::nullopt;
  if (!list->is_array()) return 0;
  std::optional<std::size_t> first;
  for (const json::value& item : list->get_array()) {
    const auto* fields = item.if_object();
    const json::value* id = fields != nullptr ? fields->if_contains("itemIdentifier") : nullptr;
    if (id == nullptr || !id->is_string()) return 0;
    const std::string_view wanted(id->get_string());
    const auto at = std::find_if(records.begin(), records.end(),
                                 [&](const Record& record) { return record.sequence_number == wanted; });
    if (at == records.end()) return 0;
    const auto index = static_cast<std::size_t>(at - records.begin());
    first = std::min(first.value_or(index), index);
  }
  return first;
}

/// The lane of a partition key: the same on every machine and in every run.
int lane_of(const std::string& partition_key, int factor) {
  const std::string digest = base::md5(partition_key);
  // Not the first bytes: they chose the shard.
  return static_cast<unsigned char>(digest[15]) % factor;
}

}  // namespace

/// What came of an invocation.
struct StreamLane::Answer {
  enum class End { kDone, kFailed, kNotRun, kTooLarge } end = End::kDone;
  InvokeResult result;
  std::string request_id, reason, event;
  EventOrigin origin;
  std::size_t failed_from = 0;  ///< of kFailed: the records before this one are done
};

std::string Checkpoint::text() const { return fmt::format("{} {} {}", next, factor, stream_id); }

Checkpoint Checkpoint::parse(const std::string& text) {
  Checkpoint checkpoint;
  const char* end = text.data() + text.size();
  const auto next = std::from_chars(text.data(), end, checkpoint.next);
  if (next.ec != std::errc{} || next.ptr == end) throw std::runtime_error("a checkpoint is damaged: " + text);
  const auto factor = std::from_chars(next.ptr + 1, end, checkpoint.factor);
  if (factor.ec != std::errc{}) throw std::runtime_error("a checkpoint is damaged: " + text);
  if (factor.ptr != end) checkpoint.stream_id.assign(factor.ptr + 1, end);
  return checkpoint;
}

std::string checkpoint_prefix(std::string_view uuid, std::string_view shard) {
  return key_of(key_of(uuid, shard), "");
}
std::string checkpoint_key(std::string_view uuid, std::string_view shard, int lane) {
  return checkpoint_prefix(uuid, shard) + fmt::format("{:02}", lane);
}

StreamLane::StreamLane(Lambda::Impl& lambda, std::shared_ptr<SourceStatus> status, Place place,
                       std::function<void()> moved)
    : lambda_(lambda),
      status_(std::move(status)),
      place_(std::move(place)),
      moved_(std::move(moved)),
      position_(place_.from.next),
      next_(place_.from.next),
      loop_("lambda stream", lambda.context.clock, [this](const std::stop_token& stop) { return round(stop); }) {}

base::Milliseconds StreamLane::round(const std::stop_token& stop) {
  busy_ = true;
  const std::shared_ptr<void> at_end(nullptr, [&](void*) {
    busy_ = false;
    if (stop.stop_requested()) moved_();
  });
  try {
    while (!stop.stop_requested()) {
      if (pieces_.empty()) {
        const base::Milliseconds wait = gather();
        if (pieces_.empty()) return wait;
      }
      const base::Timestamp now = lambda_.context.clock.now();
      if (now < retry_at_) return retry_at_ - now;
      attempt(stop);
    }
  } catch (...) {
    // Whatever was half done: only the checkpoint counts.
    pieces_.clear();
    gathered_.clear();
    gathered_bytes_ = 0;
    next_ = position_;
    throw;
  }
  return kLongWait;
}

// ---- Gathering ----

/// Reads what there is; makes it a batch when it is large enough or has waited for long enough. Gives how
/// long there is nothing to do without new records.
base::Milliseconds StreamLane::gather() {
  const auto settings = status_->settings.read([](const auto& s) { return s; });
  const auto shards = lambda_.kinesis.shards(settings->stream_arn);
  const auto shard =
      std::find_if(shards.begin(), shards.end(), [&](const auto& one) { return one.id == place_.shard; });
  if (shard == shards.end() || shard->stream_id != place_.from.stream_id) return kLongWait;

  const Offset end = std::min(shard->end, place_.limit);
  next_ = std::max(next_, std::min(shard->begin, end));
  require_stream(*settings);
  bool full = gathered_.size() >= settings->batch_size;
  while (!full && next_ < end) full = !read(*settings, end);
  const bool last = next_ >= end && (shard->closed || end == place_.limit);
  if (gathered_.empty()) {
    if (next_ > position_) move_to(next_);  // past records of other lanes, and unwanted ones
    if (last) moved_();
    return kLongWait;
  }
  const base::Timestamp now = lambda_.context.clock.now(), due = gathered_since_ + settings->window;
  if (!full && !last && now < due) return due - now;
  pieces_.push_back({std::exchange(gathered_, {}), next_});
  gathered_bytes_ = 0;
  return {};
}

/// Throws when the function's role may no longer read the stream: the records wait.
void StreamLane::require_stream(const SourceSettings& settings) const {
  try {
    lambda_.require_stream(settings.function_arn, settings.stream_arn);
  } catch (const AwsError& error) {
    status_->result.with([&](std::string& result) { result = std::string("PROBLEM: ") + error.what(); });
    throw;
  }
}

/// Adds to what is gathered; false when it is a full batch, or nothing can be read.
bool StreamLane::read(const SourceSettings& settings, Offset end) {
  // Where every record is wanted, no more is read than the batch takes.
  const bool all = place_.from.factor <= 1 && settings.filters.empty();
  const std::size_t most = all ? settings.batch_size - gathered_.size() : kReadRecords;
  auto records = lambda_.kinesis.read(settings.stream_arn, place_.shard, next_,
                                      std::min<std::size_t>(most, end - next_), kReadBytes);
  if (records.empty()) return false;
  for (Record& record : records) {
    if (record.offset >= end) {
      next_ = end;
      return true;
    }
    if (wants(settings, record)) {
      const std::size_t size = event_size(record);
      if (!gathered_.empty() && gathered_bytes_ + size > kLargestEvent) return false;
      if (gathered_.empty()) gathered_since_ = lambda_.context.clock.now();
      gathered_bytes_ += size;
      next_ = record.offset + 1;
      gathered_.push_back(std::move(record));
      if (gathered_.size() >= settings.batch_size) return false;
    } else {
      next_ = record.offset + 1;
    }
  }
  return true;
}

bool StreamLane::wants(const SourceSettings& settings, const Record& record) const {
  const int factor = place_.from.factor;
  if (factor > 1 && lane_of(record.partition_key, factor) != place_.lane) return false;
  return settings.filters.empty() ||
         std::any_of(settings.filters.begin(), settings.filters.end(),
                     [&](const RecordFilter& filter) { return filter.wants(record); });
}

// ---- Invoking ----

void StreamLane::attempt(const std::stop_token& stop) {
  const auto settings = status_->settings.read([](const auto& s) { return s; });
  if (drop_expired(*settings)) return;
  Piece& piece = pieces_.front();
  ++piece.invocations;
  const Answer answer = invoke(*settings, piece);
  using End = Answer::End;
  // What our own end, or the mapping's, cut short has not failed: the checkpoint stays.
  if (answer.end != End::kDone && (stop.stop_requested() || lambda_.is_stopping())) return;
  if (answer.end != End::kNotRun) not_run_ = 0;
  status_->result.with([&](std::string& result) { result = answer.reason.empty() ? "OK" : "PROBLEM: " + answer.reason; });
  switch (answer.end) {
    case End::kDone:
      move_to(piece.end);
      pieces_.pop_front();
      return;
    case End::kNotRun:
      // Verified: throttles and errors of the service don't count as attempts.
      --piece.invocations;
      return wait_before_retry(++not_run_);
    case End::kTooLarge:
      give_up(*settings, piece, "RetryAttemptsExhausted", answer);
      return pieces_.pop_front();
    case End::kFailed:
      return retry_part(*settings, answer);
  }
}

StreamLane::Answer StreamLane::invoke(const SourceSettings& settings, const Piece& piece) const {
  Answer answer;
  answer.request_id = lambda_.context.ids.uuid();
  answer.origin = {settings.stream_arn, place_.shard, lambda_.context.region, ""};
  const base::Milliseconds age = lambda_.context.clock.now() - piece.records.back().arrival;
  const Reference function = parse_reference(settings.function_arn);
  try {
    answer.origin.role_arn = lambda_.configuration(function).Role.value_or("");
    answer.event = event_of(piece.records, answer.origin);
    if (answer.event.size() > kLargestEvent) {
      answer.end = Answer::End::kTooLarge;
      answer.reason = "Record is larger than an invocation can be";
      return answer;
    }
    lambda_.context.meter({"AWS/Lambda", "IteratorAge", "FunctionName", function.name,
                           static_cast<double>(age.count()), "Milliseconds"});
    answer.result = lambda_.invoke(function, answer.event, answer.request_id);
  } catch (const std::exception& error) {
    answer.end = Answer::End::kNotRun;
    answer.reason = error.what();
    return answer;
  }
  std::optional<std::size_t> failed;
  if (!answer.result.function_error.empty()) {
    failed = 0;
  } else if (settings.report_failures) {
    failed = first_failed(answer.result.payload, piece.records);
  }
  if (!failed) return answer;
  answer.end = Answer::End::kFailed;
  answer.failed_from = *failed;
  answer.reason = "Function call failed";
  return answer;
}

/// Gives up the leading records that are too old; true when there were any.
bool StreamLane::drop_expired(const SourceSettings& settings) {
  if (!settings.max_age) return false;
  Piece& piece = pieces_.front();
  const base::Timestamp now = lambda_.context.clock.now();
  const auto fresh = std::find_if(piece.records.begin(), piece.records.end(), [&](const Record& record) {
    return now - record.arrival <= *settings.max_age;
  });
  if (fresh == piece.records.begin()) return false;
  Piece old{.end = fresh == piece.records.end() ? piece.end : fresh->offset, .invocations = piece.invocations};
  old.records.assign(std::make_move_iterator(piece.records.begin()), std::make_move_iterator(fresh));
  piece.records.erase(piece.records.begin(), fresh);
  Answer none;
  none.origin = {settings.stream_arn, place_.shard, lambda_.context.region, ""};
  none.request_id = lambda_.context.ids.uuid();
  give_up(settings, old, "RecordAgeExceeded", none);
  if (piece.records.empty()) pieces_.pop_front();
  return true;
}

/// After a failure: what of the batch is tried again, and when, or that it is given up.
void StreamLane::retry_part(const SourceSettings& settings, const Answer& answer) {
  Piece& piece = pieces_.front();
  if (const std::size_t done = answer.failed_from; done > 0) {
    move_to(piece.records[done].offset);
    piece.records.erase(piece.records.begin(), piece.records.begin() + static_cast<std::ptrdiff_t>(done));
    if (settings.bisect) return;  // that was where it was to be split
  } else if (settings.bisect && piece.records.size() > 1) {
    // Verified: a split doesn't count as an attempt.
    const auto middle = piece.records.begin() + static_cast<std::ptrdiff_t>(piece.records.size() / 2);
    Piece second{.end = piece.end, .failures = piece.failures, .invocations = piece.invocations};
    second.records.assign(std::make_move_iterator(middle), std::make_move_iterator(piece.records.end()));
    piece.records.erase(middle, piece.records.end());
    piece.end = second.records.front().offset;
    pieces_.insert(pieces_.begin() + 1, std::move(second));
    return;
  }
  ++piece.failures;
  if (settings.retries < 0 || piece.failures <= settings.retries) return wait_before_retry(piece.failures);
  give_up(settings, piece, "RetryAttemptsExhausted", answer);
  pieces_.pop_front();
}

/// The checkpoint moves over the piece in the transaction that stores what is told of it.
void StreamLane::give_up(const SourceSettings& settings, const Piece& piece, std::string condition,
                         const Answer& answer) {
  base::log_warning("lambda", "{} gives up {} records of {} from {} on: {} {}", settings.function_arn,
                    piece.records.size(), place_.shard, piece.records.front().sequence_number, condition,
                    answer.result.payload);
  storage::Batch batch = moving_to(piece.end);
  const base::Timestamp now = lambda_.context.clock.now();
  if (settings.bucket.empty()) {
    lambda_.context.catalog.commit(std::move(batch));
  } else {
    const GivenUpBatch given_up{answer.request_id, settings.function_arn, std::move(condition), piece.invocations,
                                answer.result.executed_version, answer.result.function_error, now, answer.origin,
                                answer.event.empty() ? event_of(piece.records, answer.origin) : answer.event};
    const std::string key = fmt::format("aws/lambda/{}/{}/{}-{}", settings.uuid, place_.shard,
                                        base::format_utc(now, "%Y/%m/%d/%Y-%m-%dT%H.%M.%S"), lambda_.context.ids.uuid());
    lambda_.deliver_to_bucket(settings.bucket, key, failure_record(given_up, piece.records),
                              parse_reference(settings.function_arn).name, std::move(batch));
  }
  position_ = piece.end;
}

void StreamLane::wait_before_retry(std::int64_t failures) {
  const auto doublings = std::min<std::int64_t>(failures - 1, 10);
  retry_at_ = lambda_.context.clock.now() + std::min(base::Milliseconds(1s) * (std::int64_t{1} << doublings), kLongestBackOff);
}

storage::Batch StreamLane::moving_to(Offset next) const {
  storage::Batch batch;
  const auto settings = status_->settings.read([](const auto& s) { return s; });
  batch.put(kCheckpoints, checkpoint_key(settings->uuid, place_.shard, place_.lane),
            Checkpoint{next, place_.from.factor, place_.from.stream_id}.text());
  return batch;
}

void StreamLane::move_to(Offset next) {
  lambda_.context.catalog.commit(moving_to(next));
  position_ = next;
}

}  // namespace engine::lambda
