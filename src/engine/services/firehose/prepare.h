// What is done to a record before the function sees it: decompression, the messages of CloudWatch
// Logs, de-aggregation, in this order.
#pragma once

#include "engine/services/firehose/settings.h"
#include "engine/services/firehose/source.h"

#include <deque>

namespace engine::firehose {

/// Verified: a record is taken apart before the function and the partition keys see it.
///
/// What can't be decompressed or taken apart stays one record, with the refusal in it. Nothing is
/// ever lost: every record gives at least one part, and the cursor moves behind the last one.
class Preparer {
 public:
  /// `settings` outlives this.
  explicit Preparer(const Settings& settings) : settings_(settings) {}

  /// Appends the record's parts in their order.
  void run(SourceRecord record, std::deque<SourceRecord>& parts) const;

 private:
  const Settings& settings_;
};

/// The JSON objects that follow each other in `text`, with or without white space between them.
/// Throws std::invalid_argument for anything else.
std::vector<std::string_view> split_json(std::string_view text);

/// The pieces between delimiters; empty ones are none.
std::vector<std::string_view> split_delimited(std::string_view text, std::string_view delimiter);

}  // namespace engine::firehose
