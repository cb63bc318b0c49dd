// Verified: Athena's guide to schema updates tells which changes of a column's type Parquet bears.
#include "engine/services/athena/parquet_types.h"

#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <algorithm>

namespace engine::athena {
namespace {

using duck::Kind;
using sql::HiveKind;

bool is_one_of(Kind kind, std::initializer_list<Kind> kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

// Stored as INT32, whatever their width.
bool is_short(Kind kind) {
  return is_one_of(kind, {Kind::kTinyint, Kind::kSmallint, Kind::kInteger, Kind::kUtinyint,
                          Kind::kUsmallint});
}

bool fits(const duck::Type& file, const sql::HiveType& declared) {
  switch (declared.kind) {
    case HiveKind::kBoolean:
      return file.kind == Kind::kBoolean;
    case HiveKind::kTinyint:
    case HiveKind::kSmallint:
    case HiveKind::kInt:
      return is_short(file.kind);
    case HiveKind::kBigint:
      return is_short(file.kind) || is_one_of(file.kind, {Kind::kBigint, Kind::kUinteger});
    case HiveKind::kFloat:
      return file.kind == Kind::kFloat;
    case HiveKind::kDouble:
      return is_one_of(file.kind, {Kind::kFloat, Kind::kDouble});
    case HiveKind::kDecimal:
      if (file.kind == Kind::kDecimal) return file.scale <= declared.scale;
      return is_short(file.kind) || file.kind == Kind::kBigint;
    case HiveKind::kString:
      return is_one_of(file.kind, {Kind::kVarchar, Kind::kBlob, Kind::kEnum});
    case HiveKind::kBinary:
      return is_one_of(file.kind, {Kind::kVarchar, Kind::kBlob});
    case HiveKind::kDate:
      return file.kind == Kind::kDate;
    case HiveKind::kTimestamp:
      return is_one_of(file.kind, {Kind::kTimestamp, Kind::kTimestampSeconds,
                                   Kind::kTimestampMillis, Kind::kTimestampNanos,
                                   Kind::kTimestampTz});
    default:
      return false;
  }
}

std::string plain(const std::string& value, const duck::Type& file,
                  const sql::HiveType& declared) {
  // Bytes without the word that they are text, and the reverse.
  if (declared.kind == HiveKind::kString && file.kind == Kind::kBlob)
    return fmt::format("decode({})", value);
  if (declared.kind == HiveKind::kBinary && file.kind == Kind::kVarchar)
    return fmt::format("encode({})", value);
  return fmt::format("CAST({} AS {})", value, sql::to_duckdb(declared));
}

std::optional<std::string> structure(const std::string& value, const duck::Type& file,
                                     const sql::HiveType& declared) {
  std::string fields;
  for (std::size_t i = 0; i < declared.children.size(); ++i) {
    const auto known =
        std::find_if(file.names.begin(), file.names.end(), [&](const std::string& name) {
          return base::iequals(name, declared.names[i]);
        });
    std::optional<std::string> field =
        fmt::format("CAST(NULL AS {})", sql::to_duckdb(declared.children[i]));
    if (known != file.names.end()) {
      field = parquet_conversion(fmt::format("({}).{}", value, duck::quote_name(*known)),
                                 file.children[static_cast<std::size_t>(known - file.names.begin())],
                                 declared.children[i]);
    }
    if (!field) return std::nullopt;
    fields += fmt::format("{}{} := {}", i ? ", " : "", duck::quote_name(declared.names[i]), *field);
  }
  return fmt::format("CASE WHEN {} IS NOT NULL THEN struct_pack({}) END", value, fields);
}

// Elements of elements need names that differ.
std::string element_name(const std::string& value) {
  return fmt::format("element_{}", value.size());
}

}  // namespace

std::optional<std::string> parquet_conversion(const std::string& value, const duck::Type& file,
                                              const sql::HiveType& declared) {
  const bool same = file.alias.empty() && duck::to_sql(file) == sql::to_duckdb(declared);
  if (same) return value;
  const std::string name = element_name(value);
  if (declared.kind == HiveKind::kStruct) {
    if (file.kind != Kind::kStruct) return std::nullopt;
    return structure(value, file, declared);
  }
  if (declared.kind == HiveKind::kArray) {
    if (file.kind != Kind::kList) return std::nullopt;
    const auto element = parquet_conversion(name, file.children[0], declared.children[0]);
    if (!element) return std::nullopt;
    return fmt::format("list_transform({}, lambda {}: {})", value, name, *element);
  }
  if (declared.kind == HiveKind::kMap) {
    if (file.kind != Kind::kMap) return std::nullopt;
    const auto key = parquet_conversion(name + ".key", file.children[0], declared.children[0]);
    const auto mapped = parquet_conversion(name + ".value", file.children[1], declared.children[1]);
    if (!key || !mapped) return std::nullopt;
    return fmt::format(
        "map_from_entries(list_transform(map_entries({0}), lambda {1}: struct_pack(k := {2}, v := "
        "{3})))",
        value, name, *key, *mapped);
  }
  if (!fits(file, declared)) return std::nullopt;
  return plain(value, file, declared);
}

}  // namespace engine::athena
