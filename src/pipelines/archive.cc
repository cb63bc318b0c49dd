// Packed files, by libarchive.
#include "pipelines/archive.h"

#include "pipelines/files.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <memory>
#include <stdexcept>

namespace pipelines {
namespace {

namespace fs = std::filesystem;
using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;

constexpr std::size_t kBlock = 1 << 16;

[[noreturn]] void fail(const fs::path& path, archive* from) {
  const char* why = archive_error_string(from);
  throw std::runtime_error(
      fmt::format("Cannot read {}: {}.", path.string(), why ? why : "damaged"));
}

Reader open(const fs::path& path, bool raw) {
  Reader reader(archive_read_new(), &archive_read_free);
  archive_read_support_filter_gzip(reader.get());
  if (raw) {
    archive_read_support_format_raw(reader.get());
  } else {
    archive_read_support_format_tar(reader.get());
  }
  if (archive_read_open_filename(reader.get(), path.c_str(), kBlock) != ARCHIVE_OK) {
    fail(path, reader.get());
  }
  return reader;
}

std::string read_entry(const fs::path& path, archive* reader) {
  std::string bytes;
  std::string block(kBlock, '\0');
  for (;;) {
    const auto size = archive_read_data(reader, block.data(), block.size());
    if (size < 0) fail(path, reader);
    if (size == 0) return bytes;
    bytes.append(block, 0, static_cast<std::size_t>(size));
  }
}

/// Where an entry goes, by the rule that nothing of an archive may land outside its folder.
fs::path safe_target(const fs::path& folder, const char* name) {
  const fs::path relative = fs::path(name ? name : "").lexically_normal();
  if (relative.empty() || relative.is_absolute() || *relative.begin() == "..") {
    throw std::runtime_error(
        fmt::format("The archive holds a path outside its folder: '{}'.", name ? name : ""));
  }
  return folder / relative;
}

}  // namespace

void unpack_archive(const fs::path& path, const fs::path& folder) {
  fs::create_directories(folder);
  const Reader reader = open(path, false);
  for (;;) {
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(reader.get(), &entry);
    if (code == ARCHIVE_EOF) return;
    if (code != ARCHIVE_OK) fail(path, reader.get());
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    const char* name = archive_entry_pathname(entry);
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry)) {
      throw std::runtime_error(
          fmt::format("The archive holds something that isn't a file: '{}'.", name));
    }
    const fs::path target = safe_target(folder, name);
    fs::create_directories(target.parent_path());
    write_file(target, read_entry(path, reader.get()));
  }
}

std::string read_maybe_gzip(const fs::path& path) {
  if (fs::file_size(path) == 0) return {};
  const Reader reader = open(path, true);
  archive_entry* entry = nullptr;
  if (archive_read_next_header(reader.get(), &entry) != ARCHIVE_OK) fail(path, reader.get());
  return read_entry(path, reader.get());
}

}  // namespace pipelines
