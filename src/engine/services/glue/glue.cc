// Rows in the catalog; a key's parts are joined by 0x1f, which no name holds:
//   glue/databases   database                        → Database
//   glue/tables      database, table                 → Table
//   glue/versions    database, table, %010d          → TableVersion (former versions only)
//   glue/partitions  database, table, value, value … → Partition
//   glue/crawlers    name                            → Crawler
//   glue/tags        arn                             → GetTagsResponse
#include "engine/services/glue/glue.h"

#include "engine/protocol/json.h"
#include "engine/services/glue/errors.h"
#include "engine/services/glue/partition_filter.h"
#include "lib/base/encoding.h"

#include <algorithm>

namespace engine::glue {
namespace {

constexpr char kJoin = '\x1f';

std::string table_key(std::string_view database, std::string_view table) {
  return base::to_lower(database) + kJoin + base::to_lower(table);
}

std::string partition_key(std::string_view database, std::string_view table,
                          const std::vector<std::string>& values) {
  std::string key = table_key(database, table);
  for (const std::string& value : values) key += kJoin + value;
  return key;
}

template <class T>
std::optional<T> get(const storage::Catalog& catalog, std::string_view table,
                     std::string_view key) {
  const auto row = catalog.get(table, key);
  if (!row) return std::nullopt;
  return from_json<T>(*row);
}

template <class T>
std::vector<T> all(const storage::Catalog& catalog, std::string_view table,
                   std::string_view prefix = {}) {
  std::vector<T> values;
  for (const auto& row : catalog.scan(table, prefix)) values.push_back(from_json<T>(row.value));
  return values;
}

void remove_all(const storage::Catalog& catalog, std::string_view table, std::string_view prefix,
                storage::Batch& batch) {
  for (const auto& row : catalog.scan(table, prefix)) batch.remove(table, row.key);
}

void remove_table(const storage::Catalog& catalog, const std::string& key, storage::Batch& batch) {
  batch.remove("glue/tables", key);
  remove_all(catalog, "glue/versions", key + kJoin, batch);
  remove_all(catalog, "glue/partitions", key + kJoin, batch);
}

// What Lake Formation puts on databases that name no permissions.
std::vector<api::PrincipalPermissions> default_permissions() {
  return {{.Principal = api::DataLakePrincipal{"IAM_ALLOWED_PRINCIPALS"},
           .Permissions = std::vector<std::string>{"ALL"}}};
}

}  // namespace

// --- Databases

std::optional<api::Database> Glue::find_database(std::string_view name) const {
  return get<api::Database>(context_.catalog, "glue/databases", base::to_lower(name));
}

api::Database Glue::database(std::string_view name) const {
  auto found = find_database(name);
  if (!found) throw no_such_database(name);
  return *found;
}

std::vector<api::Database> Glue::databases() const {
  return all<api::Database>(context_.catalog, "glue/databases");
}

void Glue::create_database(const api::DatabaseInput& input,
                           const std::map<std::string, std::string>& tags) {
  const std::lock_guard lock(mutex_);
  const std::string name = base::to_lower(input.Name);
  if (find_database(name)) throw database_exists();
  auto database = from_json<api::Database>(to_json(input));
  database.Name = name;
  database.CreateTime = context_.clock.now();
  database.CatalogId = context_.account;
  if (!database.CreateTableDefaultPermissions) {
    database.CreateTableDefaultPermissions = default_permissions();
  }
  storage::Batch batch;
  batch.put("glue/databases", name, to_json(database));
  if (!tags.empty()) {
    batch.put("glue/tags", arn("database/" + name), to_json(api::GetTagsResponse{tags}));
  }
  context_.catalog.commit(std::move(batch));
}

void Glue::update_database(std::string_view name, const api::DatabaseInput& input) {
  const std::lock_guard lock(mutex_);
  const api::Database former = database(name);
  auto next = from_json<api::Database>(to_json(input));
  next.Name = former.Name;
  next.CreateTime = former.CreateTime;
  next.CatalogId = former.CatalogId;
  if (!next.CreateTableDefaultPermissions) {
    next.CreateTableDefaultPermissions = former.CreateTableDefaultPermissions;
  }
  storage::Batch batch;
  batch.put("glue/databases", former.Name, to_json(next));
  context_.catalog.commit(std::move(batch));
}

void Glue::delete_database(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const std::string key = database(name).Name;
  storage::Batch batch;
  batch.remove("glue/databases", key);
  batch.remove("glue/tags", arn("database/" + key));
  for (const auto& row : context_.catalog.scan("glue/tables", key + kJoin)) {
    remove_table(context_.catalog, row.key, batch);
  }
  context_.catalog.commit(std::move(batch));
}

// --- Tables

std::optional<api::Table> Glue::find_table(std::string_view database, std::string_view name) const {
  return get<api::Table>(context_.catalog, "glue/tables", table_key(database, name));
}

api::Table Glue::table(std::string_view database, std::string_view name) const {
  auto found = find_table(database, name);
  if (found) return *found;
  this->database(database);
  throw no_such_table(name);
}

std::vector<api::Table> Glue::tables(std::string_view database) const {
  const std::string name = this->database(database).Name;
  return all<api::Table>(context_.catalog, "glue/tables", name + kJoin);
}

// The row of a table to be, when there is none of its name.
api::Table Glue::new_table(std::string_view database, const api::TableInput& input,
                           std::string_view created_by) const {
  const std::string database_name = this->database(database).Name;
  if (find_table(database_name, input.Name)) throw table_exists();
  auto table = from_json<api::Table>(to_json(input));
  table.Name = base::to_lower(input.Name);
  table.DatabaseName = database_name;
  table.CatalogId = context_.account;
  table.CreateTime = table.UpdateTime = context_.clock.now();
  if (!table.Retention) table.Retention = 0;
  if (!created_by.empty()) table.CreatedBy = std::string(created_by);
  table.IsRegisteredWithLakeFormation = false;
  table.VersionId = "0";
  return table;
}

void Glue::create_table(std::string_view database, const api::TableInput& input,
                        std::string_view created_by) {
  const std::lock_guard lock(mutex_);
  const api::Table table = new_table(database, input, created_by);
  storage::Batch batch;
  batch.put("glue/tables", table_key(*table.DatabaseName, table.Name), to_json(table));
  context_.catalog.commit(std::move(batch));
}

void Glue::create_table_with(std::string_view database, const api::TableInput& input,
                             const std::vector<api::PartitionInput>& partitions,
                             const Commit& commit) {
  const std::lock_guard lock(mutex_);
  const api::Table table = new_table(database, input, {});
  storage::Batch batch;
  batch.put("glue/tables", table_key(*table.DatabaseName, table.Name), to_json(table));
  for (const api::PartitionInput& input : partitions) {
    const api::Partition partition = partition_from(table, input);
    batch.put("glue/partitions",
              partition_key(*table.DatabaseName, table.Name, partition.Values.value()),
              to_json(partition));
  }
  commit(std::move(batch));
}

storage::Batch Glue::update_of(std::string_view database, const api::TableInput& input,
                               bool skip_archive) const {
  const api::Table former = table(database, input.Name);
  const std::string key = table_key(database, former.Name);
  const int version = std::stoi(former.VersionId.value_or("0"));
  auto next = from_json<api::Table>(to_json(input));
  next.Name = former.Name;
  next.DatabaseName = former.DatabaseName;
  next.CatalogId = former.CatalogId;
  next.CreateTime = former.CreateTime;
  next.CreatedBy = former.CreatedBy;
  next.UpdateTime = context_.clock.now();
  next.IsRegisteredWithLakeFormation = former.IsRegisteredWithLakeFormation;
  if (!next.Retention) next.Retention = 0;
  next.VersionId = std::to_string(version + 1);
  storage::Batch batch;
  batch.put("glue/tables", key, to_json(next));
  if (!skip_archive) {
    batch.put("glue/versions", fmt::format("{}{}{:010}", key, kJoin, version),
              to_json(api::TableVersion{former, former.VersionId}));
  }
  return batch;
}

void Glue::update_table(std::string_view database, const api::TableInput& input,
                        bool skip_archive) {
  const std::lock_guard lock(mutex_);
  context_.catalog.commit(update_of(database, input, skip_archive));
}

void Glue::put_table_with(std::string_view database, const api::TableInput& input,
                          const Commit& commit) {
  {
    const std::lock_guard lock(mutex_);
    if (find_table(database, input.Name)) return commit(update_of(database, input, false));
  }
  create_table_with(database, input, {}, commit);
}

void Glue::delete_table(std::string_view database, std::string_view name) {
  const std::lock_guard lock(mutex_);
  const api::Table former = table(database, name);
  storage::Batch batch;
  remove_table(context_.catalog, table_key(database, former.Name), batch);
  context_.catalog.commit(std::move(batch));
}

std::vector<api::TableVersion> Glue::table_versions(std::string_view database,
                                                    std::string_view name) const {
  const api::Table present = table(database, name);
  auto versions =
      all<api::TableVersion>(context_.catalog, "glue/versions", table_key(database, name) + kJoin);
  versions.push_back({present, present.VersionId});
  std::reverse(versions.begin(), versions.end());
  return versions;
}

// --- Partitions

api::Partition Glue::partition_from(const api::Table& table,
                                    const api::PartitionInput& input) const {
  const std::size_t keys = table.PartitionKeys ? table.PartitionKeys->size() : 0;
  const auto values = input.Values.value_or(std::vector<std::string>{});
  if (keys != values.size() || keys == 0) {
    throw invalid_input("The number of partition keys do not match the number of partition values");
  }
  for (const std::string& value : values) {
    if (value.find(kJoin) != std::string::npos) {
      throw invalid_input("A partition value holds a control character");
    }
  }
  auto partition = from_json<api::Partition>(to_json(input));
  partition.DatabaseName = table.DatabaseName;
  partition.TableName = table.Name;
  partition.CatalogId = context_.account;
  partition.CreationTime = context_.clock.now();
  return partition;
}

std::vector<api::Partition> Glue::partitions(std::string_view database, std::string_view table,
                                             std::string_view expression) const {
  const api::Table owner = this->table(database, table);
  auto found =
      all<api::Partition>(context_.catalog, "glue/partitions", table_key(database, table) + kJoin);
  if (base::trim(expression).empty()) return found;
  const PartitionFilter filter(expression,
                               owner.PartitionKeys.value_or(std::vector<api::Column>{}));
  std::erase_if(found, [&](const api::Partition& partition) {
    return !filter.matches(partition.Values.value_or(std::vector<std::string>{}));
  });
  return found;
}

std::optional<api::Partition> Glue::find_partition(std::string_view database,
                                                   std::string_view table,
                                                   const std::vector<std::string>& values) const {
  return get<api::Partition>(context_.catalog, "glue/partitions",
                             partition_key(database, table, values));
}

void Glue::create_partition(std::string_view database, std::string_view table,
                            const api::PartitionInput& input) {
  const std::lock_guard lock(mutex_);
  const api::Partition partition = partition_from(this->table(database, table), input);
  const std::string key = partition_key(database, table, *partition.Values);
  if (context_.catalog.get("glue/partitions", key)) throw partition_exists();
  storage::Batch batch;
  batch.put("glue/partitions", key, to_json(partition));
  context_.catalog.commit(std::move(batch));
}

void Glue::update_partition(std::string_view database, std::string_view table,
                            const std::vector<std::string>& values,
                            const api::PartitionInput& input) {
  const std::lock_guard lock(mutex_);
  const api::Table owner = this->table(database, table);
  const auto former = find_partition(database, table, values);
  if (!former) throw no_such_partition();
  api::PartitionInput whole = input;
  if (!whole.Values) whole.Values = values;
  api::Partition next = partition_from(owner, whole);
  next.CreationTime = former->CreationTime;
  const std::string former_key = partition_key(database, table, values);
  const std::string key = partition_key(database, table, *next.Values);
  if (key != former_key && context_.catalog.get("glue/partitions", key)) throw partition_exists();
  storage::Batch batch;
  if (key != former_key) batch.remove("glue/partitions", former_key);
  batch.put("glue/partitions", key, to_json(next));
  context_.catalog.commit(std::move(batch));
}

void Glue::put_partitions(std::string_view database, std::string_view table,
                          const std::vector<api::PartitionInput>& inputs) {
  const std::lock_guard lock(mutex_);
  const api::Table owner = this->table(database, table);
  storage::Batch batch;
  for (const api::PartitionInput& input : inputs) {
    api::Partition partition = partition_from(owner, input);
    if (const auto former = find_partition(database, table, *partition.Values)) {
      partition.CreationTime = former->CreationTime;
    }
    batch.put("glue/partitions", partition_key(database, table, *partition.Values),
              to_json(partition));
  }
  if (!batch.empty()) context_.catalog.commit(std::move(batch));
}

void Glue::delete_partition(std::string_view database, std::string_view table,
                            const std::vector<std::string>& values) {
  const std::lock_guard lock(mutex_);
  this->table(database, table);
  if (!find_partition(database, table, values)) throw no_such_partition();
  storage::Batch batch;
  batch.remove("glue/partitions", partition_key(database, table, values));
  context_.catalog.commit(std::move(batch));
}

void Glue::add_partitions_with(std::string_view database, std::string_view table,
                               const std::vector<api::PartitionInput>& partitions,
                               const Commit& commit) {
  const std::lock_guard lock(mutex_);
  const api::Table owner = this->table(database, table);
  storage::Batch batch;
  for (const api::PartitionInput& input : partitions) {
    const api::Partition partition = partition_from(owner, input);
    const std::string key = partition_key(database, table, partition.Values.value());
    if (!context_.catalog.get("glue/partitions", key)) {
      batch.put("glue/partitions", key, to_json(partition));
    }
  }
  commit(std::move(batch));
}

std::vector<std::vector<std::string>> Glue::partition_values(std::string_view database,
                                                             std::string_view table) const {
  const std::string prefix = table_key(database, table) + kJoin;
  std::vector<std::vector<std::string>> all;
  for (const auto& row : context_.catalog.scan("glue/partitions", prefix)) {
    auto& values = all.emplace_back();
    for (std::size_t at = prefix.size(); at <= row.key.size();) {
      const std::size_t end = std::min(row.key.find(kJoin, at), row.key.size());
      values.push_back(row.key.substr(at, end - at));
      at = end + 1;
    }
  }
  return all;
}

// --- Crawlers

std::optional<api::Crawler> Glue::find_crawler(std::string_view name) const {
  return get<api::Crawler>(context_.catalog, "glue/crawlers", name);
}

api::Crawler Glue::crawler(std::string_view name) const {
  auto found = find_crawler(name);
  if (!found) throw no_such_crawler(name);
  return *found;
}

std::vector<api::Crawler> Glue::crawlers() const {
  return all<api::Crawler>(context_.catalog, "glue/crawlers");
}

void Glue::put_crawler(const api::Crawler& crawler) {
  storage::Batch batch;
  batch.put("glue/crawlers", crawler.Name.value(), to_json(crawler));
  context_.catalog.commit(std::move(batch));
}

void Glue::delete_crawler(std::string_view name) {
  crawler(name);
  storage::Batch batch;
  batch.remove("glue/crawlers", name);
  batch.remove("glue/tags", arn("crawler/" + std::string(name)));
  context_.catalog.commit(std::move(batch));
}

// --- Tags

std::map<std::string, std::string> Glue::tags(std::string_view arn) const {
  const auto found = get<api::GetTagsResponse>(context_.catalog, "glue/tags", arn);
  return found && found->Tags ? *found->Tags : std::map<std::string, std::string>{};
}

void Glue::set_tags(std::string_view arn, const std::map<std::string, std::string>& tags) {
  storage::Batch batch;
  if (tags.empty()) {
    batch.remove("glue/tags", arn);
  } else {
    batch.put("glue/tags", arn, to_json(api::GetTagsResponse{tags}));
  }
  context_.catalog.commit(std::move(batch));
}

}  // namespace engine::glue
