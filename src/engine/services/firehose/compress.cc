// Compression by its name.
#include "engine/services/firehose/compress.h"

#include "engine/services/firehose/gzip.h"
#include "engine/services/firehose/snappy.h"
#include "engine/services/firehose/zip.h"

#include <algorithm>
#include <array>

namespace engine::firehose {
namespace {

struct Format {
  Compression compression;
  std::string_view name, extension;
};

constexpr std::array kFormats{
    Format{Compression::kNone, "UNCOMPRESSED", ""},
    Format{Compression::kGzip, "GZIP", ".gz"},
    Format{Compression::kZip, "ZIP", ".zip"},
    Format{Compression::kSnappy, "Snappy", ".snappy"},
    Format{Compression::kHadoopSnappy, "HADOOP_SNAPPY", ".hsnappy"},
};

}  // namespace

std::optional<Compression> compression_named(std::string_view format) {
  const auto* const found = std::find_if(kFormats.begin(), kFormats.end(),
                                         [&](const Format& one) { return one.name == format; });
  if (found == kFormats.end()) return std::nullopt;
  return found->compression;
}

std::string_view default_extension(Compression compression) {
  return kFormats.at(static_cast<std::size_t>(compression)).extension;
}

std::string compress(Compression compression, std::string bytes, std::string_view name) {
  switch (compression) {
    case Compression::kGzip:
      return gzip(bytes);
    case Compression::kZip:
      return zip(bytes, name);
    case Compression::kSnappy:
      return snappy_frames(bytes);
    case Compression::kHadoopSnappy:
      return snappy_blocks(bytes);
    case Compression::kNone:
      break;
  }
  return bytes;
}

}  // namespace engine::firehose
