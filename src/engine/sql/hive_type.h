// The types that Glue's columns declare: "bigint", "decimal(10,2)",
// "array<struct<name:string,amount:double>>".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::sql {

enum class HiveKind {
  kBoolean,
  kTinyint,
  kSmallint,
  kInt,
  kBigint,
  kFloat,
  kDouble,
  kDecimal,
  kString,
  kBinary,
  kDate,
  kTimestamp,
  kArray,
  kMap,
  kStruct,
};

/// A column's type, whole. varchar(n) and char(n) are kString: lengths are not enforced.
struct HiveType {
  HiveKind kind = HiveKind::kString;
  int precision = 10;  ///< of a decimal
  int scale = 0;
  std::vector<HiveType> children;  ///< array: element; map: key, value; struct: fields
  std::vector<std::string> names;  ///< of a struct's fields, lower case
};

/// A column as Glue declares it.
struct Column {
  std::string name;
  std::string type;
};

/// Nothing when the text isn't a type. Upper case, spaces and Trino's names (varchar, integer,
/// real, varbinary) are understood as well.
std::optional<HiveType> parse_hive_type(std::string_view text);

/// DuckDB's name of it: "STRUCT(\"name\" VARCHAR, \"amount\" DOUBLE)[]".
std::string to_duckdb(const HiveType& type);

/// parse_hive_type() and to_duckdb(); a type that isn't one is read as VARCHAR.
std::string to_duckdb(std::string_view hive_type);

}  // namespace engine::sql
