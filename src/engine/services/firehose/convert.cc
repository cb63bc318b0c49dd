// From gathered records to an object's bytes.
#include "engine/services/firehose/convert.h"

#include "engine/services/glue/glue.h"
#include "engine/sql/parquet.h"

#include <fmt/format.h>

#include <filesystem>
#include <stdexcept>

namespace engine::firehose {
namespace {

constexpr std::string_view kMalformed = "DataFormatConversion.MalformedData";

Converted to_parquet(const ConvertSettings& settings, const std::vector<Item>& items,
                     const SchemaSource& schemas, const std::string& scratch, Timestamp now) {
  const auto columns = schemas(settings.database, settings.table);
  if (!columns) {
    throw std::runtime_error(
        fmt::format("DataFormatConversion.EntityNotFound: there is no table {}.{}",
                    settings.database, settings.table));
  }
  std::vector<std::string_view> records;
  records.reserve(items.size());
  for (const Item& item : items) records.push_back(item.data);
  std::filesystem::create_directories(scratch);
  auto converted = sql::parquet::from_json_lines(
      records, *columns,
      {.scratch = scratch, .compression = settings.compression, .keys = settings.keys});

  Converted result{std::move(converted.file), converted.rows, {}};
  for (sql::parquet::Misfit& misfit : converted.misfits) {
    const Item& item = items[misfit.record];
    result.failures.push_back({kConversionFailed, std::string(kMalformed), std::move(misfit.reason),
                               1, item.arrival, now, std::string(item.data), std::string(item.sequence_number)});
  }
  return result;
}

}  // namespace

http::Body concatenate(const std::vector<Item>& items, Compression compression,
                       std::string_view name) {
  std::size_t size = 0;
  for (const Item& item : items) size += item.data.size();
  std::string bytes;
  bytes.reserve(size);
  for (const Item& item : items) bytes += item.data;
  return compress(compression, std::move(bytes), name);
}

Converted convert(const Settings& settings, const std::vector<Item>& items,
                  std::string_view name, const SchemaSource& schemas, const std::string& scratch,
                  Timestamp now) {
  if (items.empty()) return {};
  if (settings.convert) return to_parquet(*settings.convert, items, schemas, scratch, now);
  return {concatenate(items, settings.compression, name), items.size(), {}};
}

SchemaSource glue_schemas(const glue::Glue& glue) {
  return [&glue](std::string_view database,
                 std::string_view table) -> std::optional<std::vector<sql::Column>> {
    const auto found = glue.find_table(database, table);
    if (!found) return std::nullopt;
    std::vector<sql::Column> columns;
    if (found->StorageDescriptor && found->StorageDescriptor->Columns) {
      for (const auto& column : *found->StorageDescriptor->Columns) {
        columns.push_back({column.Name, column.Type.value_or("string")});
      }
    }
    return columns;
  };
}

}  // namespace engine::firehose
