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

bool goes_on(const SourceRecord& source) { return !source.dropped && !source.refusal; }

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

Milliseconds Delivery::round(std::stop_token stop) {
  deliver_if_due();
  try {
    while (!stop.stop_requested() && take_in(stop)) {
    }
    const bool batch_due = waiting_since_ && settings_.transform &&
                           now() >= *waiting_since_ + settings_.transform->batch.interval;
    while (batch_due && !waiting_.empty()) pass(transformer_->any_batch(waiting_), stop);
  } catch (const Stopped&) {
    return kIdle;  // the cursors have not moved: all of it is read again
  }
  note_waiting();
  return until_due();
}

/// Reads once and passes on what can be passed. False when there was nothing to read.
bool Delivery::take_in(std::stop_token stop) {
  std::vector<SourceRecord> records = reader_.read(kReadBytes);
  if (records.empty() && (transformer_ || waiting_.empty())) return false;
  if (!records.empty()) {
    double bytes = 0;
    for (const SourceRecord& source : records)
      bytes += static_cast<double>(source.record.data.size());
    measure("IncomingRecords", static_cast<double>(records.size()));
    measure("IncomingBytes", bytes, "Bytes");
  }
  if (!waiting_since_) waiting_since_ = now();
  for (SourceRecord& record : records) preparer_.run(std::move(record), waiting_);
  note_waiting();
  if (!transformer_) {
    pass(waiting_.size(), stop);
  } else {
    while (const std::size_t count = transformer_->full_batch(waiting_)) pass(count, stop);
  }
  return true;
}

/// Moves the first `count` waiting records into the buffer, delivering whenever that is full. A
/// record leaves `waiting_` when it is in the buffer, not before.
void Delivery::pass(std::size_t count, std::stop_token stop) {
  std::vector<Transformed> transformed = transform(count, stop);
  const Timestamp time = now();
  auto answer = transformed.begin();
  for (std::size_t i = 0; i < count; ++i) {
    const SourceRecord& source = waiting_.front();
    const bool asked = transformer_ && goes_on(source);
    settle(source, asked ? &*answer++ : nullptr, time);
    waiting_.pop_front();
    // Without a function the buffer may be full in the midst of what was read; with one, the whole
    // answer goes in before anything is thrown, for the function is not asked twice.
    if (!transformer_ && buffer_.full()) deliver_if_due();
  }
  waiting_since_.reset();
  if (!waiting_.empty()) waiting_since_ = time;
  // The rest of a record that was taken apart, so that what is in the buffer can be delivered.
  if (!buffer_.whole()) return pass(transformer_->any_batch(waiting_), stop);
  deliver_if_due();
}

/// What the function makes of those of the first `count` records that go to it.
std::vector<Transformed> Delivery::transform(std::size_t count, std::stop_token stop) const {
  if (!transformer_) return {};
  std::vector<SourceRecord> batch;
  std::copy_if(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count),
               std::back_inserter(batch), goes_on);
  if (batch.empty()) return {};
  std::vector<Transformed> transformed = transformer_->run(batch, std::move(stop));
  measure_transformed(transformed);
  return transformed;
}

/// One record into the buffer; `transformed` is the function's answer, null when it wasn't asked.
void Delivery::settle(const SourceRecord& source, Transformed* transformed, Timestamp time) {
  using Result = Transformed::Result;
  if (source.refusal) {
    return fail(source, *source.refusal, 1, time);
  }
  if (source.dropped || (transformed && transformed->result == Result::kDropped)) {
    return buffer_.add_dropped(source, time);
  }
  if (transformed && transformed->result == Result::kFailed) {
    return fail(source, {transformed->error_code, transformed->message}, transformed->attempts,
                time);
  }
  std::string data;
  if (transformed) {
    data = std::move(transformed->data);
  } else {
    data = source.record.data;
  }
  PartitionKeys keys;
  if (const auto why = find_partition(data, transformed, keys)) return fail(source, *why, 1, time);
  data += settings_.delimiter;
  buffer_.add_delivered(source, std::move(data), time, keys);
}

