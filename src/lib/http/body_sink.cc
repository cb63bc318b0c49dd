// Where a body goes as it comes in.
#include "lib/http/body_sink.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace http {
namespace {

/// Bytes behind a body that may be read as well: as many as simdjson looks ahead.
constexpr std::size_t kBehind = 64;

void write_all(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw std::system_error(errno, std::generic_category(), "writing " + path);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

BodySink::BodySink(std::size_t memory_bytes, std::string spool_dir)
    : memory_bytes_(memory_bytes), spool_dir_(std::move(spool_dir)) {}

BodySink::~BodySink() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(path_.c_str());
}

void BodySink::expect(std::uint64_t size) {
  if (size > memory_bytes_) {
    spool();
  } else if (size > 0) {
    expected_ = static_cast<std::size_t>(size);
    room_ = std::make_shared_for_overwrite<char[]>(expected_ + kBehind);
  }
}

void BodySink::append(std::string_view bytes) {
  if (room_ && bytes.size() <= space().size()) {
    if (bytes.data() != space().data()) std::copy(bytes.begin(), bytes.end(), space().data());
    size_ += bytes.size();
    return;
  }
  size_ += bytes.size();
  if (fd_ < 0 && size_ > memory_bytes_) spool();
  if (fd_ < 0) {
    bytes_ += bytes;
  } else {
    write_all(fd_, bytes, path_);
    begin_writing();
  }
}

/// The disk begins while the rest still comes in: whoever syncs the file later waits for less.
void BodySink::begin_writing() {
  constexpr std::uint64_t kSpan = 8 << 20;
  if (size_ - begun_ < kSpan) return;
  ::sync_file_range(fd_, static_cast<off_t>(begun_), static_cast<off_t>(size_ - begun_),
                    SYNC_FILE_RANGE_WRITE);
  begun_ = size_;
}

void BodySink::spool() {
  if (spool_dir_.empty()) spool_dir_ = std::filesystem::temp_directory_path().string();
  path_ = spool_dir_ + "/body-XXXXXX";
  fd_ = ::mkostemp(path_.data(), O_CLOEXEC);
  if (fd_ < 0) {
    throw std::system_error(errno, std::generic_category(), "creating a file in " + spool_dir_);
  }
  write_all(fd_, bytes_, path_);
  bytes_ = std::string();
}

Body BodySink::finish() {
  const std::uint64_t size = std::exchange(size_, 0);
  begun_ = 0;
  if (room_) {
    const std::size_t readable = std::exchange(expected_, 0) + kBehind;
    return Body(std::exchange(room_, {}), size, readable);
  }
  if (fd_ < 0) return Body(std::exchange(bytes_, {}));
  ::close(std::exchange(fd_, -1));
  return Body::spooled(std::exchange(path_, {}), size);
}

}  // namespace http
