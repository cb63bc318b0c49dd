// A program as a zip in memory, by libzip.
#include "lambda/package/package.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <zip.h>

#include <filesystem>
#include <memory>
#include <stdexcept>

namespace lambda_package {
namespace {

constexpr zip_uint16_t kNoTime = 0;       // equal programs must give equal packages
constexpr zip_uint16_t kFirstDay = 0x21;  // 1980-01-01, the first day a zip knows
constexpr zip_uint32_t kLevel = 9;        // packed once a build, sent and unpacked many times

std::runtime_error failure(const std::string& path, const char* why) {
  return std::runtime_error(fmt::format("packing {}: {}", path, why));
}

void add_bootstrap(zip_t* archive, const std::string& path) {
  zip_source_t* const file = zip_source_file(archive, path.c_str(), 0, -1);
  if (file == nullptr) throw failure(path, zip_strerror(archive));
  const zip_int64_t index = zip_file_add(archive, "bootstrap", file, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(file);
    throw failure(path, zip_strerror(archive));
  }
  const auto at = static_cast<zip_uint64_t>(index);
  constexpr auto kMode = static_cast<zip_uint32_t>(S_IFREG | 0755) << 16;
  zip_file_set_external_attributes(archive, at, 0, ZIP_OPSYS_UNIX, kMode);
  zip_file_set_dostime(archive, at, kNoTime, kFirstDay, 0);
  zip_set_file_compression(archive, at, ZIP_CM_DEFLATE, kLevel);
}

std::string read_all(zip_source_t* source, const std::string& path) {
  zip_stat_t stat;
  if (zip_source_stat(source, &stat) != 0 || zip_source_open(source) != 0) {
    throw failure(path, zip_error_strerror(zip_source_error(source)));
  }
  std::string bytes(stat.size, '\0');
  const zip_int64_t read = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (read != static_cast<zip_int64_t>(bytes.size())) throw failure(path, "it can't be read back");
  return bytes;
}

}  // namespace

std::string package(const std::string& path) {
  if (!std::filesystem::exists(path)) throw failure(path, "there is no such file");
  zip_error_t error;
  zip_error_init(&error);
  const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> buffer(
      zip_source_buffer_create(nullptr, 0, 0, &error), &zip_source_free);
  zip_t* const archive =
      buffer ? zip_open_from_source(buffer.get(), ZIP_TRUNCATE, &error) : nullptr;
  if (archive == nullptr) throw failure(path, zip_error_strerror(&error));
  zip_source_keep(buffer.get());
  try {
    add_bootstrap(archive, path);
    if (zip_close(archive) != 0) throw failure(path, zip_strerror(archive));
  } catch (...) {
    zip_discard(archive);
    throw;
  }
  return read_all(buffer.get(), path);
}

}  // namespace lambda_package
