// The transformation: records to a function and back, with what it said of each.
#pragma once

#include "engine/services/firehose/firehose.h"
#include "engine/services/firehose/settings.h"
#include "engine/services/firehose/source.h"

#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace engine::firehose {

/// What a function made of a record.
struct Transformed {
  enum class Result { kOk, kDropped, kFailed };
  Result result = Result::kFailed;
  std::string data;                 ///< of kOk
  std::string error_code, message;  ///< of kFailed
  int attempts = 1;
  Keys partition_keys;  ///< metadata.partitionKeys of kOk
};

/// The engine is stopping: nothing has been decided, and the records stay where they are.
struct Stopped : std::runtime_error {
  Stopped() : std::runtime_error("stopped") {}
};

/// Invokes a function on batches of records. An invocation that fails is tried again after one
/// second, two, four, … up to the configured number of retries; then every record of the batch has
/// failed. Used by one thread.
class Transformer {
 public:
  Transformer(const Settings& settings, const Context& context, const Invoke& invoke)
      : settings_(settings), context_(context), invoke_(invoke) {}

  /// How many of `waiting` make a batch that is full: by the size hint, or by what an invocation's
  /// payload can hold (6 MiB). 0 when they don't fill one yet.
  std::size_t full_batch(const std::deque<SourceRecord>& waiting) const;
  /// The same, but what is there makes a batch even when it isn't full.
  std::size_t any_batch(const std::deque<SourceRecord>& waiting) const;

  /// What became of each record, in their order. Throws Stopped.
  std::vector<Transformed> run(std::span<const SourceRecord> records, std::stop_token stop) const;

 private:
  void measure(std::chrono::steady_clock::time_point began, bool good) const;
  std::string event(std::span<const SourceRecord> records) const;
  std::string record_id(const SourceRecord& source) const;
  std::vector<Transformed> read_answer(std::span<const SourceRecord> records,
                                       std::string_view payload) const;

  const Settings& settings_;
  const Context& context_;
  const Invoke& invoke_;
};

}  // namespace engine::firehose
