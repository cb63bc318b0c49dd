// File systems that misbehave as disks do, for tests: one fails a call, one forgets what wasn't
// synced.
#pragma once

#include "lib/io/file_system.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace io {

/// Counts the calls that change the disk, and asks `before_call` whether each may happen.
class WatchedFileSystem : public FileSystem {
 public:
  File open(const std::string& path, int flags, unsigned mode = 0644) override {
    if ((flags & O_CREAT) != 0) before_call("create", path);
    return FileSystem::open(path, flags, mode);
  }
  void write(const File& file, std::string_view bytes, std::uint64_t offset) override {
    try {
      before_call("write", file.path);
    } catch (...) {
      // A full disk takes a part of the bytes.
      FileSystem::write(file, bytes.substr(0, bytes.size() / 2), offset);
      throw;
    }
    FileSystem::write(file, bytes, offset);
  }
  void truncate(const File& file, std::uint64_t size) override {
    before_call("truncate", file.path);
    FileSystem::truncate(file, size);
  }
  void sync(const File& file) override {
    before_call("sync", file.path);
    FileSystem::sync(file);
  }
  /// So that every sync is one that can be watched.
  bool sync_disk(const File&) override { return false; }
  void rename(const std::string& from, const std::string& to) override {
    before_call("rename", to);
    FileSystem::rename(from, to);
  }
  bool link(const std::string& from, const std::string& to) override {
    before_call("link", to);
    return FileSystem::link(from, to);
  }
  void unlink(const std::string& path) override {
    before_call("remove", path);
    FileSystem::unlink(path);
  }
  void make_folders(const std::string& path) override {
    before_call("make the folder", path);
    FileSystem::make_folders(path);
  }
  bool remove_folder(const std::string& path) override {
    before_call("remove the folder", path);
    return FileSystem::remove_folder(path);
  }
  void sync_folder(const std::string& path) override {
    before_call("sync the folder", path);
    FileSystem::sync_folder(path);
  }

 protected:
  virtual void before_call(const char* action, const std::string& path) = 0;
};

/// Fails the n-th call from now, or all from that one on.
class FailingFileSystem final : public WatchedFileSystem {
 public:
  enum class Then { kWorksAgain, kStaysBroken };

  void fail(int nth, Then then = Then::kWorksAgain, int code = ENOSPC) {
    const std::lock_guard lock(mutex_);
    left_ = nth;
    then_ = then;
    code_ = code;
    failed_ = false;
  }
  void work() { fail(0); }
  /// Whether the call to fail has come.
  bool failed() const {
    const std::lock_guard lock(mutex_);
    return failed_;
  }

 private:
  void before_call(const char* action, const std::string& path) override {
    const std::lock_guard lock(mutex_);
    const bool broken = failed_ && then_ == Then::kStaysBroken;
    if (!broken && (left_ == 0 || --left_ > 0)) return;
    failed_ = true;
    throw_system_error(action, path, code_);
  }

  mutable std::mutex mutex_;
  int left_ = 0;
  Then then_ = Then::kWorksAgain;
  int code_ = ENOSPC;
  bool failed_ = false;
};

/// Remembers what a power loss would leave of `root`: the bytes of files at their last sync, the
/// names in folders at theirs. After a failed sync the system believes a file's pages clean: no later
/// sync brings what was written before it.
///
///   files.lose_power();   // every call fails from here on; let the objects under test go
///   files.start_again();  // the folder is now what the disk held
class ForgetfulFileSystem final : public WatchedFileSystem {
 public:
  explicit ForgetfulFileSystem(std::string root) : root_(std::move(root)) { remember_all(); }

