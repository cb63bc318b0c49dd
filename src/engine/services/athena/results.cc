// Types, texts, CSV and metadata of results.
#include "engine/services/athena/results.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace engine::athena {
namespace {

struct TypeFacts {
  std::string_view name;
  std::int64_t precision;
};

TypeFacts facts_of(duck::Kind kind) {
  using duck::Kind;
  switch (kind) {
    case Kind::kBoolean:
      return {"boolean", 0};
    case Kind::kTinyint:
      return {"tinyint", 3};
    case Kind::kSmallint:
    case Kind::kUtinyint:
      return {"smallint", 5};
    case Kind::kInteger:
    case Kind::kUsmallint:
      return {"integer", 10};
    case Kind::kBigint:
    case Kind::kUinteger:
    case Kind::kUbigint:
    // DuckDB sums integers as HUGEINT, Trino as bigint.
    case Kind::kHugeint:
    case Kind::kUhugeint:
      return {"bigint", 19};
    case Kind::kFloat:
      return {"float", 17};
    case Kind::kDouble:
      return {"double", 17};
    case Kind::kDecimal:
      return {"decimal", 0};
    case Kind::kDate:
      return {"date", 0};
    case Kind::kTime:
      return {"time", 3};
    case Kind::kTimestamp:
    case Kind::kTimestampSeconds:
    case Kind::kTimestampMillis:
    case Kind::kTimestampNanos:
      return {"timestamp", 3};
    case Kind::kTimestampTz:
      return {"timestamp with time zone", 3};
    // Deviation: DuckDB has one type for both kinds of intervals.
    case Kind::kInterval:
      return {"interval day to second", 0};
    case Kind::kBlob:
      return {"varbinary", 1073741824};
    case Kind::kList:
    case Kind::kArray:
      return {"array", 0};
    case Kind::kMap:
      return {"map", 0};
    case Kind::kStruct:
      return {"row", 0};
    default:
      return {"varchar", 2147483647};
  }
}

std::string hex_bytes(std::string_view bytes) {
  std::string text;
  for (const unsigned char byte : bytes)
    text += fmt::format("{}{:02x}", text.empty() ? "" : " ", byte);
  return text;
}

// Protocol buffers: a key of field number and wire type, then a varint or a length and bytes.
void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7f) | 0x80);
  out += static_cast<char>(value);
}
void put_number(std::string& out, int field, std::int64_t value) {
  put_varint(out, static_cast<std::uint64_t>(field) << 3);
  put_varint(out, static_cast<std::uint64_t>(value));
}
void put_bytes(std::string& out, int field, std::string_view bytes) {
  put_varint(out, (static_cast<std::uint64_t>(field) << 3) | 2);
  put_varint(out, bytes.size());
  out.append(bytes);
}

}  // namespace

api::ColumnInfo column_info(std::string name, const duck::Type& type) {
  const TypeFacts facts = type.alias == "JSON" ? TypeFacts{"json", 0} : facts_of(type.kind);
  api::ColumnInfo info;
  info.CatalogName = "hive";
  info.SchemaName = "";
  info.TableName = "";
  info.Name = name;
  info.Label = std::move(name);
  info.Type = std::string(facts.name);
  info.Precision = type.kind == duck::Kind::kDecimal ? type.width : facts.precision;
  info.Scale = type.kind == duck::Kind::kDecimal ? type.scale : 0;
  info.Nullable = "UNKNOWN";
  info.CaseSensitive = facts.name == "varchar";
  return info;
}

api::ColumnInfo text_column(std::string name) {
  api::ColumnInfo info = column_info(std::move(name), {.kind = duck::Kind::kVarchar});
  info.Type = "string";
  info.Precision = 0;
  info.CaseSensitive = false;
  return info;
}

std::optional<std::string> cell_text(const duck::Cell& cell) {
  if (cell.is_null()) return std::nullopt;
  return cell.type().kind == duck::Kind::kBlob ? hex_bytes(cell.bytes()) : cell.text();
}

CsvFile::CsvFile(std::string path)
    : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wbe")) {
  if (!file_) throw std::system_error(errno, std::generic_category(), path_);
}

CsvFile::~CsvFile() {
  if (!file_) return;
  std::fclose(file_);
  std::remove(path_.c_str());
}

void CsvFile::write(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) {
    throw std::system_error(errno, std::generic_category(), path_);
  }
  size_ += text.size();
}

void CsvFile::add(const ResultRow& row) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i) line += ',';
    if (!row[i]) continue;
    line += '"';
    for (const char c : *row[i]) line.append(c == '"' ? 2 : 1, c);
    line += '"';
  }
  write(line += '\n');
}

http::Body CsvFile::finish() {
  const bool closed = std::fclose(file_) == 0;
  file_ = nullptr;
  if (!closed) {
    const int code = errno;
    std::remove(path_.c_str());
    throw std::system_error(code, std::generic_category(), path_);
  }
  return http::Body::spooled(path_, size_);
}

CsvRows read_csv(std::string_view text, std::size_t offset, std::size_t limit) {
  CsvRows result;
  std::size_t at = offset;
  while (at < text.size() && result.rows.size() < limit) {
    ResultRow row;
    for (;;) {  // one value a round; `at` stands at its first byte
      std::optional<std::string> value;
      if (at < text.size() && text[at] == '"') {
        value.emplace();
        for (++at; at < text.size(); ++at) {
          if (text[at] == '"') {
            if (at + 1 >= text.size() || text[at + 1] != '"') break;
            ++at;
          }
          *value += text[at];
        }
        ++at;
      }
      row.push_back(std::move(value));
      if (at >= text.size() || text[at++] == '\n') break;
    }
    result.rows.push_back(std::move(row));
  }
  result.next = std::min(at, text.size());
  return result;
}

CsvRows read_lines(std::string_view text, std::size_t limit) {
  CsvRows result;
  while (result.next < text.size() && result.rows.size() < limit) {
    const std::size_t end = std::min(text.find('\n', result.next), text.size());
    result.rows.push_back({std::string(text.substr(result.next, end - result.next))});
    result.next = std::min(end + 1, text.size());
  }
  return result;
}

std::string metadata_file(const std::vector<api::ColumnInfo>& columns) {
  std::string file;
  for (const api::ColumnInfo& column : columns) {
    std::string entry;
    put_bytes(entry, 1, column.CatalogName.value_or(""));
    put_bytes(entry, 2, column.SchemaName.value_or(""));
    put_bytes(entry, 3, column.TableName.value_or(""));
    put_bytes(entry, 4, column.Name);
    put_bytes(entry, 5, column.Label.value_or(""));
    put_bytes(entry, 6, column.Type);
    put_number(entry, 7, column.Precision.value_or(0));
    put_number(entry, 8, column.Scale.value_or(0));
    put_bytes(file, 4, entry);
  }
  return file;
}

}  // namespace engine::athena