/// Fills `keys`, or tells why the record can't be partitioned.
std::optional<Refusal> Delivery::find_partition(std::string_view data,
                                                const Transformed* transformed,
                                                PartitionKeys& keys) const {
  if (!settings_.partitioning) return std::nullopt;
  const Keys from_function = transformed ? transformed->partition_keys : Keys{};
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

void Delivery::deliver_if_due() {
  if (buffer_.due(now())) deliver();
}

void Delivery::deliver() {
  try {
    commit(build());
    failing_since_.reset();
  } catch (const AwsError& error) {
    note_failure({"S3." + error.code, error.what()});
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

Delivery::Flush Delivery::build() {
  Flush flush;
  std::vector<Failure> failures = buffer_.failures();
  for (const auto& [keys, partition] : buffer_.partitions()) {
    if (given_up()) {
      give_up(partition.items, failures);
    } else {
      add_good(keys, partition.items, flush, failures);
    }
  }
  add_failures(flush, failures);
  add_backup(flush);
  return flush;
}

/// What the conversion refuses is added to `failures`.
void Delivery::add_good(const PartitionKeys& keys, const std::vector<Item>& items, Flush& flush,
                        std::vector<Failure>& failures) {
  const Timestamp oldest = oldest_of(items);
  const std::string name = object_name(oldest);
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
                        item.data, item.sequence_number});
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
void Delivery::add_backup(Flush& flush) {
  if (!settings_.backup || buffer_.raw().empty()) return;
  const Timestamp oldest = oldest_of(buffer_.raw());
  const std::string name = object_name(oldest);
  flush.objects.push_back({settings_.backup->bucket,
                           settings_.backup->prefix.evaluate(oldest, tools_.context.ids) + name +
                               std::string(default_extension(settings_.backup->compression)),
                           concatenate(buffer_.raw(), settings_.backup->compression, name),
                           {.content_type = "application/octet-stream"}});
}

std::string Delivery::object_name(Timestamp oldest) const {
  return fmt::format("{}-{}-{}-{}", settings_.name, settings_.version,
                     base::format_utc(oldest, "%Y-%m-%d-%H-%M-%S"), tools_.context.ids.uuid());
}

/// Objects and cursors in one transaction; then, and only then, the buffer is forgotten.
void Delivery::commit(Flush flush) {
  storage::Batch cursors;
  save_positions(settings_.name, buffer_.positions(), cursors);
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
    measure("PartitionCount", static_cast<double>(buffer_.partitions().size()));
  }
  const Timestamp done_up_to = *buffer_.oldest();
  metrics_.with([&](Metrics& metrics) {
    metrics.delivered_records += flush.delivered;
    metrics.delivered_bytes += flush.bytes;
    metrics.failed_records += flush.failed;
    metrics.dropped_records += buffer_.dropped();
    metrics.objects += objects;
    metrics.last_delivery = now();
  });
  buffer_.clear();
  source_->delivered(done_up_to);
  note_waiting();
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
  const logs::Event event{now(), std::move(line)};
  tools_.logs.append(settings_.log_group, settings_.log_stream, {&event, 1});
}

void Delivery::measure(std::string_view metric, double value, std::string_view unit) const {
  tools_.context.meter({"AWS/Firehose", metric, "DeliveryStreamName", settings_.name, value, unit});
}

void Delivery::measure_transformed(const std::vector<Transformed>& transformed) const {
  const auto good = std::count_if(
      transformed.begin(), transformed.end(),
      [](const Transformed& record) { return record.result != Transformed::Result::kFailed; });
  measure("SucceedProcessing.Records", static_cast<double>(good));
}

void Delivery::note_waiting() {
  std::optional<Timestamp> oldest = buffer_.oldest();
  if (!waiting_.empty()) {
    const Timestamp first = waiting_.front().record.arrival;
    oldest = std::min(oldest.value_or(first), first);
  }
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
