// Deployment packages.
#include "engine/services/lambda/package.h"

#include "engine/services/lambda/errors.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <fcntl.h>
#include <zip.h>

#include <filesystem>
#include <fstream>
#include <memory>

namespace engine::lambda {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestUnpacked = 250ull << 20;
constexpr std::uint32_t kTypeMask = 0170000, kSymlink = 0120000;

using Archive = std::unique_ptr<zip_t, decltype(&zip_discard)>;
using Entry = std::unique_ptr<zip_file_t, decltype(&zip_fclose)>;

Archive open_archive(std::string_view bytes) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* archive = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : nullptr;
  if (archive == nullptr) {
    const std::string why = zip_error_strerror(&error);
    zip_source_free(source);
    zip_error_fini(&error);
    throw bad_zip(why);
  }
  return {archive, zip_discard};
}

/// The Unix mode an entry was packed with, 0 when it came from elsewhere.
std::uint32_t unix_mode(zip_t* archive, zip_uint64_t index) {
  zip_uint8_t system = 0;
  zip_uint32_t attributes = 0;
  zip_file_get_external_attributes(archive, index, 0, &system, &attributes);
  return system == ZIP_OPSYS_UNIX ? attributes >> 16 : 0;
}

/// Refuses what would leave the folder.
void check_name(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.find('\\') != std::string_view::npos) {
    throw bad_zip(fmt::format("the entry name '{}' is not allowed", name));
  }
  for (const auto& part : fs::path(name)) {
    if (part == "..") throw bad_zip(fmt::format("the entry '{}' leads outside", name));
  }
}

void extract(zip_t* archive, zip_uint64_t index, const fs::path& target, std::uint64_t& total) {
  Entry entry(zip_fopen_index(archive, index, 0), zip_fclose);
  if (!entry) throw bad_zip(zip_strerror(archive));
  std::ofstream out(target, std::ios::binary | std::ios::trunc);
  std::string buffer(64 << 10, '\0');
  for (;;) {
    const zip_int64_t size = zip_fread(entry.get(), buffer.data(), buffer.size());
    if (size < 0) throw bad_zip(zip_file_strerror(entry.get()));
    if (size == 0) break;
    // Counted as it comes: the size an entry states may be a lie.
    total += static_cast<std::uint64_t>(size);
    if (total > kLargestUnpacked) {
      throw invalid("Unzipped size must be smaller than 262144000 bytes");
    }
    out.write(buffer.data(), size);
  }
  if (!out.flush()) throw std::system_error(errno, std::generic_category(), target.string());
}

/// Refuses a name that an earlier entry stands in the way of: a file where it needs a folder, or the other way.
void check_free(const fs::path& directory, const fs::path& name) {
  fs::path folder = directory;
  for (const auto& part : name.parent_path()) {
    folder /= part;
    if (fs::exists(folder) && !fs::is_directory(folder)) {
      throw bad_zip(fmt::format("the entry '{}' lies in a file", name.string()));
    }
  }
  if (name.has_filename() && fs::is_directory(directory / name)) {
    throw bad_zip(fmt::format("the entry '{}' is a folder too", name.string()));
  }
}

void extract_all(zip_t* archive, const fs::path& directory) {
  std::uint64_t total = 0;
  for (zip_int64_t i = 0; i < zip_get_num_entries(archive, 0); ++i) {
    const auto index = static_cast<zip_uint64_t>(i);
    const char* raw = zip_get_name(archive, index, 0);
    if (raw == nullptr) throw bad_zip(zip_strerror(archive));
    const std::string name = raw;
    check_name(name);
    const std::uint32_t mode = unix_mode(archive, index);
    if ((mode & kTypeMask) == kSymlink) throw bad_zip(fmt::format("'{}' is a symbolic link", name));
    check_free(directory, name);
    const fs::path target = directory / name;
    if (name.back() == '/') {
      fs::create_directories(target);
      continue;
    }
    fs::create_directories(target.parent_path());
    extract(archive, index, target, total);
    // Lambda runs the bootstrap whatever mode a careless zip gave it.
    const bool program = (mode & 0111) != 0 || name == "bootstrap";
    fs::permissions(target, program ? fs::perms(0755) : fs::perms(0644));
  }
}

/// All of it, and the folder's own name last.
void sync_tree(const fs::path& directory, io::FileSystem& files) {
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.is_directory()) {
      sync_tree(entry.path(), files);
    } else {
      files.sync(io::open_file(entry.path().string(), O_RDONLY));
    }
  }
  files.sync_folder(directory.string());
}

}  // namespace

std::string code_sha256(std::string_view zip) { return base::to_base64(base::sha256(zip)); }

void unpack(std::string_view zip, const std::string& directory, io::FileSystem& files) {
  const Archive archive = open_archive(zip);
  const fs::path unfinished = directory + ".new";
  fs::remove_all(unfinished);
  try {
    io::make_folders_durably(files, unfinished.string());
    extract_all(archive.get(), unfinished);
    sync_tree(unfinished, files);
    fs::remove_all(directory);
    files.rename(unfinished.string(), directory);
    files.sync_folder(unfinished.parent_path().string());
  } catch (...) {
    fs::remove_all(unfinished);
    throw;
  }
}

}  // namespace engine::lambda
