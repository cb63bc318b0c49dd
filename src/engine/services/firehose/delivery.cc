// One delivery stream at work.
#include "engine/services/firehose/delivery.h"

#include "engine/protocol/json.h"
#include "lib/base/time_text.h"

#include <algorithm>

namespace engine::firehose {
namespace {

constexpr std::size_t kReadBytes = 4 << 20;
constexpr Milliseconds kIdle =
    std::chrono::minutes(5);  // a put to the source wakes the loop before

Timestamp oldest_of(const auto& records) {
  return std::min_element(records.begin(), records.end(),
                          [](const auto& a, const auto& b) { return a.arrival < b.arrival; })
      ->arrival;
}

std::vector<Failure> of_type(const std::vector<Failure>& failures, std::string_view type) {
  std::vector<Failure> some;
  std::copy_if(failures.begin(), failures.end(), std::back_inserter(some),
               [&](const Failure& failure) { return failure.type == type; });
  return some;
}

}  // namespace

Delivery::Delivery(Settings settings, std::unique_ptr<Source> source, const Tools& tools)
    : settings_(std::move(settings)),
      tools_(tools),
      source_(std::move(source)),
      reader_(*source_, load_positions(tools.context.catalog, settings_.name)),
      preparer_(settings_),
      partitioner_(settings_),
      buffer_(settings_.buffer,
              settings_.backup ? std::optional(settings_.backup->buffer) : std::nullopt) {
  if (settings_.transform) transformer_.emplace(settings_, tools_.context, tools_.invoke);
}

Metrics Delivery::metrics() const {
  return metrics_.read([](const Metrics& metrics) { return metrics; });
}

std::uint64_t Delivery::pending() const {
  return records_behind(*source_, load_positions(tools_.context.catalog, settings_.name));
}

Delivery::Rest::~Rest() {
  for (const Batch& batch : delivery.batches_) {
    if (batch.asked.valid()) batch.asked.wait();
  }
  try {
    if (delivery.leaving_ && delivery.leaving_->done.valid()) delivery.finish_delivery();
  } catch (const std::exception&) {
    // It has been told, and the next round begins with trying it again.
  }
}

Milliseconds Delivery::round(std::stop_token stop) {
  const Rest rest{*this};
  finish_delivery();
  deliver_if_due();
  try {
    if (transformer_) {
      transform(stop);
    } else {
      pass_on(stop);
    }
  } catch (const Stopped&) {
    return kIdle;  // the cursors have not moved: all of it is read again
  }
  finish_delivery();
  note_waiting();
  return until_due();
}

/// What reading a stream calls, each with the role of the source.
void Delivery::require_source() const {
  if (settings_.source_arn.empty()) return;
  try {
    for (const char* action : {"kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords"}) {
      tools_.context.require(settings_.reader, action, settings_.source_arn);
    }
  } catch (const AwsError& error) {
    log_failure("Kinesis." + error.code, error.what());
    throw;
  }
}

void Delivery::require_schema() const {
  if (!settings_.convert) return;
  const ConvertSettings& from = *settings_.convert;
  const std::string table = from.database + "/" + from.table;
  try {
    for (const std::string& resource : {std::string("catalog"), "database/" + from.database, "table/" + table}) {
      tools_.context.require(from.actor, "glue:GetTableVersions", tools_.context.arn("glue", resource));
    }
  } catch (const AwsError& error) {
    throw AwsError("DataFormatConversion." + error.code, error.what());
  }
}

void Delivery::require_objects(const Flush& flush) const {
  for (const s3::NewObject& object : flush.objects) {
    // Where both are one bucket, either role's word is enough for AWS: the destination's is asked.
    const bool backup = settings_.backup && object.bucket == settings_.backup->bucket && object.bucket != settings_.bucket;
    tools_.context.require(backup ? settings_.backup->writer : settings_.writer, "s3:PutObject",
                           fmt::format("arn:aws:s3:::{}/{}", object.bucket, object.key));
  }
}

/// Reads once. False when there was nothing to read.
bool Delivery::read_in() {
  require_source();
  std::vector<SourceRecord> records = reader_.read(kReadBytes);
  if (records.empty()) return false;
  double bytes = 0;
  for (const SourceRecord& source : records)
    bytes += static_cast<double>(source.record.data.size());
  measure("IncomingRecords", static_cast<double>(records.size()));
  measure("IncomingBytes", bytes, "Bytes");
  if (!waiting_since_) waiting_since_ = now();
  for (SourceRecord& record : records) preparer_.run(std::move(record), waiting_);
  note_waiting();
  return true;
}

/// Without a function. A record leaves `waiting_` when it is in the buffer, not before, and the
/// buffer may be full in the midst of what was read.
void Delivery::pass_on(std::stop_token stop) {
  const Answer nobody_asked;
  const Transformed as_it_came{.result = Transformed::Result::kOk};
  while (!stop.stop_requested() && (!waiting_.empty() || read_in())) {
    const Timestamp time = now();
    while (!waiting_.empty()) {
      const SourceRecord& source = waiting_.front();
      Transformed untouched = as_it_came;
      untouched.data = source.record.data;
      settle(source, nobody_asked, untouched, time);
      waiting_.pop_front();
      if (buffer_.full()) deliver_if_due();
    }
    waiting_since_.reset();
    deliver_if_due();
  }
}

/// With a function: while it works on one batch the next is read and made ready, and while it works
/// on that the answer to the first is settled.
void Delivery::transform(std::stop_token stop) {
  while (fill_batches(1, stop), !batches_.empty()) {
    ask(batches_.front(), stop);
    fill_batches(2, stop);
    Batch& first = batches_.front();
    if (!first.reply) first.reply = first.asked.get();
    if (batches_.size() > 1 && !stop.stop_requested()) ask(batches_[1], stop);
    settle(first);
    batches_.pop_front();
    deliver_if_due();
  }
}

void Delivery::fill_batches(std::size_t most, std::stop_token stop) {
  while (batches_.size() < most && !stop.stop_requested()) {
    const std::size_t count = next_batch();
    if (count == 0) return;
    Batch& batch = batches_.emplace_back();
    batch.records.reserve(count);
    const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
    std::move(waiting_.begin(), end, std::back_inserter(batch.records));
    waiting_.erase(waiting_.begin(), end);
    open_ = !batch.records.back().last;
    waiting_since_.reset();
    if (!waiting_.empty()) waiting_since_ = now();
    make_event(batch);
  }
}

/// How many of the waiting records are asked about next, when all that fill a batch have been read.
std::size_t Delivery::next_batch() {
  for (;;) {
    if (const std::size_t full = transformer_->full_batch(waiting_)) return full;
    if (read_in()) continue;
    if (waiting_.empty()) return 0;
    // The rest of a record that was taken apart goes on at once, so that what is in the buffer can
    // be delivered.
    const bool due = now() >= *waiting_since_ + settings_.transform->batch.interval;
    return due || open_ ? transformer_->any_batch(waiting_) : 0;
  }
}

void Delivery::make_event(Batch& batch) const {
  if (batch.event) return;
  const bool asks = std::any_of(batch.records.begin(), batch.records.end(), goes_on);
  batch.event = asks ? transformer_->event(batch.records) : "";
}

void Delivery::ask(Batch& batch, std::stop_token stop) {
  make_event(batch);
  if (batch.reply || batch.asked.valid()) return;
  if (batch.event->empty()) {
    batch.reply.emplace();
  } else {
    batch.asked = std::async(std::launch::async, [this, &event = *batch.event, stop] {
      return transformer_->invoke(event, stop);
    });
  }
}

/// Puts an answered batch into the buffer, whole: the function is not asked twice.
void Delivery::settle(Batch& batch) {
  Answer answer;
  if (batch.event->empty()) {
    answer.records.resize(batch.records.size());
  } else {
    answer = transformer_->read(batch.records, *batch.reply);
  }
  const Timestamp time = now();
  for (; batch.settled < batch.records.size(); ++batch.settled) {
    settle(batch.records[batch.settled], answer, answer.records[batch.settled], time);
  }
}

/// One record into the buffer.
void Delivery::settle(const SourceRecord& source, const Answer& answer,
                      const Transformed& transformed, Timestamp time) {
  using Result = Transformed::Result;
  if (source.refusal) return fail(source, *source.refusal, 1, time);
  if (source.dropped || transformed.result == Result::kDropped) {
    return buffer_.add_dropped(source, time);
  }
  if (transformed.result == Result::kFailed) {
    return fail(source, *transformed.why, answer.attempts, time);
  }
  PartitionKeys keys;
  if (const auto why = find_partition(transformed.data, transformed.partition_keys, keys)) {
    return fail(source, *why, 1, time);
  }
  buffer_.add_delivered(source, transformed.data, settings_.delimiter, time, keys);
}

/// Fills `keys`, or tells why the record can't be partitioned.
std::optional<Refusal> Delivery::find_partition(std::string_view data, const Keys& from_function,
                                                PartitionKeys& keys) const {
  if (!settings_.partitioning) return std::nullopt;
  if (auto why = partitioner_.find(data, from_function, keys)) return why;
  const Partitions& active = buffer_.partitions();
  if (active.size() < kMaxPartitions || active.contains(keys)) return std::nullopt;
  measure("PartitionCountExceeded", 1);
  return Refusal{std::string(kPartitionsExceeded),
                 fmt::format("The limit of {} active partitions is exceeded.", kMaxPartitions)};
}

void Delivery::fail(const SourceRecord& source, const Refusal& why, int attempts, Timestamp time) {
  buffer_.add_failed(source,
                     {kProcessingFailed, why.code, why.message, attempts, source.record.arrival,
                      time, source.record.data, ""},
                     time);
}

/// Begins to deliver, when the one before is done.
void Delivery::deliver_if_due() {
  if (!buffer_.due(now())) return;
  finish_delivery();
  leaving_.emplace(Leaving{buffer_.take(), {}});
  // Many partitions may be 256 MiB: then nothing is read beside.
  if (settings_.partitioning) return finish_delivery();
  leaving_->done = std::async(std::launch::async, [this] { deliver(leaving_->buffer); });
}

/// Waits for the delivery under way; one that failed before is tried once more. Throws when it
/// fails, and it stays.
void Delivery::finish_delivery() {
  if (!leaving_) return;
  if (leaving_->done.valid()) {
    leaving_->done.get();
  } else {
    deliver(leaving_->buffer);
  }
  const Timestamp done_up_to = *leaving_->buffer.oldest();
  leaving_.reset();
  source_->delivered(done_up_to);
  note_waiting();
}

void Delivery::deliver(const Buffer& buffer) {
  try {
    commit(build(buffer), buffer);
    failing_since_.reset();
  } catch (const AwsError& error) {
    // One that names its part already isn't S3's.
    const bool named = error.code.find('.') != std::string::npos;
    note_failure({(named ? "" : "S3.") + error.code, error.what()});
    throw;
  } catch (const std::exception& error) {
    note_failure({"Delivery.Failed", error.what()});
    throw;
  }
}

void Delivery::note_failure(Refusal why) {
  if (!failing_since_) failing_since_ = now();
  measure("DeliveryToS3.Success", 0);
  log_failure(why.code, why.message);
  failing_with_ = std::move(why);
}

Delivery::Flush Delivery::build(const Buffer& buffer) {
  Flush flush;
  std::vector<Failure> failures = buffer.failures();
  for (const auto& [keys, partition] : buffer.partitions()) {
    if (given_up()) {
      give_up(partition.items, failures);
    } else {
      add_good(keys, partition.items, flush, failures);
    }
  }
  add_failures(flush, failures);
  add_backup(buffer, flush);
  return flush;
}

/// What the conversion refuses is added to `failures`.
void Delivery::add_good(const PartitionKeys& keys, const std::vector<Item>& items, Flush& flush,
                        std::vector<Failure>& failures) {
  const Timestamp oldest = oldest_of(items);
  const std::string name = object_name(oldest);
  require_schema();
  Converted converted = convert(settings_, items, name, tools_.schemas, tools_.scratch, now());
  std::move(converted.failures.begin(), converted.failures.end(), std::back_inserter(failures));
  if (converted.records == 0) return;
  flush.delivered += converted.records;
  for (const Item& item : items) flush.bytes += item.data.size();
  flush.objects.push_back(
      {settings_.bucket,
       settings_.prefix.evaluate(oldest, tools_.context.ids, keys) + name + settings_.extension,
       std::move(converted.body),
       {.content_type = "application/octet-stream"}});
}

/// True when RetryOptions have had their time. Only dynamic partitioning has them.
bool Delivery::given_up() const {
  return settings_.partitioning && failing_since_ &&
         now() - *failing_since_ >= settings_.partitioning->retry;
}

/// The items go to the error prefix instead. Should that fail too, they stay where they are.
void Delivery::give_up(const std::vector<Item>& items, std::vector<Failure>& failures) const {
  const std::string_view type = settings_.convert ? kConversionFailed : kProcessingFailed;
  for (const Item& item : items) {
    failures.push_back({type, failing_with_.code, failing_with_.message, 1, item.arrival, now(),
                        std::string(item.data), std::string(item.sequence_number)});
  }
}

void Delivery::add_failures(Flush& flush, const std::vector<Failure>& failures) {
  FailureContext context;
  if (settings_.transform) context.lambda_arn = settings_.transform->function;
  if (settings_.convert) {
    context.catalog = settings_.convert->catalog;
    context.database = settings_.convert->database;
    context.table = settings_.convert->table;
    context.region = settings_.convert->region;
    context.version = settings_.convert->version;
  }
  for (const std::string_view type : {kProcessingFailed, kConversionFailed}) {
    const std::vector<Failure> some = of_type(failures, type);
    if (some.empty()) continue;
    std::string lines;
    for (const Failure& failure : some) write_envelope(failure, context, lines);
    const Timestamp oldest = oldest_of(some);
    flush.failed += some.size();
    flush.objects.push_back(
        {settings_.bucket,
         settings_.error_prefix.evaluate_error(oldest, type, tools_.context.ids) +
             object_name(oldest),
         std::move(lines),
         {.content_type = "application/octet-stream"}});
    log_failure(some.front().code, some.front().message);
  }
}

// Deviation: the backup and the delivery are written together, when the hints of either say so.
void Delivery::add_backup(const Buffer& buffer, Flush& flush) {
  if (!settings_.backup || buffer.raw().empty()) return;
  const Timestamp oldest = oldest_of(buffer.raw());
  const std::string name = object_name(oldest);
  flush.objects.push_back({settings_.backup->bucket,
                           settings_.backup->prefix.evaluate(oldest, tools_.context.ids) + name +
                               std::string(default_extension(settings_.backup->compression)),
                           concatenate(buffer.raw(), settings_.backup->compression, name),
                           {.content_type = "application/octet-stream"}});
}

std::string Delivery::object_name(Timestamp oldest) const {
  return fmt::format("{}-{}-{}-{}", settings_.name, settings_.version,
                     base::format_utc(oldest, "%Y-%m-%d-%H-%M-%S"), tools_.context.ids.uuid());
}

/// Objects and cursors in one transaction; then, and only then, the buffer may be forgotten.
void Delivery::commit(Flush flush, const Buffer& buffer) {
  storage::Batch cursors;
  save_positions(settings_.name, buffer.positions(), cursors);
  require_objects(flush);
  const std::size_t objects = flush.objects.size();
  if (objects == 0) {
    tools_.context.catalog.commit(std::move(cursors));
  } else {
    tools_.s3.put_objects(std::move(flush.objects), std::move(cursors));
  }
  measure("DeliveryToS3.Success", 1);
  measure("DeliveryToS3.Records", static_cast<double>(flush.delivered));
  measure("DeliveryToS3.Bytes", static_cast<double>(flush.bytes), "Bytes");
  measure("DeliveryToS3.ObjectCount", static_cast<double>(objects));
  if (settings_.partitioning) {
    measure("PartitionCount", static_cast<double>(buffer.partitions().size()));
  }
  metrics_.with([&](Metrics& metrics) {
    metrics.delivered_records += flush.delivered;
    metrics.delivered_bytes += flush.bytes;
    metrics.failed_records += flush.failed;
    metrics.dropped_records += buffer.dropped();
    metrics.objects += objects;
    metrics.last_delivery = now();
  });
}

void Delivery::log_failure(std::string_view code, std::string_view message) const {
  if (settings_.log_group.empty() || settings_.log_stream.empty()) return;
  std::string line = fmt::format(
      "{{\"deliveryStreamARN\":\"{}\",\"destination\":\"arn:aws:s3:::{}\","
      "\"deliveryStreamVersionId\":{},\"message\":",
      settings_.arn, settings_.bucket, settings_.version);
  write_json_string(message, line);
  line.append(",\"errorCode\":");
  write_json_string(code, line);
  line += '}';
  if (!may_log()) return;
  const logs::Event event{now(), std::move(line)};
  tools_.logs.append(settings_.log_group, settings_.log_stream, {&event, 1});
}

bool Delivery::may_log() const {
  try {
    tools_.context.require(
        settings_.writer, "logs:PutLogEvents",
        tools_.context.arn("logs", fmt::format("log-group:{}:log-stream:{}", settings_.log_group, settings_.log_stream)));
    return true;
  } catch (const AwsError&) {
    return false;  // the engine's log has it
  }
}

void Delivery::measure(std::string_view metric, double value, std::string_view unit) const {
  tools_.context.meter({"AWS/Firehose", metric, "DeliveryStreamName", settings_.name, value, unit});
}

void Delivery::note_waiting() {
  std::optional<Timestamp> oldest = buffer_.oldest();
  const auto also = [&](Timestamp time) { oldest = std::min(oldest.value_or(time), time); };
  if (leaving_) also(*leaving_->buffer.oldest());
  if (!batches_.empty()) also(batches_.front().records.front().record.arrival);
  if (!waiting_.empty()) also(waiting_.front().record.arrival);
  metrics_.with([&](Metrics& metrics) { metrics.oldest_waiting = oldest; });
}

Milliseconds Delivery::until_due() const {
  Timestamp next = now() + kIdle;
  if (!buffer_.empty()) next = std::min(next, buffer_.due_at());
  if (waiting_since_ && settings_.transform) {
    next = std::min(next, *waiting_since_ + settings_.transform->batch.interval);
  }
  return std::max(next - now(), Milliseconds{1});
}

}  // namespace engine::firehose
