// A crawl's findings as Glue's tables and partitions.
// Verified: parameters and SerDes are those of tables that Glue's crawlers wrote, as their owners
// published them.
#include "engine/services/glue/crawlers/catalog_writer.h"

#include "engine/protocol/json.h"
#include "lib/base/digest.h"
#include "lib/base/encoding.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace engine::glue {
namespace {

using Parameters = std::map<std::string, std::string>;

constexpr const char* kCrawler = "UPDATED_BY_CRAWLER";
constexpr const char* kDeprecated = "DEPRECATED_BY_CRAWLER";

std::string location_of(const std::optional<api::StorageDescriptor>& storage) {
  return storage ? storage->Location.value_or("") : "";
}

std::string uri_of(const std::string& bucket, const std::string& path) {
  return fmt::format("s3://{}/{}", bucket, path);
}

std::vector<api::Column> columns_of(const FileSchema& schema) {
  std::vector<api::Column> columns;
  for (const Field& field : schema.fields) {
    columns.push_back({.Name = field.name, .Type = to_hive(field.type)});
  }
  return columns;
}

std::vector<api::Column> keys_of(const FoundTable& found) {
  std::vector<api::Column> columns;
  for (const std::string& key : found.keys) columns.push_back({.Name = key, .Type = "string"});
  return columns;
}

// LazySimpleSerDe leaves quotes in the values, so quoted text needs the other one.
// Deviation: Glue takes LazySimpleSerDe unless a custom classifier says otherwise.
bool needs_open_csv(const FileSchema& schema) {
  if (schema.serde == "OpenCSVSerDe") return true;
  return schema.serde != "LazySimpleSerDe" && schema.is_quoted;
}

api::SerDeInfo delimited_serde(const FileSchema& schema) {
  const std::string delimiter(1, schema.delimiter);
  if (!needs_open_csv(schema)) {
    return {.SerializationLibrary = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            .Parameters = Parameters{{"field.delim", delimiter}}};
  }
  const std::string quote(1, schema.quote);
  return {.SerializationLibrary = "org.apache.hadoop.hive.serde2.OpenCSVSerde",
          .Parameters = Parameters{{"separatorChar", delimiter},
                                   {"quoteChar", quote},
                                   {"escapeChar", schema.escapes_quotes ? "\\" : quote}}};
}

api::SerDeInfo serde_of(const FileSchema& schema) {
  if (schema.format == "parquet") {
    return {.SerializationLibrary = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
            .Parameters = Parameters{{"serialization.format", "1"}}};
  }
  if (schema.format == "csv") return delimited_serde(schema);
  std::vector<std::string> names;
  for (const Field& field : schema.fields) names.push_back(field.name);
  std::sort(names.begin(), names.end());
  return {.SerializationLibrary = "org.openx.data.jsonserde.JsonSerDe",
          .Parameters = Parameters{{"paths", fmt::format("{}", fmt::join(names, ","))}}};
}

std::string whole(double number) { return fmt::format("{}", std::llround(number)); }

bool lies_below(std::string_view location, const std::set<std::string>& targets) {
  return std::any_of(targets.begin(), targets.end(),
                     [&](const std::string& target) { return location.starts_with(target); });
}

template <class Input, class Record>
Input input_of(const Record& record) {
  return from_json<Input>(to_json(record));
}

bool has_columns(const api::StorageDescriptor& storage, const std::vector<api::Column>& columns) {
  const auto own = storage.Columns.value_or(std::vector<api::Column>{});
  return std::equal(own.begin(), own.end(), columns.begin(), columns.end(),
                    [](const api::Column& a, const api::Column& b) {
                      return a.Name == b.Name && a.Type == b.Type;
                    });
}

std::string bracketed(const std::vector<std::string>& values) {
  return fmt::format("[{}]", fmt::join(values, ", "));
}

std::vector<std::string> folders_below(std::string_view path) {
  std::vector<std::string> names;
  for (std::size_t slash; (slash = path.find('/')) != std::string_view::npos;) {
    names.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash + 1);
  }
  return names;
}

// The values of a table's keys in the names of folders, nothing when a key=value folder has
// another key.
std::optional<std::vector<std::string>> values_for(const api::Table& table,
                                                   const std::vector<std::string>& folders) {
  const auto keys = table.PartitionKeys.value_or(std::vector<api::Column>{});
  if (keys.empty() || keys.size() != folders.size()) return std::nullopt;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::size_t equals = folders[i].find('=');
    if (keys[i].Name.starts_with("partition_")) {
      values.push_back(folders[i]);
    } else if (equals != std::string::npos &&
               base::iequals(std::string_view(folders[i]).substr(0, equals), keys[i].Name)) {
      values.push_back(base::percent_decode(std::string_view(folders[i]).substr(equals + 1)));
    } else {
      return std::nullopt;
    }
  }
  return values;
}

}  // namespace

