// Copies of files and folders.
#include "lib/io/copy.h"

#include "lib/io/file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace io {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kPiece = 1 << 20;

unsigned mode_of(const File& file) {
  struct stat status {};
  if (::fstat(file.fd.get(), &status) != 0) throw_system_error("look at", file.path, errno);
  return status.st_mode & 0777;
}

void sync(const File& file) {
  if (::fdatasync(file.fd.get()) != 0) throw_system_error("sync", file.path, errno);
}

}  // namespace

std::uint64_t copy_file(const std::string& from, const std::string& to,
                        const std::function<void(std::string_view)>& see) {
  const File source = open_file(from, O_RDONLY);
  const File target = open_file(to, O_WRONLY | O_CREAT | O_EXCL, mode_of(source));
  const std::uint64_t size = file_size(source);
  // What the clone took is what is read: the source may have grown.
  const bool cloned = ::ioctl(target.fd.get(), FICLONE, source.fd.get()) == 0;
  if (cloned && ::ftruncate(target.fd.get(), static_cast<off_t>(size)) != 0) throw_system_error("cut", to, errno);
  std::string piece(std::min<std::uint64_t>(size, kPiece), '\0');
  std::uint64_t at = 0;
  while (at < size && (see || !cloned)) {
    const std::size_t got = read_at(source, piece.data(), std::min<std::uint64_t>(piece.size(), size - at), at);
    if (got == 0) break;  // it was cut meanwhile
    const std::string_view bytes(piece.data(), got);
    if (!cloned) write_at(target, bytes, at);
    if (see) see(bytes);
    at += got;
  }
  sync(target);
  return see || !cloned ? at : size;
}

void copy_tree(const std::string& from, const std::string& to) {
  const auto status = fs::symlink_status(from);
  if (fs::is_symlink(status)) {
    fs::copy_symlink(from, to);
  } else if (fs::is_directory(status)) {
    fs::create_directory(to, from);
    for (const auto& entry : fs::directory_iterator(from)) {
      copy_tree(entry.path().string(), to + "/" + entry.path().filename().string());
    }
    sync_folder(to);
  } else if (fs::is_regular_file(status)) {
    copy_file(from, to);
  }
}

void sync_tree(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory() && !entry.is_symlink()) sync_tree(entry.path().string());
  }
  sync_folder(folder);
}

}  // namespace io
