// What goes wrong below the services: a file, and the operating system's word for it.
#pragma once

#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace engine::storage {

/// A file could not be written, read or trusted. Knows no AWS codes.
class StorageError : public std::runtime_error {
 public:
  /// `code` is an errno, 0 when the bytes themselves are wrong. `sentence` names the path, too.
  StorageError(std::string path, int code, const std::string& sentence)
      : std::runtime_error(sentence), path_(std::move(path)), code_(code) {}
  /// What lib/io threw while working on `path`.
  StorageError(std::string path, const std::system_error& cause)
      : StorageError(std::move(path), cause.code().value(), cause.what()) {}
  const std::string& path() const { return path_; }
  int code() const { return code_; }

 private:
  std::string path_;
  int code_;
};

}  // namespace engine::storage
