// Types of results in the words of Hive (Glue's columns) and of Trino (a view's columns).
#pragma once

#include "engine/sql/hive_type.h"
#include "lib/duckdb/value.h"

#include <optional>
#include <string>
#include <string_view>

namespace engine::athena {

/// "array<struct<name:string>>"; nothing for a type that Hive's tables can't hold (a time, an
/// interval, a timestamp with time zone).
std::optional<std::string> hive_type(const duck::Type& type);

/// "array(row(name varchar))".
std::string trino_type(const duck::Type& type);

/// The same of a type that Glue declares.
std::string trino_name(const sql::HiveType& type);

/// DuckDB's name of a type that trino_type() or another engine of that dialect wrote; nothing when it
/// isn't understood.
std::optional<std::string> trino_to_duckdb(std::string_view type);

/// Whether an INSERT may put values of one type into a column of the other without a cast: the same
/// type, a wider number, a timestamp for a date.
bool is_coercible(const duck::Type& from, const duck::Type& to);

}  // namespace engine::athena
