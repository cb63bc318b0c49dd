// Types and cells over DuckDB's vectors.
#include "lib/duckdb/value.h"

#include "lib/duckdb/library.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>
#include <stdexcept>

namespace duck {
namespace {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

template <class T>
const T& at(const void* data, std::uint64_t row) {
  return static_cast<const T*>(data)[row];
}

std::string unsigned_text(Uint128 value) {
  std::string digits;
  do digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
  while ((value /= 10) != 0);
  return digits;
}

std::string signed_text(Int128 value) {
  return value < 0 ? "-" + unsigned_text(-static_cast<Uint128>(value)) : unsigned_text(value);
}

Int128 hugeint(const duckdb_hugeint& value) {
  return static_cast<Int128>((static_cast<Uint128>(static_cast<std::uint64_t>(value.upper)) << 64) |
                             value.lower);
}

std::string decimal_text(Int128 value, int scale) {
  std::string text = unsigned_text(value < 0 ? -static_cast<Uint128>(value) : value);
  if (scale > 0) {
    const auto digits = static_cast<std::size_t>(scale) + 1;
    if (text.size() < digits) text.insert(0, digits - text.size(), '0');
    text.insert(text.size() - static_cast<std::size_t>(scale), 1, '.');
  }
  return value < 0 ? "-" + text : text;
}

std::string date_text(std::int64_t days) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string time_text(std::int64_t micros, int digits = 3) {
  const std::int64_t seconds = micros / 1'000'000;
  std::string text = fmt::format("{:02}:{:02}:{:02}.{:06}", seconds / 3600, seconds / 60 % 60,
                                 seconds % 60, micros % 1'000'000);
  // Milliseconds always, microseconds when there are some.
  if (digits == 3 && micros % 1000 == 0) text.resize(text.size() - 3);
  return text;
}

std::string timestamp_text(std::int64_t micros) {
  constexpr std::int64_t kDay = 86'400'000'000;
  const std::int64_t days = micros >= 0 ? micros / kDay : -((-micros + kDay - 1) / kDay);
  return date_text(days) + ' ' + time_text(micros - days * kDay);
}

std::string interval_text(const duckdb_interval& span) {
  const std::int64_t micros = span.micros;
  if (span.months != 0 && span.days == 0 && micros == 0) {
    return fmt::format("{}-{}", span.months / 12, std::abs(span.months % 12));
  }
  return fmt::format("{}{} {}", micros < 0 ? "-" : "", span.days + span.months * 30,
                     time_text(std::abs(micros)));
}

std::string uuid_text(const duckdb_hugeint& value) {
  // DuckDB flips the top bit so that UUIDs sort as signed integers.
  const auto upper = static_cast<std::uint64_t>(value.upper) ^ (std::uint64_t{1} << 63);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", upper >> 32, (upper >> 16) & 0xffff,
                     upper & 0xffff, value.lower >> 48, value.lower & 0xffff'ffff'ffff);
}

// "1.5e+20" of std::to_chars becomes Java's "1.5E20".
template <class Real>
std::string java_real(Real value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  const Real size = std::fabs(value);
  const bool plain = size == 0 || (size >= Real(1e-3) && size < Real(1e7));
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value,
                                 plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string text(buffer, end.ptr);
  const auto exponent = text.find('e');
  std::string digits = text.substr(0, exponent);
  if (digits.find('.') == std::string::npos) digits += ".0";
  if (exponent == std::string::npos) return digits;
  return digits + 'E' + std::to_string(std::stoi(text.substr(exponent + 1)));
}

std::uint64_t enum_index(const Column& column, std::uint64_t row) {
  const std::size_t values = column.type->names.size();
  if (values <= 0xff) return at<std::uint8_t>(column.data, row);
  if (values <= 0xffff) return at<std::uint16_t>(column.data, row);
  return at<std::uint32_t>(column.data, row);
}

Int128 decimal_value(const Column& column, std::uint64_t row) {
  if (column.type->width <= 4) return at<std::int16_t>(column.data, row);
  if (column.type->width <= 9) return at<std::int32_t>(column.data, row);
  if (column.type->width <= 18) return at<std::int64_t>(column.data, row);
  return hugeint(at<duckdb_hugeint>(column.data, row));
}

std::string inner_text(const Cell& cell) { return cell.is_null() ? "null" : cell.text(); }

std::string nested_text(const Cell& cell) {
  const Kind kind = cell.type().kind;
  const bool list = kind == Kind::kList || kind == Kind::kArray;
  std::string text(1, list ? '[' : '{');
  for (std::uint64_t i = 0; i < cell.size(); ++i) {
    if (i) text += ", ";
    if (list) {
      text += inner_text(cell.element(i));
    } else if (kind == Kind::kMap) {
      text += inner_text(cell.key(i)) + '=' + inner_text(cell.value(i));
    } else {
      const std::string& name = cell.type().names[i];  // "" in a row that names no fields
      text += name.empty() ? fmt::format("field{}", i) : name;
      text += '=' + inner_text(cell.field(i));
    }
  }
  return text + (list ? ']' : '}');
}

std::string_view plain_name(Kind kind) {
  switch (kind) {
    case Kind::kBoolean:
      return "BOOLEAN";
    case Kind::kTinyint:
      return "TINYINT";
    case Kind::kSmallint:
      return "SMALLINT";
    case Kind::kInteger:
      return "INTEGER";
    case Kind::kBigint:
      return "BIGINT";
    case Kind::kHugeint:
      return "HUGEINT";
    case Kind::kUtinyint:
      return "UTINYINT";
    case Kind::kUsmallint:
      return "USMALLINT";
    case Kind::kUinteger:
      return "UINTEGER";
    case Kind::kUbigint:
      return "UBIGINT";
    case Kind::kUhugeint:
      return "UHUGEINT";
    case Kind::kFloat:
      return "FLOAT";
    case Kind::kDouble:
      return "DOUBLE";
    case Kind::kDate:
      return "DATE";
    case Kind::kTime:
      return "TIME";
    case Kind::kTimestamp:
      return "TIMESTAMP";
    case Kind::kTimestampSeconds:
      return "TIMESTAMP_S";
    case Kind::kTimestampMillis:
      return "TIMESTAMP_MS";
    case Kind::kTimestampNanos:
      return "TIMESTAMP_NS";
    case Kind::kTimestampTz:
      return "TIMESTAMP WITH TIME ZONE";
    case Kind::kInterval:
      return "INTERVAL";
    case Kind::kBlob:
      return "BLOB";
    case Kind::kUuid:
      return "UUID";
    default:
      return "VARCHAR";
  }
}

}  // namespace

