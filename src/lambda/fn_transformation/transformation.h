// The function: Firehose's batch of beers in, the same batch as rows out.
#pragma once

#include <string>
#include <string_view>

namespace fn_transformation {

/// What an answer may hold. AWS refuses one of more than 6 MB.
inline constexpr std::size_t kMaxAnswerBytes = 6'000'000;

/// Answers a Firehose transformation event: each record, in order and by its id, is "Ok" with its
/// row as one JSON line, or "ProcessingFailed" with its data as it came when there is no beer in
/// it. A record whose row no longer fits into `max_answer_bytes` fails too, without data (Firehose
/// keeps the original). Throws aws::FunctionError when the event itself is not one.
///
/// Source: "Data transformation and status model", Amazon Data Firehose developer guide.
std::string transform(std::string_view event, std::size_t max_answer_bytes = kMaxAnswerBytes);

}  // namespace fn_transformation
