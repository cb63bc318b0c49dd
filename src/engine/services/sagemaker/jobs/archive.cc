// model.tar.gz, by libarchive.
#include "engine/services/sagemaker/jobs/archive.h"

#include "lib/io/file.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <vector>

namespace engine::sagemaker {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kPiece = 256 << 10;

using Writer = std::unique_ptr<archive, decltype(&archive_write_free)>;
using Reader = std::unique_ptr<archive, decltype(&archive_read_free)>;
using Entry = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

void check(archive* handle, int code, const std::string& what) {
  if (code >= ARCHIVE_WARN) return;
  const char* why = archive_error_string(handle);
  throw std::runtime_error(fmt::format("{}: {}", what, why ? why : "damaged"));
}

std::vector<fs::path> regular_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && !entry.is_symlink()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void pack_file(archive* out, const fs::path& path, const std::string& name) {
  const io::File file = io::open_file(path.string(), O_RDONLY);
  const std::uint64_t size = io::file_size(file);
  const Entry entry(archive_entry_new(), &archive_entry_free);
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
  archive_entry_set_mtime(entry.get(), 0, 0);
  archive_entry_set_uid(entry.get(), 0);
  archive_entry_set_gid(entry.get(), 0);
  check(out, archive_write_header(out, entry.get()), name);
  std::string piece(kPiece, '\0');
  for (std::uint64_t at = 0; at < size;) {
    const std::size_t got = io::read_at(file, piece.data(), piece.size(), at);
    if (got == 0) break;
    if (archive_write_data(out, piece.data(), got) < 0) check(out, ARCHIVE_FATAL, name);
    at += got;
  }
}

/// Where an entry goes: nothing of an archive may land outside its folder.
fs::path place_of(const fs::path& folder, const char* name) {
  const fs::path relative = fs::path(name ? name : "").lexically_normal();
  if (relative.empty() || relative.is_absolute() || *relative.begin() == "..") {
    throw std::runtime_error(
        fmt::format("the archive holds a path outside of itself: '{}'", name ? name : ""));
  }
  return folder / relative;
}

void unpack_file(archive* in, const std::string& path) {
  fs::create_directories(fs::path(path).parent_path());
  const io::File file = io::open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
  for (;;) {
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int code = archive_read_data_block(in, &block, &size, &offset);
    if (code == ARCHIVE_EOF) return;
    check(in, code, path);
    io::write_at(file, {static_cast<const char*>(block), size}, static_cast<std::uint64_t>(offset));
  }
}

}  // namespace

void pack_folder(const std::string& folder, const std::string& archive) {
  const Writer out(archive_write_new(), &archive_write_free);
  archive_write_add_filter_gzip(out.get());
  // Without these gzip's header would hold the time of packing.
  check(out.get(), archive_write_set_filter_option(out.get(), "gzip", "timestamp", nullptr),
        archive);
  archive_write_set_format_pax_restricted(out.get());
  check(out.get(), archive_write_open_filename(out.get(), archive.c_str()), archive);
  for (const fs::path& path : regular_files(folder)) {
    pack_file(out.get(), path, path.lexically_relative(folder).string());
  }
  check(out.get(), archive_write_close(out.get()), archive);
}

void unpack_into(const std::string& archive, const std::string& folder) {
  fs::create_directories(folder);
  const Reader in(archive_read_new(), &archive_read_free);
  archive_read_support_filter_gzip(in.get());
  archive_read_support_format_tar(in.get());
  check(in.get(), archive_read_open_filename(in.get(), archive.c_str(), kPiece), archive);
  for (;;) {
    archive_entry* entry = nullptr;
    const int code = archive_read_next_header(in.get(), &entry);
    if (code == ARCHIVE_EOF) return;
    check(in.get(), code, archive);
    const fs::path path = place_of(folder, archive_entry_pathname(entry));
    if (archive_entry_hardlink(entry) == nullptr && archive_entry_filetype(entry) == AE_IFREG) {
      unpack_file(in.get(), path.string());
    }
  }
}

void gunzip_file(const std::string& from, const std::string& to) {
  const Reader in(archive_read_new(), &archive_read_free);
  archive_read_support_filter_gzip(in.get());
  archive_read_support_format_raw(in.get());
  archive_read_support_format_empty(in.get());
  check(in.get(), archive_read_open_filename(in.get(), from.c_str(), kPiece), from);
  archive_entry* entry = nullptr;
  const int code = archive_read_next_header(in.get(), &entry);
  if (archive_filter_code(in.get(), 0) != ARCHIVE_FILTER_GZIP) {
    throw std::runtime_error("it has no gzip header");
  }
  if (code == ARCHIVE_EOF) return io::write_file(to, "");
  check(in.get(), code, from);
  unpack_file(in.get(), to);
}

}  // namespace engine::sagemaker
