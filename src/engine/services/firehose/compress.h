// Compression of an object's whole body, in the formats AWS names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace engine::firehose {

enum class Compression { kNone, kGzip, kZip, kSnappy, kHadoopSnappy };

/// CompressionFormat as AWS spells it ("Snappy", "HADOOP_SNAPPY"); nothing for other names.
std::optional<Compression> compression_named(std::string_view format);

/// What AWS puts behind the object's name when nothing else is told: ".gz", "" for kNone.
std::string_view default_extension(Compression compression);

/// The same bytes give the same bytes: no time of day gets in. `name` is the file inside a ZIP.
std::string compress(Compression compression, std::string bytes, std::string_view name);

}  // namespace engine::firehose
