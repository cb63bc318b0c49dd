// What a column holds: types and the cells of a result.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace duck {

enum class Kind {
  kBoolean,
  kTinyint,
  kSmallint,
  kInteger,
  kBigint,
  kHugeint,
  kUtinyint,
  kUsmallint,
  kUinteger,
  kUbigint,
  kUhugeint,
  kFloat,
  kDouble,
  kDecimal,
  kDate,
  kTime,
  kTimestamp,
  kTimestampSeconds,
  kTimestampMillis,
  kTimestampNanos,
  kTimestampTz,
  kInterval,
  kVarchar,
  kBlob,
  kUuid,
  kEnum,
  kList,
  kArray,
  kMap,
  kStruct,
  kNull,   ///< the type of a bare NULL
  kOther,  ///< read it by casting to VARCHAR in SQL
};

/// A DuckDB type, whole.
struct Type {
  Kind kind = Kind::kOther;
  int width = 0;  ///< of a DECIMAL, and the length of an ARRAY
  int scale = 0;
  std::vector<Type> children;      ///< LIST, ARRAY: element; MAP: key, value; STRUCT: fields
  std::vector<std::string> names;  ///< of a STRUCT's fields; of an ENUM's values
  std::string alias = {};          ///< "JSON" of the texts that are
};

/// As SQL writes it: "DECIMAL(10,2)", "STRUCT(a INTEGER, b VARCHAR[])".
std::string to_sql(const Type& type);

/// `name` quoted for SQL: "a""b".
std::string quote_name(std::string_view name);
/// `text` quoted for SQL: 'it''s'.
std::string quote_text(std::string_view text);

/// One vector of a chunk, with its children's.
struct Column {
  const Type* type = nullptr;
  const void* data = nullptr;
  const std::uint64_t* validity = nullptr;  ///< none: every row is valid
  std::vector<Column> children;             ///< MAP: its STRUCT's key and value
};

/// A view of one value; it lives until its Result moves to another chunk.
class Cell {
 public:
  Cell(const Column& column, std::uint64_t row) : column_(&column), row_(row) {}

  const Type& type() const { return *column_->type; }
  bool is_null() const;

  /// The value of a type that holds an integer of at most 64 bits (also DATE: days since 1970,
  /// TIMESTAMPs: their units since 1970). Throws std::logic_error for the others.
  std::int64_t integer() const;
  /// Of any number.
  double real() const;
  /// Of a VARCHAR or a BLOB; lives as long as the cell.
  std::string_view bytes() const;

  /// Elements of a LIST or ARRAY, entries of a MAP, fields of a STRUCT.
  std::uint64_t size() const;
  Cell element(std::uint64_t index) const;  ///< of a LIST or ARRAY
  Cell field(std::size_t index) const;      ///< of a STRUCT
  Cell key(std::uint64_t index) const;      ///< of a MAP
  Cell value(std::uint64_t index) const;    ///< of a MAP

  /// The value as text, in the manner of the engines that data lakes know: 3.0 and 1.0E10 for
  /// reals, 2026-01-02 03:04:05.678 for timestamps, [1, 2] for lists, {a=1, b=2} for maps and
  /// structs. "null" for a NULL inside a nested value, "" for a NULL itself.
  std::string text() const;

 private:
  const Column* column_;
  std::uint64_t row_;
};

/// The shortest text that reads back as `value`, as Java writes it: 3.0, 1.0E10, NaN, -Infinity.
std::string real_text(double value);
std::string real_text(float value);

}  // namespace duck
