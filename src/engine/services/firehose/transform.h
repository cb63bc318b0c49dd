// The transformation: records to a function and back, with what it said of each.
#pragma once

#include "engine/services/firehose/firehose.h"
#include "engine/services/firehose/settings.h"
#include "engine/services/firehose/source.h"

#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace engine::firehose {

/// What a function made of a record.
struct Transformed {
  enum class Result { kOk, kDropped, kFailed };
  Result result = Result::kFailed;
  std::string_view data;                ///< of kOk; the answer's
  std::shared_ptr<const Refusal> why;   ///< of kFailed
  Keys partition_keys = {};             ///< metadata.partitionKeys of kOk
};

/// What became of a batch.
struct Answer {
  std::vector<Transformed> records;  ///< in the order of the batch; of those that don't go on: void
  int attempts = 1;
  std::unique_ptr<char[]> bytes;     ///< what the views above look at
};

/// What an invocation gave: the function's words, or why there are none after so many attempts.
struct Reply {
  std::string payload;
  std::optional<Refusal> failure;
  int attempts = 1;
};

/// True for what the function is asked about.
inline bool goes_on(const SourceRecord& source) { return !source.dropped && !source.refusal; }

/// The engine is stopping: nothing has been decided, and the records stay where they are.
struct Stopped : std::runtime_error {
  Stopped() : std::runtime_error("stopped") {}
};

/// Invokes a function on batches of records: event(), invoke(), read(). An invocation that fails is
/// tried again after one second, two, four, … up to the configured number of retries; then every
/// record of the batch has failed. Used by one thread, but for invoke(), which another may be in.
class Transformer {
 public:
  Transformer(const Settings& settings, const Context& context, const Invoke& invoke);
  ~Transformer();

  /// How many of `waiting` make a batch that is full: by the size hint, or by what an invocation's
  /// payload can hold (6 MiB). 0 when they don't fill one yet.
  std::size_t full_batch(const std::deque<SourceRecord>& waiting) const;
  /// The same, but what is there makes a batch even when it isn't full.
  std::size_t any_batch(const std::deque<SourceRecord>& waiting) const;

  /// The payload that asks about those of the records that go on.
  std::string event(std::span<const SourceRecord> records) const;
  /// The function's reply. Throws Stopped.
  Reply invoke(std::string_view payload, std::stop_token stop) const;
  /// What the reply says of each of the records that event() asked about.
  Answer read(std::span<const SourceRecord> records, const Reply& reply);

 private:
  struct Parser;
  void measure(std::chrono::steady_clock::time_point began, bool good) const;
  void measure_answer(std::span<const SourceRecord> records, const Answer& answer) const;
  void write_record(const SourceRecord& source, std::string& json) const;
  void read_payload(std::span<const SourceRecord> records, std::string_view payload,
                    Answer& answer);

  const Settings& settings_;
  const Context& context_;
  const Invoke& invoke_;
  const std::unique_ptr<Parser> parser_;  ///< kept for its memory
};

}  // namespace engine::firehose
