// A folder that goes with the object: for tests, and for work that leaves nothing behind.
#pragma once

#include "lib/io/file.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <string>

namespace io {

/// A folder of its own with a random name, removed with all in it when this goes.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(
      const std::string& parent = std::filesystem::temp_directory_path().string())
      : path_(parent + "/beer-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) throw_system_error("make the folder", path_, errno);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace io
