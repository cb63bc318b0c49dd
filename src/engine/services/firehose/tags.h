// Tags of delivery streams.
#pragma once

#include "engine/services/firehose/state.h"

namespace engine::firehose {

/// Adds rows for the tags to `batch`; refuses when the stream would have more than 50.
void put_tags(const Firehose::Impl& firehose, const std::string& stream,
              const std::vector<api::Tag>& tags, storage::Batch& batch);

}  // namespace engine::firehose
