// The real file system.
#include "lib/io/file_system.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace io {

File FileSystem::open(const std::string& path, int flags, unsigned mode) {
  return open_file(path, flags, mode);
}

void FileSystem::write(const File& file, std::string_view bytes, std::uint64_t offset) {
  write_at(file, bytes, offset);
}

void FileSystem::truncate(const File& file, std::uint64_t size) {
  if (::ftruncate(file.fd.get(), static_cast<off_t>(size)) != 0) {
    throw_system_error("truncate", file.path, errno);
  }
}

void FileSystem::sync(const File& file) {
  if (::fdatasync(file.fd.get()) != 0) throw_system_error("sync", file.path, errno);
}

bool FileSystem::sync_disk(const File& file) {
  // Elsewhere (FUSE, network file systems, overlays) syncfs may return before the bytes are where
  // they survive.
  constexpr unsigned kExt = 0xef53, kXfs = 0x58465342, kBtrfs = 0x9123683e, kF2fs = 0xf2f52010,
                     kTmpfs = 0x01021994;
  struct statfs status {};
  if (::fstatfs(file.fd.get(), &status) != 0) return false;
  const auto type = static_cast<unsigned>(status.f_type);
  if (type != kExt && type != kXfs && type != kBtrfs && type != kF2fs && type != kTmpfs)
    return false;
  return ::syncfs(file.fd.get()) == 0;
}

void FileSystem::begin_sync(const File& file, std::uint64_t offset, std::uint64_t size) {
  (void)::sync_file_range(file.fd.get(), static_cast<off_t>(offset), static_cast<off_t>(size),
                          SYNC_FILE_RANGE_WRITE);
}

void FileSystem::reserve(const File& file, std::uint64_t offset, std::uint64_t size) {
  (void)::fallocate(file.fd.get(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                    static_cast<off_t>(size));
}

void FileSystem::forget(const File& file, std::uint64_t offset, std::uint64_t size) {
  (void)::posix_fadvise(file.fd.get(), static_cast<off_t>(offset), static_cast<off_t>(size),
                        POSIX_FADV_DONTNEED);
}

void FileSystem::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) {
    const int code = errno;
    throw_system_error("rename " + from + " to", to, code);
  }
}

bool FileSystem::link(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) == 0) return true;
  const int code = errno;
  if (code == EPERM || code == EOPNOTSUPP || code == EMLINK) return false;
  throw_system_error("link " + from + " to", to, code);
}

void FileSystem::unlink(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) {
    throw_system_error("remove", path, errno);
  }
}

void FileSystem::make_folders(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0) return;
  const int code = errno;
  if (code == ENOENT && path.find('/', 1) != std::string::npos) {
    make_folders(parent_folder(path));
    if (::mkdir(path.c_str(), 0755) == 0) return;
  }
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return;
  throw_system_error("make the folder", path, code == EEXIST ? ENOTDIR : code);
}

bool FileSystem::remove_folder(const std::string& path) {
  if (::rmdir(path.c_str()) == 0) return true;
  if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOENT || errno == ENOTDIR) return false;
  throw_system_error("remove the folder", path, errno);
}

void FileSystem::sync_folder(const std::string& path) { io::sync_folder(path); }

void make_folders_durably(FileSystem& files, const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return;
  const std::string parent = parent_folder(path);
  if (parent != path) make_folders_durably(files, parent);
  files.make_folders(path);
  files.sync_folder(parent);
}

FileSystem& real_file_system() {
  static FileSystem instance;
  return instance;
}

}  // namespace io
