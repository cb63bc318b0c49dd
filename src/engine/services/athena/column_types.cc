// Hive's, Trino's and DuckDB's names of the same types.
#include "engine/services/athena/column_types.h"

#include "lib/base/encoding.h"

#include <fmt/format.h>

#include <vector>

namespace engine::athena {
namespace {

using duck::Kind;

// Of the kinds that have one name in both; Hive's first.
struct PlainName {
  std::string_view hive, trino;
};

std::optional<PlainName> plain_name(Kind kind) {
  switch (kind) {
    case Kind::kBoolean:
      return PlainName{"boolean", "boolean"};
    case Kind::kTinyint:
      return PlainName{"tinyint", "tinyint"};
    case Kind::kSmallint:
    case Kind::kUtinyint:
      return PlainName{"smallint", "smallint"};
    case Kind::kInteger:
    case Kind::kUsmallint:
    case Kind::kNull:
      return PlainName{"int", "integer"};
    case Kind::kBigint:
    case Kind::kUinteger:
    case Kind::kUbigint:
    case Kind::kHugeint:
    case Kind::kUhugeint:
      return PlainName{"bigint", "bigint"};
    case Kind::kFloat:
      return PlainName{"float", "real"};
    case Kind::kDouble:
      return PlainName{"double", "double"};
    case Kind::kDate:
      return PlainName{"date", "date"};
    case Kind::kTimestamp:
    case Kind::kTimestampSeconds:
    case Kind::kTimestampMillis:
    case Kind::kTimestampNanos:
      return PlainName{"timestamp", "timestamp(3)"};
    case Kind::kVarchar:
    case Kind::kUuid:
    case Kind::kEnum:
    case Kind::kOther:
      return PlainName{"string", "varchar"};
    case Kind::kBlob:
      return PlainName{"binary", "varbinary"};
    default:
      return std::nullopt;
  }
}

// The parts of "a bigint, b row(c varchar, d date)" between its outermost commas.
std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> parts;
  int depth = 0;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '(') ++depth;
    if (i < text.size() && text[i] == ')') --depth;
    if (i < text.size() && (text[i] != ',' || depth > 0)) continue;
    parts.emplace_back(base::trim(text.substr(start, i - start)));
    start = i + 1;
  }
  return parts;
}

// A row's field: a name, maybe in quotes, and its type.
std::optional<std::string> row_field(const std::string& field) {
  const bool quoted = field.size() > 1 && field[0] == '"';
  const std::size_t end = quoted ? field.find('"', 1) : field.find(' ');
  if (end == std::string::npos) return std::nullopt;
  const auto type = trino_to_duckdb(base::trim(std::string_view(field).substr(end + 1)));
  if (!type) return std::nullopt;
  return duck::quote_name(quoted ? field.substr(1, end - 1) : field.substr(0, end)) + ' ' + *type;
}

int number_rank(Kind kind) {
  switch (kind) {
    case Kind::kTinyint:
      return 1;
    case Kind::kSmallint:
    case Kind::kUtinyint:
      return 2;
    case Kind::kInteger:
    case Kind::kUsmallint:
      return 3;
    case Kind::kBigint:
    case Kind::kUinteger:
    case Kind::kUbigint:
    case Kind::kHugeint:
    case Kind::kUhugeint:
      return 4;
    case Kind::kDecimal:
      return 5;
    case Kind::kFloat:
      return 6;
    case Kind::kDouble:
      return 7;
    default:
      return 0;
  }
}

}  // namespace

std::optional<std::string> hive_type(const duck::Type& type) {
  if (const auto plain = plain_name(type.kind)) return std::string(plain->hive);
  std::vector<std::string> children;
  for (const duck::Type& child : type.children) {
    auto name = hive_type(child);
    if (!name) return std::nullopt;
    children.push_back(std::move(*name));
  }
  switch (type.kind) {
    case Kind::kDecimal:
      return fmt::format("decimal({},{})", type.width, type.scale);
    case Kind::kList:
    case Kind::kArray:
      return fmt::format("array<{}>", children[0]);
    case Kind::kMap:
      return fmt::format("map<{},{}>", children[0], children[1]);
    case Kind::kStruct: {
      std::string fields;
      for (std::size_t i = 0; i < children.size(); ++i) {
        const std::string name = type.names[i].empty() ? fmt::format("field{}", i) : type.names[i];
        fields += fmt::format("{}{}:{}", i ? "," : "", base::to_lower(name), children[i]);
      }
      return fmt::format("struct<{}>", fields);
    }
    default:
      return std::nullopt;
  }
}

