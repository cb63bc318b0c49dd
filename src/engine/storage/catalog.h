// The metadata of every service: ordered tables of key and value, with atomic batches, in SQLite.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::storage {

/// Changes that become durable together or not at all. Plain data; build it, then commit it.
///
///   Batch batch;
///   batch.put("s3/objects", key, row);
///   batch.put("firehose/cursors", cursor_key, position);
///   catalog.commit(std::move(batch));
class Batch {
 public:
  struct Change {
    std::string table, key;
    std::optional<std::string> value;  ///< nothing: remove the row
  };

  void put(std::string_view table, std::string_view key, std::string_view value) {
    changes_.push_back({std::string(table), std::string(key), std::string(value)});
  }
  void remove(std::string_view table, std::string_view key) {
    changes_.push_back({std::string(table), std::string(key), std::nullopt});
  }
  /// Adds the changes of `other` behind these.
  void append(Batch other) {
    for (Change& change : other.changes_) changes_.push_back(std::move(change));
  }
  bool empty() const { return changes_.empty(); }
  const std::vector<Change>& changes() const { return changes_; }

 private:
  std::vector<Change> changes_;
};

/// Ordered tables over bytes. A table's name is "<service>/<what>" and it exists by being used;
/// keys compare as bytes. Values are the services' own (usually JSON).
///
/// All methods are thread-safe. Reads see every commit that has returned. Commits of several
/// threads share one SQLite transaction and one sync (a leader commits for all who wait), and each
/// batch in it is atomic. Services keep their read-modify-write under a lock of their own: nobody
/// else writes their tables.
class Catalog {
 public:
  struct Row {
    std::string key, value;
  };

  /// Opens or creates `<directory>/catalog.sqlite` (WAL, synchronous=FULL). Throws StorageError.
  explicit Catalog(const std::string& directory);
  ~Catalog();

  /// Durable when it returns. Throws StorageError when the disk refuses; nothing has changed then.
  void commit(Batch batch);

  std::optional<std::string> get(std::string_view table, std::string_view key) const;

  /// Rows of which the key starts with `prefix` and is greater than `after`, in key order, at most
  /// `limit`.
  std::vector<Row> scan(std::string_view table, std::string_view prefix = {},
                        std::string_view after = {}, std::size_t limit = SIZE_MAX) const;

  /// The first row of which the key is at least `from`, among those starting with `prefix`.
  std::optional<Row> seek(std::string_view table, std::string_view prefix,
                          std::string_view from) const;

  std::uint64_t count(std::string_view table, std::string_view prefix = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace engine::storage
