// Snappy of a whole body, in the two containers Firehose writes.
#pragma once

#include <string>
#include <string_view>

namespace engine::firehose {

/// Google's framing format: "Snappy".
std::string snappy_frames(std::string_view bytes);

/// Hadoop's blocks: "HADOOP_SNAPPY".
std::string snappy_blocks(std::string_view bytes);

}  // namespace engine::firehose
