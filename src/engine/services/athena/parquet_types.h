// Whether a Parquet file's column can be read as the type that a table declares, and how.
#pragma once

#include "engine/sql/hive_type.h"
#include "lib/duckdb/value.h"

#include <optional>
#include <string>

namespace engine::athena {

/// SQL that reads `value` (SQL, too), of the file's type, as the declared one; nothing when Athena
/// says that the two are incompatible. Integers and reals widen and never narrow (but for the
/// widths that Parquet stores alike, whose values are checked), decimals gain digits, the fields of
/// a struct are found by their names.
std::optional<std::string> parquet_conversion(const std::string& value, const duck::Type& file,
                                              const sql::HiveType& declared);

}  // namespace engine::athena
