// Files in small pieces.
#include "lib/io/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace io {

void throw_system_error(std::string_view action, const std::string& path, int code) {
  throw std::system_error(code, std::generic_category(), fmt::format("cannot {} {}", action, path));
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

File open_file(const std::string& path, int flags, unsigned mode) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) throw_system_error((flags & O_CREAT) != 0 ? "create" : "open", path, errno);
  return {Fd(fd), path};
}

std::optional<File> find_file(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd >= 0) return File{Fd(fd), path};
  if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
  throw_system_error("open", path, errno);
}

std::uint64_t file_size(const File& file) {
  struct stat status {};
  if (::fstat(file.fd.get(), &status) != 0) throw_system_error("look at", file.path, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

std::size_t read_at(const File& file, char* out, std::size_t size, std::uint64_t offset) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got =
        ::pread(file.fd.get(), out + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_system_error("read", file.path, errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

void write_at(const File& file, std::string_view bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t put =
        ::pwrite(file.fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw_system_error("write", file.path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
}

std::string read_file(const std::string& path) {
  const File file = open_file(path, O_RDONLY);
  std::string bytes(file_size(file), '\0');
  bytes.resize(read_at(file, bytes.data(), bytes.size(), 0));
  // Files of /proc and files that grow tell a size that is too small.
  for (char piece[4096];;) {
    const std::size_t got = read_at(file, piece, sizeof piece, bytes.size());
    if (got == 0) return bytes;
    bytes.append(piece, got);
  }
}

void write_file(const std::string& path, std::string_view bytes, unsigned mode) {
  write_at(open_file(path, O_WRONLY | O_CREAT | O_TRUNC, mode), bytes, 0);
}

void write_file_atomically(const std::string& path, std::string_view bytes, unsigned mode) {
  std::string temporary = path + ".XXXXXX";
  File file{Fd(::mkostemp(temporary.data(), O_CLOEXEC)), temporary};
  if (!file.fd) throw_system_error("create a temporary file for", path, errno);
  try {
    if (::fchmod(file.fd.get(), mode) != 0) throw_system_error("set the mode of", path, errno);
    write_at(file, bytes, 0);
    if (::fsync(file.fd.get()) != 0) throw_system_error("sync", path, errno);
    if (::rename(temporary.c_str(), path.c_str()) != 0) throw_system_error("replace", path, errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_folder(parent_folder(path));
}

void sync_folder(const std::string& path) {
  const File folder = open_file(path, O_RDONLY | O_DIRECTORY);
  if (::fsync(folder.fd.get()) != 0) throw_system_error("sync the folder", path, errno);
}

std::string parent_folder(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::optional<Fd> lock_file(const std::string& path) {
  File file = open_file(path, O_RDWR | O_CREAT, 0600);
  if (::flock(file.fd.get(), LOCK_EX | LOCK_NB) == 0) return std::move(file.fd);
  if (errno == EWOULDBLOCK) return std::nullopt;
  throw_system_error("lock", path, errno);
}

}  // namespace io
