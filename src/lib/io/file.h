// Files in small pieces: a descriptor that closes itself, whole-file reads, writes that survive a
// crash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace io {

/// Throws the std::system_error of `code` with a sentence such as "cannot open /x/y: No such file
/// …".
[[noreturn]] void throw_system_error(std::string_view action, const std::string& path, int code);

/// Owns a file descriptor; -1 owns nothing.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// An open file that knows its name, so that what goes wrong can say where.
struct File {
  Fd fd;
  std::string path;
};

/// All functions below throw std::system_error with the path in the sentence.

/// Opens with the flags of open(2); O_CLOEXEC is added.
File open_file(const std::string& path, int flags, unsigned mode = 0644);
/// The same, or nothing when there is no such file.
std::optional<File> find_file(const std::string& path, int flags);

std::uint64_t file_size(const File& file);

/// Reads up to `size` bytes at `offset` into `out`; fewer only at the end of the file.
std::size_t read_at(const File& file, char* out, std::size_t size, std::uint64_t offset);
/// Writes all bytes at `offset`.
void write_at(const File& file, std::string_view bytes, std::uint64_t offset);

std::string read_file(const std::string& path);
/// Replaces the file's bytes. A crash may leave it half written: for what can be made again.
void write_file(const std::string& path, std::string_view bytes, unsigned mode = 0644);
/// Replaces the file in one step that survives a crash: temporary name, sync, rename, sync the
/// folder.
void write_file_atomically(const std::string& path, std::string_view bytes, unsigned mode = 0644);

/// Makes the names in a folder durable.
void sync_folder(const std::string& path);

/// The folder a path stands in; "." for a bare name.
std::string parent_folder(const std::string& path);

/// Takes the one lock on `path` (created when missing), or nothing when another process has it. The
/// lock goes with the descriptor.
std::optional<Fd> lock_file(const std::string& path);

}  // namespace io
