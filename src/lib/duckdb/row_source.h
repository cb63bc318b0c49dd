// A table whose rows the program makes while a statement reads them: no text, no file between.
#pragma once

#include "lib/duckdb/value.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace duck {

/// What the digits of the longest DECIMAL fit in.
__extension__ typedef __int128 Wide;

/// A column being filled, as DuckDB holds it. Every row up to the last is set or null; what is set
/// twice holds the second. The integer types are set as the C++ type of their width (DATE:
/// std::int32_t days since 1970, TIMESTAMP: std::int64_t microseconds).
class Vector {
 public:
  /// `handle` is a duckdb_vector that outlives this, as does `type`.
  Vector(void* handle, const Type& type);

  void set_null(std::uint64_t row);
  template <class T>
  void set(std::uint64_t row, T value) {
    static_cast<T*>(data_)[row] = value;
    set_valid(row, true);
  }
  /// Of a VARCHAR, which is UTF-8, or a BLOB.
  void set_text(std::uint64_t row, std::string_view text);
  /// The digits of a DECIMAL without its point, in the width its type takes.
  void set_decimal(std::uint64_t row, Wide digits);

  /// A STRUCT; its fields are set by themselves.
  void set_struct(std::uint64_t row) { set_valid(row, true); }
  /// A LIST or a MAP of the elements that were appended behind `first`, which is size() from before.
  void set_list(std::uint64_t row, std::uint64_t first);
  std::uint64_t size() const { return size_; }
  /// A new element of a LIST or MAP: its row in the children.
  std::uint64_t append();

  /// LIST: the elements; MAP: keys, values; STRUCT: the fields.
  Vector& child(std::size_t index) { return children_[index]; }

  /// After the last row: tells DuckDB the sizes of the lists.
  void finish();

 private:
  void set_valid(std::uint64_t row, bool valid) {
    std::uint64_t& word = validity_[row / 64];
    const std::uint64_t bit = std::uint64_t{1} << row % 64;
    word = valid ? word | bit : word & ~bit;
  }
  void find_memory();

  void* handle_;
  const Type* type_;
  void* data_ = nullptr;
  std::uint64_t* validity_ = nullptr;
  std::vector<Vector> children_;
  std::uint64_t size_ = 0, capacity_ = 0;  ///< elements of a LIST or MAP
};

/// Where a table's rows come from.
class RowSource {
 public:
  virtual ~RowSource() = default;
  /// Fills one row of every column, or gives false when there are no more. What it throws ends the
  /// statement with an Error.
  virtual bool next(std::vector<Vector>& columns, std::uint64_t row) = 0;
};

}  // namespace duck
