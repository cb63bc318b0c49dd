// A look at a stream's records that leaves no trace: no metric, no share of the shard's reads.
#pragma once

#include "engine/services/kinesis/kinesis.h"

#include <string>
#include <string_view>

namespace engine::console {

inline constexpr std::size_t kMostRecords = 200;

/// {"begin", "end": the offsets that the shard keeps, "from": that of the first record given,
///  "records": [{"offset", "sequenceNumber", "partitionKey", "arrival" (epoch milliseconds), "data" (base64)}]}:
/// `limit` records from the offset `from` on. "newest" stands for the last ones, a text of "@" and epoch
/// milliseconds for those that arrived then or later. Throws AwsError: ResourceNotFoundException as Kinesis does,
/// InvalidArgumentException for what is no place.
std::string show_records(const kinesis::Kinesis& kinesis, std::string_view stream, std::string_view shard,
                         std::string_view from, std::size_t limit);

}  // namespace engine::console
