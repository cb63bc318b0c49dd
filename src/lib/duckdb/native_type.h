// Our types as DuckDB's handles and back: between the sources of this folder only.
#pragma once

#include "lib/duckdb/library.h"
#include "lib/duckdb/value.h"

#include <utility>

namespace duck {

/// Owns a duckdb_logical_type.
struct LogicalType {
  explicit LogicalType(duckdb_logical_type type) : handle(type) {}
  LogicalType(LogicalType&& other) noexcept : handle(std::exchange(other.handle, nullptr)) {}
  LogicalType(const LogicalType&) = delete;
  LogicalType& operator=(const LogicalType&) = delete;
  LogicalType& operator=(LogicalType&&) = delete;
  ~LogicalType() {
    if (handle != nullptr) library().duckdb_destroy_logical_type(&handle);
  }
  duckdb_logical_type handle;
};

/// Throws std::logic_error for a type of which no values can be made.
LogicalType logical_type(const Type& type);

Type read_type(duckdb_logical_type handle);

/// A vector as a column of that type, which outlives it.
Column read_column(const Type& type, duckdb_vector vector);

}  // namespace duck
