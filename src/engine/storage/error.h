// What goes wrong below the services: a file, and the operating system's word for it.
#pragma once

#include <stdexcept>
#include <string>

namespace engine::storage {

/// A file could not be written, read or trusted. Knows no AWS codes.
class StorageError : public std::runtime_error {
 public:
  /// `code` is an errno, 0 when the bytes themselves are wrong.
  StorageError(std::string path, int code, const std::string& what);
  const std::string& path() const { return path_; }
  int code() const { return code_; }

 private:
  std::string path_;
  int code_;
};

}  // namespace engine::storage
