// Bodies as files: the lake is a folder. An object is a plain file that pandas or DuckDB can open.
// Format: docs/formats/objects.md.
#pragma once

#include "engine/storage/catalog.h"
#include "lib/http/message.h"
#include "lib/io/file_system.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace engine::storage {

class Scratch;

/// A body that is durable on disk under a temporary name, and belongs to no object yet. When it
/// goes without having been committed, its file goes too.
class StagedBody {
 public:
  StagedBody(StagedBody&&) noexcept;
  StagedBody& operator=(StagedBody&&) noexcept;
  ~StagedBody();
  std::uint64_t size() const { return size_; }

 private:
  friend class ObjectStore;
  StagedBody(std::shared_ptr<Scratch> scratch, std::string id, std::uint64_t size);
  std::shared_ptr<Scratch> scratch_;
  std::string id_;
  std::uint64_t size_ = 0;
};

/// Files of objects below `<root>/<bucket>/`. Which objects exist is the catalog's word, not the
/// folder's: a body becomes an object's in the same catalog transaction that names it, and the file
/// is brought to its final name right after (again at opening, if a crash came between).
///
/// Keys a file name can't hold ("..", empty segments, a key that is another key's folder, long
/// names) are escaped reversibly. Thread-safe.
class ObjectStore {
 public:
  /// `root` holds the buckets, `scratch` (same file system) bodies that are not objects yet.
  /// Finishes or undoes what a crash left, and empties `scratch`. Throws StorageError.
  ObjectStore(Catalog& catalog, std::string root, std::string scratch,
              io::FileSystem& files = io::real_file_system());
  ~ObjectStore();

  /// Writes and syncs the body under a temporary name; a spooled body's file is adopted, not
  /// copied. Throws StorageError (code ENOSPC: the disk is full), and leaves nothing then.
  StagedBody stage(http::Body body);

  /// An object's body in a batch to come: `location` is what the service stores in the object's row
  /// and later hands to open() and remove().
  struct Placement {
    std::string location;
    Batch batch;  ///< the store's own rows; append it to the service's and commit both together
  };

  /// Prepares the body to become that object's. `replaces` is the location of the version it takes
  /// the place of, "" for none: its file goes after the commit. Don't remove() that one, too.
  Placement place(const StagedBody& staged, std::string_view bucket, std::string_view key,
                  std::string_view replaces = {});

  /// Commits `batch` (with what placements and removals put in it), then brings the files of the
  /// placements to their final names and unlinks the removed ones. `staged` are all the bodies
  /// placed in the batch. Throws StorageError when the catalog refuses; nothing has changed then.
  void commit(Batch batch, std::vector<StagedBody> staged);

  /// A span of the object's bytes. It stays readable while the body lives, even if the object is
  /// overwritten or removed meanwhile. Throws StorageError: code ESTALE when the object was
  /// overwritten or removed since the location was read from its row (read the row again), ENOENT
  /// when the file is missing, 0 when it is too short.
  http::Body open(std::string_view location, std::uint64_t offset, std::uint64_t size) const;

  /// Adds the removal of a body to `batch`; its file is unlinked by commit().
  void remove(std::string_view location, Batch& batch);

  /// Calls `use` while no file below the root gets another name or goes. Commits made meanwhile wait for
  /// its end: it is to be short.
  void hold(const std::function<void()>& use) const;

  /// The path of the object's file, for readers such as DuckDB: nearly always its final name.
  std::string path(std::string_view location) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::storage
