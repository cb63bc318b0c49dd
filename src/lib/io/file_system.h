// The calls by which durable things change the disk, as an argument: a test may forget or fail
// them.
#pragma once

#include "lib/io/file.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace io {

/// This class is the real file system; tests derive from it (see lib/io/faults.h). Reading needs no
/// such door and goes through lib/io/file.h. Thread-safe. Every method throws std::system_error.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual File open(const std::string& path, int flags, unsigned mode = 0644);
  virtual void write(const File& file, std::string_view bytes, std::uint64_t offset);
  virtual void truncate(const File& file, std::uint64_t size);
  /// The bytes written are on the disk when it returns; the file's name may not be.
  virtual void sync(const File& file);

  /// Everything that was written to the disk `file` is on, by whomever, is on it when this returns
  /// true: for many files cheaper than one sync each. False when that can't be had or went wrong,
  /// and each file is to be synced.
  virtual bool sync_disk(const File& file);

  /// Hints, of which nothing is promised and nothing fails. The disk may begin to take what was
  /// written, so that the syncs of several files overlap;
  virtual void begin_sync(const File& file, std::uint64_t offset, std::uint64_t size);
  /// and room may be kept for bytes to come, so that a sync finds less to note down. The file's
  /// size stays as it is.
  virtual void reserve(const File& file, std::uint64_t offset, std::uint64_t size);
  /// A third: what is synced of it need not stay in the machine's memory.
  virtual void forget(const File& file, std::uint64_t offset, std::uint64_t size);

  /// Takes the place of what stands at `to`.
  virtual void rename(const std::string& from, const std::string& to);
  /// Gives the file a second name. False where the file system knows no such thing.
  virtual bool link(const std::string& from, const std::string& to);
  /// No error when there is nothing at `path`.
  virtual void unlink(const std::string& path);
  /// Makes the missing folders of the path, from the top.
  virtual void make_folders(const std::string& path);
  /// False when the folder isn't empty or isn't there.
  virtual bool remove_folder(const std::string& path);
  /// The names in the folder are on the disk when it returns.
  virtual void sync_folder(const std::string& path);
};

FileSystem& real_file_system();

/// Makes the missing folders of the path so that they survive a crash: each one's parent is synced.
void make_folders_durably(FileSystem& files, const std::string& path);

}  // namespace io
