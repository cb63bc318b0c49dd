// The Glue catalog as Athena shows it: catalogs, databases, tables.
#include "engine/services/athena/errors.h"
#include "engine/services/athena/operations.h"
#include "engine/services/paging.h"
#include "lib/base/encoding.h"

#include <re2/re2.h>

namespace engine::athena {
namespace {

constexpr const char* kCatalog = "AwsDataCatalog";

void check_catalog(const std::string& name) {
  if (!base::iequals(name, kCatalog)) {
    throw invalid_request(fmt::format("Data catalog {} was not found", name));
  }
}

// Glue's errors in Athena's words.
template <class F>
auto from_glue(F&& read) {
  try {
    return read();
  } catch (const AwsError& error) {
    throw metadata_failure(error.what());
  }
}

std::vector<api::Column> columns_of(const std::optional<std::vector<glue::api::Column>>& columns) {
  std::vector<api::Column> result;
  for (const auto& column : columns.value_or(std::vector<glue::api::Column>{})) {
    result.push_back({column.Name, column.Type, column.Comment});
  }
  return result;
}

api::TableMetadata metadata_of(const glue::api::Table& table) {
  api::TableMetadata metadata{.Name = table.Name,
                              .CreateTime = table.CreateTime,
                              .LastAccessTime = table.LastAccessTime,
                              .TableType = table.TableType.value_or("EXTERNAL_TABLE"),
                              .PartitionKeys = columns_of(table.PartitionKeys)};
  auto parameters = table.Parameters.value_or(std::map<std::string, std::string>{});
  if (const auto& storage = table.StorageDescriptor) {
    metadata.Columns = columns_of(storage->Columns);
    if (storage->Location) parameters["location"] = *storage->Location;
    if (storage->InputFormat) parameters["inputformat"] = *storage->InputFormat;
    if (storage->OutputFormat) parameters["outputformat"] = *storage->OutputFormat;
    if (storage->SerdeInfo && storage->SerdeInfo->SerializationLibrary) {
      parameters["serde.serialization.lib"] = *storage->SerdeInfo->SerializationLibrary;
    }
  }
  metadata.Parameters = std::move(parameters);
  return metadata;
}

api::Database database_of(const glue::api::Database& database) {
  return {.Name = database.Name,
          .Description = database.Description,
          .Parameters = database.Parameters};
}

}  // namespace

api::ListDataCatalogsOutput list_data_catalogs(Athena&, Call&, const api::ListDataCatalogsInput&) {
  return {.DataCatalogsSummary =
              std::vector<api::DataCatalogSummary>{{.CatalogName = kCatalog, .Type = "GLUE"}}};
}

api::GetDataCatalogOutput get_data_catalog(Athena& athena, Call&,
                                           const api::GetDataCatalogInput& input) {
  check_catalog(input.Name);
  return {.DataCatalog = api::DataCatalog{.Name = kCatalog,
                                          .Type = "GLUE",
                                          .Parameters = std::map<std::string, std::string>{
                                              {"catalog-id", athena.context().account}}}};
}

api::ListDatabasesOutput list_databases(Athena& athena, Call&,
                                        const api::ListDatabasesInput& input) {
  check_catalog(input.CatalogName);
  std::vector<api::Database> databases;
  for (const auto& database : athena.glue().databases()) databases.push_back(database_of(database));
  auto page = page_of(std::move(databases), input.NextToken, input.MaxResults, 50, invalid_token());
  return {.DatabaseList = std::move(page.items), .NextToken = page.next};
}

api::GetDatabaseOutput get_database(Athena& athena, Call&, const api::GetDatabaseInput& input) {
  check_catalog(input.CatalogName);
  return {.Database =
              database_of(from_glue([&] { return athena.glue().database(input.DatabaseName); }))};
}

api::ListTableMetadataOutput list_table_metadata(Athena& athena, Call&,
                                                 const api::ListTableMetadataInput& input) {
  check_catalog(input.CatalogName);
  const re2::RE2 wanted(input.Expression.value_or(".*"), re2::RE2::Quiet);
  if (!wanted.ok()) throw invalid_request("The expression is not a regular expression");
  std::vector<api::TableMetadata> tables;
  for (const auto& table : from_glue([&] { return athena.glue().tables(input.DatabaseName); })) {
    if (re2::RE2::FullMatch(table.Name, wanted)) tables.push_back(metadata_of(table));
  }
  auto page = page_of(std::move(tables), input.NextToken, input.MaxResults, 50, invalid_token());
  return {.TableMetadataList = std::move(page.items), .NextToken = page.next};
}

api::GetTableMetadataOutput get_table_metadata(Athena& athena, Call&,
                                               const api::GetTableMetadataInput& input) {
  check_catalog(input.CatalogName);
  return {.TableMetadata = metadata_of(
              from_glue([&] { return athena.glue().table(input.DatabaseName, input.TableName); }))};
}

}  // namespace engine::athena
