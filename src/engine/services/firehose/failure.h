// Records that could not be transformed or converted, in the envelope AWS writes below the error
// prefix.
#pragma once

#include "lib/base/clock.h"

#include <string>
#include <string_view>

namespace engine::firehose {

using base::Timestamp;

inline constexpr std::string_view kProcessingFailed = "processing-failed";
inline constexpr std::string_view kConversionFailed = "format-conversion-failed";

struct Failure {
  std::string_view type;      ///< one of the two above: the error prefix's error-output-type
  std::string code, message;  ///< "Lambda.FunctionError", a sentence
  int attempts = 1;
  Timestamp arrival, ended;
  std::string raw;              ///< the record's bytes
  std::string sequence_number;  ///< conversion only
};

/// What the envelope tells beside the record.
struct FailureContext {
  std::string lambda_arn;
  std::string catalog, database, table, region, version;
};

/// Appends one line of JSON. Verified: the member names of both kinds of failure are AWS's.
void write_envelope(const Failure& failure, const FailureContext& context, std::string& out);

}  // namespace engine::firehose
