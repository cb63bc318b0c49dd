// A table of the catalog that holds one generated shape: rows in, rows out, changes under one lock.
#pragma once

#include "engine/protocol/json.h"
#include "engine/storage/catalog.h"

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::sagemaker {

/// What two shapes have in common, carried from one to the other: a request becomes what Describe
/// gives.
template <class To, class From>
To converted(const From& from) {
  return from_json<To>(to_json(from));
}

/// Thread-safe.
template <class T>
class Table {
 public:
  Table(storage::Catalog& catalog, std::string name) : catalog_(catalog), name_(std::move(name)) {}

  std::optional<T> find(std::string_view key) const {
    const auto row = catalog_.get(name_, key);
    return row ? std::optional(from_json<T>(*row)) : std::nullopt;
  }
  bool has(std::string_view key) const { return catalog_.get(name_, key).has_value(); }
  std::vector<T> all(std::string_view prefix = {}) const {
    std::vector<T> found;
    for (const auto& row : catalog_.scan(name_, prefix)) found.push_back(from_json<T>(row.value));
    return found;
  }

  /// False when the row exists already; nothing is changed then, `with` neither.
  bool insert(std::string_view key, const T& value, storage::Batch with = {}) {
    std::lock_guard lock(mutex_);
    if (has(key)) return false;
    with.put(name_, key, to_json(value));
    catalog_.commit(std::move(with));
    return true;
  }
  void put(std::string_view key, const T& value) {
    std::lock_guard lock(mutex_);
    storage::Batch batch;
    batch.put(name_, key, to_json(value));
    catalog_.commit(std::move(batch));
  }
  /// False when there was none.
  bool remove(std::string_view key, storage::Batch with = {}) {
    std::lock_guard lock(mutex_);
    if (!has(key)) return false;
    with.remove(name_, key);
    catalog_.commit(std::move(with));
    return true;
  }

  /// Reads, lets `edit(T&)` change, and writes: the new row, or nothing when there is none.
  template <class Edit>
  std::optional<T> change(std::string_view key, Edit&& edit) {
    return change(key, std::forward<Edit>(edit),
                  [this](storage::Batch batch) { catalog_.commit(std::move(batch)); });
  }
  /// The same, committed by `commit(Batch)`: together with what else belongs to it.
  template <class Edit, class Commit>
  std::optional<T> change(std::string_view key, Edit&& edit, Commit&& commit) {
    std::lock_guard lock(mutex_);
    auto value = find(key);
    if (!value) return std::nullopt;
    edit(*value);
    storage::Batch batch;
    batch.put(name_, key, to_json(*value));
    commit(std::move(batch));
    return value;
  }

  const std::string& name() const { return name_; }

 private:
  storage::Catalog& catalog_;
  std::string name_;
  std::mutex mutex_;
};

}  // namespace engine::sagemaker