  File open(const std::string& path, int flags, unsigned mode = 0644) override {
    File file = WatchedFileSystem::open(path, flags, mode);
    const std::lock_guard lock(mutex_);
    // An open descriptor keeps the inode's number from being given to another file.
    kept_.push_back(open_file("/proc/self/fd/" + std::to_string(file.fd.get()), O_RDONLY).fd);
    return file;
  }
  void write(const File& file, std::string_view bytes, std::uint64_t offset) override {
    {
      const std::lock_guard lock(mutex_);
      written_[inode(file.path, file.fd.get())].push_back({offset, bytes.size()});
    }
    WatchedFileSystem::write(file, bytes, offset);
  }
  void sync(const File& file) override {
    const ino_t number = inode(file.path, file.fd.get());
    try {
      before_call("sync", file.path);  // the real disk need not know
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!off_ && failures_kept_) keep(file, number);
      written_.erase(number);
      throw;
    }
    const std::lock_guard lock(mutex_);
    keep(file, number);
    written_.erase(number);
  }
  void sync_folder(const std::string& path) override {
    before_call("sync the folder", path);
    const std::lock_guard lock(mutex_);
    remember_names(path);
  }

  void lose_power() { off_ = true; }
  /// The n-th call from now, and all after it, find the power lost.
  void lose_power_at(int nth) { left_ = nth; }
  bool has_power() const { return !off_; }
  /// So many calls fail, from the n-th from now on. Of a sync that fails, `kept` tells whether the
  /// bytes are on the disk all the same.
  void fail_at(int nth, int calls = 1, bool kept = false) {
    failing_ = nth;
    failures_ = calls;
    failures_kept_ = kept;
  }

  void start_again() {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : std::filesystem::directory_iterator(root_)) {
      std::filesystem::remove_all(entry.path());
    }
    restore(root_);
    kept_.clear();
    written_.clear();
    bytes_.clear();
    folders_.clear();
    remember_all();
    left_ = failing_ = 0;
    off_ = false;
  }

 private:
  struct Names {
    std::map<std::string, ino_t> files;
    std::vector<std::string> folders;
  };

  /// What was written to the file is on the disk.
  void keep(const File& file, ino_t number) {
    const std::string now = read_file(proc_path(file));
    std::string& kept = bytes_[number];
    kept.resize(now.size());
    for (const auto& [offset, size] : written_[number]) {
      if (offset < now.size()) kept.replace(offset, std::min(size, now.size() - offset), now, offset, size);
    }
  }

  void before_call(const char* action, const std::string& path) override {
    if (left_ > 0 && --left_ == 0) off_ = true;
    if (off_) throw_system_error(action, path, EIO);
    if (failing_ == 0 || --failing_ > 0) return;
    if (--failures_ > 0) failing_ = 1;
    throw_system_error(action, path, EIO);
  }

  static std::string proc_path(const File& file) {
    return "/proc/self/fd/" + std::to_string(file.fd.get());
  }
  static ino_t inode(const std::string& path, int fd = -1) {
    struct stat status {};
    if ((fd < 0 ? ::stat(path.c_str(), &status) : ::fstat(fd, &status)) != 0) {
      throw_system_error("look at", path, errno);
    }
    return status.st_ino;
  }

  void remember_names(const std::string& folder) {
    Names names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string name = entry.path().filename().string();
      if (entry.is_directory()) {
        names.folders.push_back(name);
      } else {
        names.files[name] = inode(entry.path().string());
      }
    }
    folders_[folder] = std::move(names);
  }

  void remember_all() {
    remember_names(root_);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
      const std::string path = entry.path().string();
      if (entry.is_directory()) {
        remember_names(path);
      } else {
        bytes_[inode(path)] = read_file(path);
      }
    }
  }

  void restore(const std::string& folder) {
    const auto names = folders_.find(folder);
    if (names == folders_.end()) return;
    for (const auto& [name, number] : names->second.files) {
      write_file(folder + "/" + name, bytes_[number]);
    }
    for (const auto& name : names->second.folders) {
      std::filesystem::create_directory(folder + "/" + name);
      restore(folder + "/" + name);
    }
  }

  const std::string root_;
  std::mutex mutex_;
  std::atomic<bool> off_ = false;
  std::atomic<int> left_ = 0, failing_ = 0, failures_ = 0;
  std::atomic<bool> failures_kept_ = false;
  std::vector<Fd> kept_;
  std::map<ino_t, std::vector<std::pair<std::size_t, std::size_t>>> written_;  ///< since the last sync
  std::map<ino_t, std::string> bytes_;
  std::map<std::string, Names> folders_;
};

}  // namespace io
