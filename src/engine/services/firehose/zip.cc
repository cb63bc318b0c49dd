// ZIP of a whole body.
#include "engine/services/firehose/zip.h"

#include <zip.h>

#include <memory>
#include <stdexcept>

namespace engine::firehose {
namespace {

constexpr zip_uint16_t kNoTime = 0;
constexpr zip_uint16_t kFirstDay = 0x21;  // 1980-01-01, the first day a zip knows

std::runtime_error failure(const char* why) {
  return std::runtime_error(std::string("zip failed: ") + why);
}

void add_file(zip_t* archive, std::string_view bytes, const std::string& name) {
  zip_source_t* const source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
  if (source == nullptr) throw failure(zip_strerror(archive));
  const zip_int64_t index = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(source);
    throw failure(zip_strerror(archive));
  }
  zip_file_set_dostime(archive, static_cast<zip_uint64_t>(index), kNoTime, kFirstDay, 0);
}

std::string read_all(zip_source_t* source) {
  zip_stat_t stat;
  if (zip_source_stat(source, &stat) != 0 || zip_source_open(source) != 0) {
    throw failure(zip_error_strerror(zip_source_error(source)));
  }
  std::string bytes(stat.size, '\0');
  const zip_int64_t read = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (read != static_cast<zip_int64_t>(bytes.size())) throw failure("it can't be read back");
  return bytes;
}

}  // namespace

std::string zip(std::string_view bytes, std::string_view name) {
  zip_error_t error;
  zip_error_init(&error);
  const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> buffer(
      zip_source_buffer_create(nullptr, 0, 0, &error), &zip_source_free);
  zip_t* const archive =
      buffer ? zip_open_from_source(buffer.get(), ZIP_TRUNCATE, &error) : nullptr;
  if (archive == nullptr) throw failure(zip_error_strerror(&error));
  zip_source_keep(buffer.get());  // closing the archive lets go of one of the two
  try {
    add_file(archive, bytes, std::string(name));
    if (zip_close(archive) != 0) throw failure(zip_strerror(archive));
  } catch (...) {
    zip_discard(archive);
    throw;
  }
  return read_all(buffer.get());
}

}  // namespace engine::firehose
