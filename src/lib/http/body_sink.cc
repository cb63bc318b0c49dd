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
/// The disk is told to begin so often: whoever syncs the file later waits for less.
constexpr std::uint64_t kSpan = 8 << 20;

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

void BodySink::take_digests(const std::vector<std::string>& algorithms) {
  if (!algorithms.empty()) digests_ = std::make_unique<BodyDigests>(algorithms);
}

std::span<char> BodySink::space() {
  if (room_) return {room_.get() + size_, expected_ - size_};
  return digests_ ? digests_->piece().subspan(in_piece_) : std::span<char>();
}

void BodySink::append(std::string_view bytes) {
  if (digests_) {
    size_ += bytes.size();
    while (!bytes.empty()) {
      const std::span<char> room = space();
      const std::string_view part = bytes.substr(0, room.size());
      if (part.data() != room.data()) std::copy(part.begin(), part.end(), room.data());
      bytes.remove_prefix(part.size());
      in_piece_ += part.size();
      if (part.size() == room.size()) pass_on();
    }
    return;
  }
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
    begin_writing(kSpan);
  }
}

void BodySink::pass_on() {
  if (in_piece_ == 0) return;
  write_all(fd_, digests_->put(std::exchange(in_piece_, 0)), path_);
  begin_writing(kSpan);
}

void BodySink::begin_writing(std::uint64_t at_least) {
  if (size_ - begun_ < at_least) return;
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
  if (digests_) {
    pass_on();
    begin_writing(1);
  }
  const std::uint64_t size = std::exchange(size_, 0);
  begun_ = 0;
  if (room_) {
    const std::size_t readable = std::exchange(expected_, 0) + kBehind;
    return Body(std::exchange(room_, {}), size, readable);
  }
  if (fd_ < 0) return Body(std::exchange(bytes_, {}));
  ::close(std::exchange(fd_, -1));
  Body body = Body::spooled(std::exchange(path_, {}), size);
  if (digests_) body.set_digests(digests_->finish());
  digests_.reset();
  return body;
}

}  // namespace http
