// The data folder: one engine at a time, of one version.
#pragma once

#include "lib/io/file.h"

#include <string>

namespace engine {

/// A folder within the data folder that isn't the engine's: `beer run` keeps engines of its own there,
/// each with a data folder below.
inline constexpr const char* kRunsFolder = "runs";

/// Holds the folder's lock while it lives.
class DataFolder {
 public:
  /// Makes the folder when it is missing. Throws std::runtime_error with a sentence when another engine
  /// has it, or when its version isn't ours.
  explicit DataFolder(const std::string& path);

  const std::string& path() const { return path_; }  ///< absolute

  void write_endpoint(const std::string& url) const;

  /// Removes everything but the credentials, the lock, the version and the runs.
  void clear() const;

 private:
  std::string path_;
  io::Fd lock_;
};

}  // namespace engine
