// Places in a shard: where a reader starts, and what follows a closed shard.
#pragma once

#include "engine/services/kinesis/state.h"

namespace engine::kinesis {

/// Where ShardIteratorType and what goes with it point. Throws InvalidArgumentException as AWS words it.
Offset first_offset(const Kinesis::Impl& kinesis, const Stream& stream, const Shard& shard,
                    const api::GetShardIteratorInput& input);

/// The number that stands for "read up to `next`", and after which the record at `next` comes: that of the
/// record before; of a shard's very beginning a number less than any of the shard's.
std::string continuation(const Shard& shard, Offset next);

/// The shards that follow a closed one.
std::vector<api::ChildShard> children(const Stream& stream, const Shard& parent);

/// Records of a shard as answers have them.
std::vector<api::Record> to_records(const Stream& stream, std::vector<Record> records);

}  // namespace engine::kinesis