std::string quote_name(std::string_view name) {
  std::string quoted = "\"";
  for (char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string quote_text(std::string_view text) {
  std::string quoted = "'";
  for (char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + '\'';
}

std::string to_sql(const Type& type) {
  switch (type.kind) {
    case Kind::kDecimal:
      return fmt::format("DECIMAL({},{})", type.width, type.scale);
    case Kind::kList:
      return to_sql(type.children[0]) + "[]";
    case Kind::kArray:
      return fmt::format("{}[{}]", to_sql(type.children[0]), type.width);
    case Kind::kMap:
      return fmt::format("MAP({}, {})", to_sql(type.children[0]), to_sql(type.children[1]));
    case Kind::kStruct: {
      std::string text = "STRUCT(";
      for (std::size_t i = 0; i < type.children.size(); ++i) {
        if (i) text += ", ";
        text += quote_name(type.names[i]) + ' ' + to_sql(type.children[i]);
      }
      return text + ')';
    }
    default:
      return std::string(plain_name(type.kind));
  }
}

bool Cell::is_null() const {
  return column_->type->kind == Kind::kNull ||
         (column_->validity && !((column_->validity[row_ / 64] >> (row_ % 64)) & 1));
}

std::int64_t Cell::integer() const {
  const void* data = column_->data;
  switch (type().kind) {
    case Kind::kBoolean:
      return at<bool>(data, row_);
    case Kind::kTinyint:
      return at<std::int8_t>(data, row_);
    case Kind::kSmallint:
      return at<std::int16_t>(data, row_);
    case Kind::kInteger:
    case Kind::kDate:
      return at<std::int32_t>(data, row_);
    case Kind::kBigint:
    case Kind::kTime:
    case Kind::kTimestamp:
    case Kind::kTimestampSeconds:
    case Kind::kTimestampMillis:
    case Kind::kTimestampNanos:
    case Kind::kTimestampTz:
      return at<std::int64_t>(data, row_);
    case Kind::kUtinyint:
      return at<std::uint8_t>(data, row_);
    case Kind::kUsmallint:
      return at<std::uint16_t>(data, row_);
    case Kind::kUinteger:
      return at<std::uint32_t>(data, row_);
    case Kind::kUbigint:
      return static_cast<std::int64_t>(at<std::uint64_t>(data, row_));
    case Kind::kHugeint:
      return static_cast<std::int64_t>(hugeint(at<duckdb_hugeint>(data, row_)));
    default:
      throw std::logic_error("duck::Cell: not an integer");
  }
}

double Cell::real() const {
  switch (type().kind) {
    case Kind::kFloat:
      return at<float>(column_->data, row_);
    case Kind::kDouble:
      return at<double>(column_->data, row_);
    case Kind::kDecimal:
      return static_cast<double>(decimal_value(*column_, row_)) / std::pow(10.0, type().scale);
    case Kind::kHugeint:
      return static_cast<double>(hugeint(at<duckdb_hugeint>(column_->data, row_)));
    default:
      return static_cast<double>(integer());
  }
}

std::string_view Cell::bytes() const {
  const auto& string = at<duckdb_string_t>(column_->data, row_);
  // Up to twelve bytes stand in the vector itself, longer ones behind a pointer.
  const std::uint32_t length = string.value.inlined.length;
  return {length <= 12 ? string.value.inlined.inlined : string.value.pointer.ptr, length};
}

std::uint64_t Cell::size() const {
  switch (type().kind) {
    case Kind::kList:
    case Kind::kMap:
      return at<duckdb_list_entry>(column_->data, row_).length;
    case Kind::kArray:
      return static_cast<std::uint64_t>(type().width);
    case Kind::kStruct:
      return column_->children.size();
    default:
      return 0;
  }
}

Cell Cell::element(std::uint64_t index) const {
  const std::uint64_t first = type().kind == Kind::kArray
                                  ? row_ * static_cast<std::uint64_t>(type().width)
                                  : at<duckdb_list_entry>(column_->data, row_).offset;
  return {column_->children.at(0), first + index};
}

Cell Cell::field(std::size_t index) const { return {column_->children.at(index), row_}; }

Cell Cell::key(std::uint64_t index) const {
  return {column_->children.at(0), at<duckdb_list_entry>(column_->data, row_).offset + index};
}

Cell Cell::value(std::uint64_t index) const {
  return {column_->children.at(1), at<duckdb_list_entry>(column_->data, row_).offset + index};
}

std::string Cell::text() const {
  if (is_null()) return "";
  const void* data = column_->data;
  switch (type().kind) {
    case Kind::kBoolean:
      return integer() ? "true" : "false";
    case Kind::kUbigint:
      return fmt::format("{}", at<std::uint64_t>(data, row_));
    case Kind::kHugeint:
      return signed_text(hugeint(at<duckdb_hugeint>(data, row_)));
    case Kind::kUhugeint: {
      const auto& value = at<duckdb_uhugeint>(data, row_);
      return unsigned_text((static_cast<Uint128>(value.upper) << 64) | value.lower);
    }
    case Kind::kFloat:
      return real_text(at<float>(data, row_));
    case Kind::kDouble:
      return real_text(at<double>(data, row_));
    case Kind::kDecimal:
      return decimal_text(decimal_value(*column_, row_), type().scale);
    case Kind::kDate:
      return date_text(integer());
    case Kind::kTime:
      return time_text(integer());
    case Kind::kTimestamp:
      return timestamp_text(integer());
    case Kind::kTimestampTz:
      return timestamp_text(integer()) + " UTC";
    case Kind::kTimestampSeconds:
      return timestamp_text(integer() * 1'000'000);
    case Kind::kTimestampMillis:
      return timestamp_text(integer() * 1000);
    case Kind::kTimestampNanos:
      return timestamp_text(integer() / 1000);
    case Kind::kInterval:
      return interval_text(at<duckdb_interval>(data, row_));
    case Kind::kVarchar:
    case Kind::kBlob:
      return std::string(bytes());
    case Kind::kUuid:
      return uuid_text(at<duckdb_hugeint>(data, row_));
    case Kind::kEnum:
      return type().names.at(enum_index(*column_, row_));
    case Kind::kList:
    case Kind::kArray:
    case Kind::kMap:
    case Kind::kStruct:
      return nested_text(*this);
    case Kind::kNull:
    case Kind::kOther:
      return "";
    default:
      return std::to_string(integer());
  }
}

std::string real_text(double value) { return java_real(value); }
std::string real_text(float value) { return java_real(value); }

}  // namespace duck