std::string table_name(std::string_view text) {
  std::string name = base::to_lower(text);
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

CatalogWriter::CatalogWriter(const CrawlTools& tools, const api::Crawler& crawler,
                             const CrawlConfiguration& configuration)
    : tools_(tools), crawler_(crawler), configuration_(configuration),
      database_(base::to_lower(*crawler.DatabaseName)) {
  if (!tools_.glue.find_database(database_)) {
    tools_.glue.create_database({.Name = database_});
    log("INFO", fmt::format("Created database {}", database_));
  }
  for (api::Table& table : tools_.glue.tables(database_)) {
    if (!is_ours(table)) continue;
    const std::string location = location_of(table.StorageDescriptor);
    known_folders_.insert(location);
    if (table.PartitionKeys && !table.PartitionKeys->empty()) {
      for (const auto& partition : tools_.glue.partitions(database_, table.Name)) {
        known_folders_.insert(location_of(partition.StorageDescriptor));
      }
    }
    known_.emplace(location, std::move(table));
  }
}

bool CatalogWriter::is_ours(const api::Table& table) const {
  if (!table.Parameters) return false;
  const auto found = table.Parameters->find(kCrawler);
  return found != table.Parameters->end() && found->second == *crawler_.Name;
}

bool CatalogWriter::updates() const {
  return !crawler_.SchemaChangePolicy ||
         crawler_.SchemaChangePolicy->UpdateBehavior.value_or("") != "LOG";
}

// A name that another table has gets a digest of the place behind it, as with Glue.
std::string CatalogWriter::free_name(const std::string& bucket, const std::string& path) const {
  std::string_view last = path;
  if (last.ends_with('/')) last.remove_suffix(1);
  last = last.substr(last.rfind('/') + 1);
  std::string name = table_name(crawler_.TablePrefix.value_or("") +
                                std::string(last.empty() ? std::string_view(bucket) : last));
  if (tools_.glue.find_table(database_, name)) {
    name += "_" + base::to_hex(base::md5(uri_of(bucket, path)));
  }
  return name;
}

api::StorageDescriptor CatalogWriter::storage_of(const FoundTable& found,
                                                 const std::string& location,
                                                 const FileTotals& totals, bool partitioned) const {
  const FileSchema& schema = found.schema;
  const double average =
      totals.records > 0 ? static_cast<double>(totals.bytes) / totals.records : 0;
  Parameters parameters{{"CrawlerSchemaDeserializerVersion", "1.0"},
                        {"CrawlerSchemaSerializerVersion", "1.0"},
                        {kCrawler, *crawler_.Name},
                        {"CRAWL_RUN_ID", tools_.crawl_id},
                        {"classification", schema.format},
                        {"compressionType", schema.compression},
                        {"typeOfData", "file"},
                        {"objectCount", std::to_string(totals.objects)},
                        {"sizeKey", std::to_string(totals.bytes)},
                        {"recordCount", whole(totals.records)},
                        {"averageRecordSize", whole(average)}};
  if (partitioned) parameters["partition_filtering.enabled"] = "true";
  if (schema.format == "csv") {
    parameters["areColumnsQuoted"] = schema.is_quoted ? "true" : "false";
    parameters["columnsOrdered"] = "true";
    parameters["delimiter"] = std::string(1, schema.delimiter);
    if (schema.has_header) parameters["skip.header.line.count"] = "1";
  }
  const bool parquet = schema.format == "parquet";
  return {.Columns = columns_of(schema),
          .Location = location,
          .InputFormat = parquet ? "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
                                 : "org.apache.hadoop.mapred.TextInputFormat",
          .OutputFormat = parquet
                              ? "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
                              : "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
          .Compressed = schema.compression != "none",
          .NumberOfBuckets = -1,
          .SerdeInfo = serde_of(schema),
          .BucketColumns = std::vector<std::string>{},
          .SortColumns = std::vector<api::Order>{},
          .Parameters = parameters,
          .StoredAsSubDirectories = false};
}

void CatalogWriter::write(const std::string& bucket, const FoundTable& found) {
  const std::string location = uri_of(bucket, found.path);
  const auto known = known_.find(location);
  const std::string table =
      known == known_.end() ? create(bucket, found) : update(known->second, found, location);
  found_[table];
  if (!found.keys.empty()) write_partitions(table, bucket, found);
}

std::string CatalogWriter::create(const std::string& bucket, const FoundTable& found) {
  const std::string name = free_name(bucket, found.path);
  api::TableInput table{.Name = name,
                        .Owner = "owner",
                        .Retention = 0,
                        .StorageDescriptor = storage_of(found, uri_of(bucket, found.path),
                                                        found.totals, !found.keys.empty()),
                        .PartitionKeys = keys_of(found),
                        .TableType = "EXTERNAL_TABLE"};
  table.Parameters = table.StorageDescriptor->Parameters;
  tools_.glue.create_table(
      database_, table,
      fmt::format("arn:aws:sts::{}:assumed-role/{}/AWS-Crawler", tools_.glue.context().account,
                  crawler_.Role.value_or("").substr(crawler_.Role.value_or("").rfind('/') + 1)));
  changes_.tables_created.push_back(name);
  log("INFO", fmt::format("Created table {} in database {}", name, database_));
  return name;
}

std::string CatalogWriter::update(const api::Table& known, const FoundTable& found,
                                  const std::string& location) {
  const auto keys = keys_of(found);
  const auto former_keys = known.PartitionKeys.value_or(std::vector<api::Column>{});
  if (keys.size() != former_keys.size()) {
    // Partition keys of a table can't change: it is made again.
    log("INFO", fmt::format("Table {} has other partition keys than before", known.Name));
    if (!updates()) return known.Name;
    tools_.glue.delete_table(database_, known.Name);
    const auto uri = s3::parse_s3_uri(location).value();
    changes_.tables_deleted.push_back(known.Name);
    return create(uri.bucket, found);
  }
  auto storage = storage_of(found, location, found.totals, !found.keys.empty());
  const auto former = known.StorageDescriptor
                          ? known.StorageDescriptor->Columns.value_or(std::vector<api::Column>{})
                          : std::vector<api::Column>{};
  if (configuration_.merge_new_columns) {
    auto columns = former;
    for (const api::Column& column : *storage.Columns) {
      const bool there = std::any_of(former.begin(), former.end(), [&](const api::Column& old) {
        return base::iequals(old.Name, column.Name);
      });
      if (!there) columns.push_back(column);
    }
    storage.Columns = columns;
  }
  const bool changed = !has_columns(storage, former);
  if (changed && !updates() && !configuration_.merge_new_columns) {
    log("WARN", fmt::format("The schema of table {} has changed; it is not updated, by the "
                            "SchemaChangePolicy", known.Name));
    return known.Name;
  }
  auto table = input_of<api::TableInput>(known);
  auto parameters = known.Parameters.value_or(Parameters{});
  parameters.erase(kDeprecated);
  for (const auto& [name, value] : *storage.Parameters) parameters[name] = value;
  table.Parameters = parameters;
  table.StorageDescriptor = std::move(storage);
  // A crawl that finds the schema as it was renews the counts and makes no version.
  tools_.glue.update_table(database_, table, !changed);
  if (changed) {
    changes_.tables_updated.push_back(known.Name);
    log("INFO", fmt::format("Updated table {} in database {}", known.Name, database_));
  }
  return known.Name;
}

void CatalogWriter::write_partitions(const std::string& table, const std::string& bucket,
                                     const FoundTable& found) {
  std::map<std::vector<std::string>, api::Partition> former;
  for (auto& partition : tools_.glue.partitions(database_, table)) {
    former.emplace(*partition.Values, std::move(partition));
  }
  const auto owner = tools_.glue.table(database_, table);
  std::vector<api::PartitionInput> changed;
  std::vector<std::string> created;
  for (const FoundPartition& partition : found.partitions) {
    found_[table].insert(partition.values);
    auto storage = storage_of(found, uri_of(bucket, partition.path), partition.totals, false);
    // Deviation: a partition has the table's columns, not its own; Glue does so when partitions
    // inherit from the table, and otherwise its tables may fail in Athena.
    storage.Columns = owner.StorageDescriptor->Columns;
    const auto known = former.find(partition.values);
    if (known == former.end()) {
      created.push_back(bracketed(partition.values));
      changes_.partitions_created.push_back(table + " " + created.back());
    } else if (!updates() ||
               (known->second.StorageDescriptor &&
                has_columns(*known->second.StorageDescriptor, *storage.Columns) &&
                location_of(known->second.StorageDescriptor) == storage.Location &&
                !known->second.Parameters.value_or(Parameters{}).contains(kDeprecated))) {
      continue;
    } else {
      changes_.partitions_updated.push_back(table + " " + bracketed(partition.values));
    }
    auto parameters = storage.Parameters;
    changed.push_back({.Values = partition.values,
                       .StorageDescriptor = std::move(storage),
                       .Parameters = std::move(parameters)});
  }
  tools_.glue.put_partitions(database_, table, changed);
  if (!created.empty()) {
    constexpr std::size_t kShown = 100;
    const auto shown = std::min(created.size(), kShown);
    log("INFO", fmt::format("Created {} partitions with values [{}{}] for table {} in database {}",
                            created.size(),
                            fmt::join(created.begin(),
                                      created.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                            created.size() > shown ? ", …" : "", table, database_));
  }
}

bool CatalogWriter::knows(const std::string& bucket, const std::string& folder) const {
  return known_folders_.contains(uri_of(bucket, folder));
}

bool CatalogWriter::add_to_known_table(const std::string& bucket, const std::string& folder,
                                       const std::vector<CrawledFile>& files) {
  const std::string uri = uri_of(bucket, folder);
  for (const auto& [location, table] : known_) {
    if (!uri.starts_with(location) || !location.ends_with('/')) continue;
    const auto values = values_for(table, folders_below(std::string_view(uri).substr(location.size())));
    if (!values) continue;
    FoundTable found{.schema = *files[0].schema};
    FoundPartition partition{.values = *values, .path = folder};
    for (const CrawledFile& file : files) partition.totals.add(file);
    found.partitions.push_back(std::move(partition));
    write_partitions(table.Name, bucket, found);
    return true;
  }
  return false;
}

void CatalogWriter::remove_lost(const std::set<std::string>& targets) {
  for (const auto& [location, table] : known_) {
    const auto found = found_.find(table.Name);
    if (found == found_.end()) {
      if (lies_below(location, targets)) lose_table(table);
      continue;
    }
    if (!tools_.glue.find_table(database_, table.Name)) continue;
    for (const auto& partition : tools_.glue.partitions(database_, table.Name)) {
      if (!found->second.contains(*partition.Values)) lose_partition(table.Name, partition);
    }
  }
}

void CatalogWriter::lose_table(const api::Table& table) {
  const std::string behavior =
      crawler_.SchemaChangePolicy
          ? crawler_.SchemaChangePolicy->DeleteBehavior.value_or("DEPRECATE_IN_DATABASE")
          : "DEPRECATE_IN_DATABASE";
  if (behavior == "DELETE_FROM_DATABASE") {
    tools_.glue.delete_table(database_, table.Name);
    changes_.tables_deleted.push_back(table.Name);
    log("INFO", fmt::format("Deleted table {} in database {}: its files are gone", table.Name,
                            database_));
  } else if (behavior == "LOG" || table.Parameters->contains(kDeprecated)) {
    log("WARN", fmt::format("The files of table {} are gone", table.Name));
  } else {
    auto input = input_of<api::TableInput>(table);
    (*input.Parameters)[kDeprecated] =
        std::to_string(tools_.glue.context().clock.now().time_since_epoch().count());
    tools_.glue.update_table(database_, input);
    changes_.tables_updated.push_back(table.Name);
    log("INFO", fmt::format("Deprecated table {} in database {}: its files are gone", table.Name,
                            database_));
  }
}

void CatalogWriter::lose_partition(const std::string& table, const api::Partition& partition) {
  const std::string behavior =
      crawler_.SchemaChangePolicy
          ? crawler_.SchemaChangePolicy->DeleteBehavior.value_or("DEPRECATE_IN_DATABASE")
          : "DEPRECATE_IN_DATABASE";
  const std::string name = fmt::format("{} {}", table, bracketed(*partition.Values));
  const auto parameters = partition.Parameters.value_or(Parameters{});
  if (behavior == "DELETE_FROM_DATABASE") {
    tools_.glue.delete_partition(database_, table, *partition.Values);
    changes_.partitions_deleted.push_back(name);
    log("INFO", fmt::format("Deleted partition {}: its files are gone", name));
  } else if (behavior == "LOG" || parameters.contains(kDeprecated)) {
    log("WARN", fmt::format("The files of partition {} are gone", name));
  } else {
    auto input = input_of<api::PartitionInput>(partition);
    if (!input.Parameters) input.Parameters.emplace();
    (*input.Parameters)[kDeprecated] =
        std::to_string(tools_.glue.context().clock.now().time_since_epoch().count());
    tools_.glue.put_partitions(database_, table, {input});
    changes_.partitions_updated.push_back(name);
    log("INFO", fmt::format("Deprecated partition {}: its files are gone", name));
  }
}

}  // namespace engine::glue
