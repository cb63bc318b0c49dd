// The beginning of a file, unpacked by libarchive.
#include "engine/services/glue/crawlers/file_schema.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

namespace engine::glue {
namespace {

constexpr std::size_t kBlock = 64 << 10;

std::string name_of_filter(archive* handle) {
  switch (archive_filter_code(handle, 0)) {
    case ARCHIVE_FILTER_GZIP:
      return "gzip";
    case ARCHIVE_FILTER_ZSTD:
      return "zstd";
    case ARCHIVE_FILTER_BZIP2:
      return "bzip2";
    default:
      return "none";
  }
}

[[noreturn]] void fail(archive* handle) {
  const char* why = archive_error_string(handle);
  throw Unclassified(fmt::format("it can't be read: {}", why ? why : "unknown error"));
}

}  // namespace

Sample read_sample(const std::string& path) {
  const std::unique_ptr<archive, decltype(&archive_read_free)> in(archive_read_new(),
                                                                  &archive_read_free);
  archive_read_support_filter_gzip(in.get());
  archive_read_support_filter_zstd(in.get());
  archive_read_support_filter_bzip2(in.get());
  archive_read_support_format_raw(in.get());
  archive_entry* entry = nullptr;
  if (archive_read_open_filename(in.get(), path.c_str(), kBlock) != ARCHIVE_OK ||
      archive_read_next_header(in.get(), &entry) != ARCHIVE_OK) {
    fail(in.get());
  }
  Sample sample;
  sample.compression = name_of_filter(in.get());
  sample.bytes.resize(kSampleBytes);
  std::size_t done = 0;
  while (done < kSampleBytes) {
    const auto got = archive_read_data(in.get(), sample.bytes.data() + done, kSampleBytes - done);
    if (got < 0) fail(in.get());
    if (got == 0) {
      sample.whole = true;
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  sample.bytes.resize(done);
  const auto packed = archive_filter_bytes(in.get(), -1);
  if (sample.compression != "none" && packed > 0) {
    sample.growth = static_cast<double>(done) / static_cast<double>(packed);
  }
  return sample;
}

}  // namespace engine::glue