std::string trino_type(const duck::Type& type) {
  if (const auto plain = plain_name(type.kind)) return std::string(plain->trino);
  switch (type.kind) {
    case Kind::kTime:
      return "time(3)";
    case Kind::kTimestampTz:
      return "timestamp(3) with time zone";
    case Kind::kInterval:
      return "interval day to second";
    case Kind::kDecimal:
      return fmt::format("decimal({},{})", type.width, type.scale);
    case Kind::kList:
    case Kind::kArray:
      return fmt::format("array({})", trino_type(type.children[0]));
    case Kind::kMap:
      return fmt::format("map({}, {})", trino_type(type.children[0]), trino_type(type.children[1]));
    case Kind::kStruct: {
      std::string fields;
      for (std::size_t i = 0; i < type.children.size(); ++i) {
        const std::string name = type.names[i].empty() ? fmt::format("field{}", i) : type.names[i];
        fields += fmt::format("{}\"{}\" {}", i ? ", " : "", name, trino_type(type.children[i]));
      }
      return fmt::format("row({})", fields);
    }
    default:
      return "varchar";
  }
}

std::string trino_name(const sql::HiveType& type) {
  using sql::HiveKind;
  switch (type.kind) {
    case HiveKind::kBoolean:
      return "boolean";
    case HiveKind::kTinyint:
      return "tinyint";
    case HiveKind::kSmallint:
      return "smallint";
    case HiveKind::kInt:
      return "integer";
    case HiveKind::kBigint:
      return "bigint";
    case HiveKind::kFloat:
      return "real";
    case HiveKind::kDouble:
      return "double";
    case HiveKind::kDecimal:
      return fmt::format("decimal({},{})", type.precision, type.scale);
    case HiveKind::kString:
      return "varchar";
    case HiveKind::kBinary:
      return "varbinary";
    case HiveKind::kDate:
      return "date";
    case HiveKind::kTimestamp:
      return "timestamp(3)";
    case HiveKind::kArray:
      return fmt::format("array({})", trino_name(type.children[0]));
    case HiveKind::kMap:
      return fmt::format("map({}, {})", trino_name(type.children[0]), trino_name(type.children[1]));
    case HiveKind::kStruct: {
      std::string fields;
      for (std::size_t i = 0; i < type.children.size(); ++i) {
        fields += fmt::format("{}{} {}", i ? ", " : "", type.names[i], trino_name(type.children[i]));
      }
      return fmt::format("row({})", fields);
    }
  }
  return "varchar";
}

std::optional<std::string> trino_to_duckdb(std::string_view type) {
  const std::string text = base::to_lower(base::trim(type));
  const std::size_t open = text.find('(');
  const std::string head(base::trim(std::string_view(text).substr(0, open)));
  const bool zoned = text.ends_with("with time zone");
  if (head == "timestamp" || head.starts_with("timestamp ")) {
    return zoned ? "TIMESTAMPTZ" : "TIMESTAMP";
  }
  if (head == "time") return "TIME";
  if (head == "json") return "VARCHAR";
  if (head.starts_with("interval")) return "INTERVAL";
  const bool nested = head == "array" || head == "map" || head == "row";
  if (!nested || open == std::string::npos || text.back() != ')') {
    if (const auto parsed = sql::parse_hive_type(text)) return sql::to_duckdb(*parsed);
    return std::nullopt;
  }
  const auto parts = parts_of(std::string_view(text).substr(open + 1, text.size() - open - 2));
  std::string inner;
  for (const std::string& part : parts) {
    const auto child = head == "row" ? row_field(part) : trino_to_duckdb(part);
    if (!child) return std::nullopt;
    inner += (inner.empty() ? "" : ", ") + *child;
  }
  if (head == "array") return inner + "[]";
  return fmt::format("{}({})", head == "map" ? "MAP" : "STRUCT", inner);
}

bool is_coercible(const duck::Type& from, const duck::Type& to) {
  if (from.kind == Kind::kNull) return true;
  const int low = number_rank(from.kind), high = number_rank(to.kind);
  if (low > 0 && high > 0) return low <= high;
  const auto a = plain_name(from.kind), b = plain_name(to.kind);
  if (from.kind == Kind::kDate && b && b->hive == "timestamp") return true;
  if (a && b) return a->hive == b->hive;
  if (a || b || from.children.size() != to.children.size()) return false;
  const auto family = [](Kind kind) { return kind == Kind::kArray ? Kind::kList : kind; };
  if (family(from.kind) != family(to.kind)) return false;
  for (std::size_t i = 0; i < from.children.size(); ++i) {
    if (!is_coercible(from.children[i], to.children[i])) return false;
  }
  return true;
}

}  // namespace engine::athena
