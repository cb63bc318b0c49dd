// The catalog as it was at one moment, while others go on committing.
#pragma once

#include "engine/storage/catalog.h"

#include <functional>
#include <memory>
#include <string>

namespace engine::storage {

/// A connection of its own to the catalog of a folder. One thread at a time. Throws StorageError.
class Snapshot {
 public:
  /// Of everything whose commit has returned. Keep it for minutes, not for hours: what is committed meanwhile
  /// stays in the write-ahead log.
  explicit Snapshot(const std::string& directory);
  ~Snapshot();

  /// Calls `use` with each row of a table, in key order.
  void each(std::string_view table, const std::function<void(std::string_view key, std::string_view value)>& use);

  /// Writes the whole of it to a new database, and syncs that.
  void copy_to(const std::string& path);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::storage
