// Bodies that have no final name yet: their files, and which paths they are going to take.
#pragma once

#include "lib/base/ids.h"
#include "lib/http/message.h"
#include "lib/io/file_system.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace engine::storage {

/// The scratch folder. A body is known by the random id that is its file's name. "Reserved" is a
/// path below the buckets' root that a placed body will take: from place() until it is settled or
/// dropped. Thread-safe.
class Scratch {
 public:
  Scratch(io::FileSystem& files, std::string folder) : files_(files), folder_(std::move(folder)) {}

  /// Writes and syncs the body; its id. Throws std::system_error, and leaves no file then.
  std::string take(http::Body body);
  std::string new_id() { return ids_.hex(24); }
  std::string path(std::string_view id) const { return folder_ + "/" + std::string(id); }

  void reserve(const std::string& id, const std::string& path);
  /// The body needs no reservation any more: it is settled or given up.
  void release(const std::string& id);
  bool is_reserved(const std::string& id) const;
  bool is_reserved_file(const std::string& path) const;
  bool is_reserved_folder(const std::string& path) const;

  /// Removes the body's file and reservation; for a body that becomes no object. Doesn't throw.
  void drop(const std::string& id) noexcept;
  /// Removes every file.
  void clear();

 private:
  void write(const http::Body& body, const std::string& path);
  void adopt(const std::string& from, const std::string& path);

  io::FileSystem& files_;
  const std::string folder_;
  base::Ids ids_;
  mutable std::mutex mutex_;                       // guards what follows
  std::map<std::string, std::string> reserved_;    // id -> path
  std::map<std::string, int, std::less<>> paths_;  // path -> how many ids
};

}  // namespace engine::storage
