// Parquet: what the footer says.
#include "engine/services/glue/crawlers/file_schema.h"
#include "lib/base/encoding.h"
#include "lib/io/file.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cstring>

namespace engine::glue {
namespace {

constexpr std::uint32_t kLargestFooter = 64 << 20;

// "PAR1" at both ends, and before the last one a footer's length that the file has room for.
void check_ends(const std::string& path, std::uint64_t size) {
  if (size < 12) throw Unclassified("it is too short for a Parquet file");
  const io::File file = io::open_file(path, O_RDONLY);
  char tail[8];
  io::read_at(file, tail, sizeof tail, size - sizeof tail);
  std::uint32_t footer = 0;
  std::memcpy(&footer, tail, sizeof footer);
  if (std::string_view(tail + 4, 4) != "PAR1") {
    throw Unclassified("it begins as a Parquet file and does not end as one");
  }
  if (footer > size - 12 || footer > kLargestFooter) {
    throw Unclassified(fmt::format("its Parquet footer claims {} bytes", footer));
  }
}

FieldType type_of(const duck::Type& type) {
  using duck::Kind;
  switch (type.kind) {
    case Kind::kBoolean:
      return {"boolean"};
    case Kind::kTinyint:
      return {"tinyint"};
    case Kind::kSmallint:
    case Kind::kUtinyint:
      return {"smallint"};
    case Kind::kInteger:
    case Kind::kUsmallint:
      return {"int"};
    case Kind::kBigint:
    case Kind::kUinteger:
    case Kind::kTime:
      return {"bigint"};
    case Kind::kUbigint:
      return {"decimal(20,0)"};
    case Kind::kFloat:
      return {"float"};
    case Kind::kDouble:
      return {"double"};
    case Kind::kDecimal:
      return {fmt::format("decimal({},{})", type.width, type.scale)};
    case Kind::kDate:
      return {"date"};
    case Kind::kTimestamp:
    case Kind::kTimestampSeconds:
    case Kind::kTimestampMillis:
    case Kind::kTimestampNanos:
    case Kind::kTimestampTz:
      return {"timestamp"};
    case Kind::kBlob:
      return {"binary"};
    case Kind::kList:
    case Kind::kArray:
      return {"array", {type_of(type.children[0])}};
    case Kind::kMap:
      return {"map", {type_of(type.children[0]), type_of(type.children[1])}};
    case Kind::kStruct: {
      FieldType structure{"struct"};
      for (const duck::Type& child : type.children) structure.children.push_back(type_of(child));
      structure.fields = type.names;
      return structure;
    }
    default:
      return {"string"};
  }
}

}  // namespace

FileSchema parquet_schema(duck::Connection& duck, const std::string& path, std::uint64_t size) {
  check_ends(path, size);
  FileSchema schema{.format = "parquet"};
  try {
    const std::string file = duck::quote_text(path);
    const auto result = duck.query(
        fmt::format("SELECT * FROM read_parquet({}, hive_partitioning = false) LIMIT 0", file));
    for (const auto& column : result.columns()) {
      schema.fields.push_back({base::to_lower(column.name), type_of(column.type)});
    }
    const auto rows =
        duck.value(fmt::format("SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata({})", file));
    schema.records = rows ? std::stod(*rows) : 0;
  } catch (const duck::Error& error) {
    throw Unclassified(fmt::format("it is no Parquet file: {}", error.what()));
  }
  if (schema.fields.empty()) throw Unclassified("its Parquet schema has no columns");
  schema.fields = merge_by_name({}, schema.fields);
  return schema;
}

}  // namespace engine::glue
