// Sequence numbers: a record's place in AWS's words.
#pragma once

#include "engine/storage/log/log.h"

#include <optional>
#include <string>
#include <string_view>

namespace engine::kinesis {

/// 56 decimal digits: "49", then when the shard was made (15, milliseconds), the shard's number
/// (15) and the record's offset in it (24). As numbers they grow within a shard, and those of a
/// shard that came from a split or a merge are greater than all of its parents'.
struct SequenceNumber {
  base::Timestamp shard_created;
  std::uint64_t shard_number = 0;
  storage::Offset offset = 0;

  std::string text() const;
};

/// Nothing when the text is no number that we gave.
std::optional<SequenceNumber> parse_sequence_number(std::string_view text);

/// "shardId-000000000007" for 7, and back.
std::string shard_id(std::uint64_t number);
std::optional<std::uint64_t> parse_shard_id(std::string_view id);

}  // namespace engine::kinesis
