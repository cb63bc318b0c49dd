// Tags of streams and consumers, by ARN.
#pragma once

#include "engine/services/kinesis/state.h"

#include <map>
#include <string>

namespace engine::kinesis {

/// The resource's tags, by key.
std::map<std::string, std::string> tags_of(const Kinesis::Impl& kinesis, std::string_view arn);

/// Adds rows for the tags to `batch`; refuses when the resource would have more than 50.
void put_tags(const Kinesis::Impl& kinesis, const std::string& arn,
              const std::map<std::string, std::string>& tags, storage::Batch& batch);

}  // namespace engine::kinesis
