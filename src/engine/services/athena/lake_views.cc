// Finding tables in Glue, views in their texts, and the partitions that a plan asks for.
#include "engine/services/athena/lake_views.h"

#include "engine/services/athena/column_types.h"
#include "engine/services/athena/information_schema.h"
#include "engine/services/athena/lake_table.h"
#include "engine/services/athena/partition_schema.h"
#include "engine/services/athena/projection.h"
#include "engine/services/athena/sql_text.h"
#include "engine/sql/hive_type.h"
#include "lib/base/encoding.h"

#include <algorithm>

namespace engine::athena {
namespace {

constexpr std::size_t kMostPartitions = 1'000'000;
constexpr std::string_view kPartitionsSuffix = "$partitions";

std::string id_of(const TableName& name) { return name.database + '.' + name.table; }
std::string view_of(const TableName& name) { return name.database + '.' + name.view(); }

std::vector<KeyColumn> key_columns(const glue::api::Table& table) {
  std::vector<KeyColumn> keys;
  for (const auto& key : table.PartitionKeys.value_or(std::vector<glue::api::Column>{})) {
    keys.push_back({base::to_lower(key.Name), sql::to_duckdb(key.Type.value_or("string"))});
  }
  return keys;
}

}  // namespace

bool has_union(std::string_view sql) { return base::to_lower(sql).find("union") != std::string::npos; }

void LakeViews::add(const TableName& name, std::string_view sql) {
  if (std::find(open_views_.begin(), open_views_.end(), id_of(name)) != open_views_.end()) {
    throw QueryError(fmt::format("VIEW_IS_RECURSIVE: {}: Statement would create a recursive view",
                                 place(sql, name.position)));
  }
  if (!added_.insert(view_of(name)).second) return;
  if (name.database == "information_schema") {
    const auto select = information_schema(glue_, name.table);
    if (!select) throw missing(name, sql);
    return create(name, without_files(name, *select));
  }
  if (name.table.ends_with(kPartitionsSuffix)) {
    const auto table = glue_.find_table(
        name.database, name.table.substr(0, name.table.size() - kPartitionsSuffix.size()));
    if (!table || !table->PartitionKeys || table->PartitionKeys->empty()) throw missing(name, sql);
    return create(name, without_files(name, partitions_table(glue_, *table)));
  }
  const auto table = glue_.find_table(name.database, name.table);
  if (!table) throw missing(name, sql);
  if (is_view(*table)) return add_view(name, *table);
  if (table->PartitionKeys && !table->PartitionKeys->empty()) return add_probe(name, *table);
  add_files(name, *table, {});
}

void LakeViews::create(const TableName& name, const std::string& select) {
  unites_ = unites_ || has_union(select);
  const std::string schema = duck::quote_name(lake_schema(name.database));
  session_.execute_all(
      fmt::format("CREATE SCHEMA IF NOT EXISTS memory.{0}; CREATE OR REPLACE VIEW memory.{0}.{1} AS {2}",
                  schema, duck::quote_name(name.view()), select));
}

void LakeViews::add_files(const TableName& name, const glue::api::Table& table,
                          const LakePartitions& partitions) {
  if (name.with_file_columns) define_file_functions();
  const LakeTable source =
      lake_table(owner_, footers_, s3_, table, partitions, name.with_file_columns);
  for (const LakeFile& file : source.files) {
    files_->try_emplace(file.path, File{.uri = file.uri,
                                        .partition = partition_name(table, file.partition),
                                        .size = file.size,
                                        .modified = file.modified});
  }
  bytes_ += source.bytes;
  create(name, source.select);
}

// What the files of the tables tell, by their paths.
void LakeViews::define_file_functions() {
  if (std::exchange(has_file_functions_, true)) return;
  const auto define = [&](const char* name, duck::Type result, auto&& set) {
    session_.add_function(
        {.name = name,
         .parameters = {{.kind = duck::Kind::kVarchar}},
         .result = std::move(result),
         .call = [files = files_, set](const std::vector<duck::Cell>& path, duck::Vector& value,
                                       std::uint64_t row) {
           const auto file = files->find(path[0].bytes());
           if (file != files->end()) set(file->second, value, row);
         }});
  };
  define("h_file_uri", {.kind = duck::Kind::kVarchar},
         [](const File& file, duck::Vector& value, std::uint64_t row) {
           value.set_text(row, file.uri);
         });
  define("h_file_size", {.kind = duck::Kind::kBigint},
         [](const File& file, duck::Vector& value, std::uint64_t row) {
           value.set(row, static_cast<std::int64_t>(file.size));
         });
  define("h_file_time", {.kind = duck::Kind::kTimestampTz},
         [](const File& file, duck::Vector& value, std::uint64_t row) {
           value.set(row, std::int64_t{1000} * file.modified.time_since_epoch().count());
         });
  define("h_file_partition", {.kind = duck::Kind::kVarchar},
         [](const File& file, duck::Vector& value, std::uint64_t row) {
           if (!file.partition.empty()) value.set_text(row, file.partition);
         });
}

// What is no table of files has the columns, so that a star can leave them out, and no values.
std::string LakeViews::without_files(const TableName& name, const std::string& select) {
  if (!name.with_file_columns) return select;
  owner_.define({"h_fail"});
  std::string columns;
  for (const std::string_view column : kFileColumns) {
    const std::string why = fmt::format(
        "COLUMN_NOT_FOUND: Column '{}' cannot be resolved: {} has no files", column, name.table);
    columns += fmt::format(", h_fail({}) AS {}", duck::quote_text(why), duck::quote_name(column));
  }
  return fmt::format("SELECT *{} FROM ({})", columns, select);
}

// --- Views

void LakeViews::add_view(const TableName& name, const glue::api::Table& table) {
  const std::string shown = fmt::format("awsdatacatalog.{}.{}", name.database, name.table);
  const auto view = read_view_text(table.ViewOriginalText.value_or(""));
  if (!view) {
    throw QueryError(
        fmt::format("INVALID_VIEW: View '{}' is not a Presto view: its text is not understood",
                    shown));
  }
  open_views_.push_back(id_of(name));
  std::string select;
  try {
    const Translation translation = translate(
        session_, view->sql, view->schema.empty() ? name.database : view->schema);
    owner_.define(translation.functions);
    for (const TableName& inner : translation.tables) add(inner, view->sql);
    select = stored_view_select({translation.sql, view->schema, view->columns}, shown);
  } catch (const duck::Error& error) {
    throw QueryError(fmt::format("INVALID_VIEW: Failed analyzing stored view '{}': {}", shown,
                                 explain(error, view->sql)));
  } catch (const QueryError& error) {
    const std::string why = error.what();
    if (why.starts_with("INVALID_VIEW") || why.starts_with("VIEW_IS_RECURSIVE")) throw;
    throw QueryError(
        fmt::format("INVALID_VIEW: Failed analyzing stored view '{}': {}", shown, why));
  }
  open_views_.pop_back();
  create(name, without_files(name, select));
}

// The view's query under the names and types it was stored with.
std::string LakeViews::stored_view_select(const ViewDefinition& view, const std::string& shown) {
  const duck::Result empty = session_.query(fmt::format("SELECT * FROM ({}) LIMIT 0", view.sql));
  const auto stale = [&](const std::string& why) {
    return QueryError(fmt::format("INVALID_VIEW: View '{}' is stale or in invalid state: {}", shown,
                                  why));
  };
  if (view.columns.empty()) return view.sql;
  if (view.columns.size() != empty.columns().size())
    throw stale("stored view column count does not match column count of query");
  std::string items, names;
  for (std::size_t i = 0; i < view.columns.size(); ++i) {
    const auto& [name, type] = view.columns[i];
    const auto declared = trino_to_duckdb(type);
    if (!declared) throw stale(fmt::format("column [{}] has the unknown type {}", name, type));
    const duck::Type wanted =
        session_.query(fmt::format("SELECT CAST(NULL AS {})", *declared)).columns()[0].type;
    const duck::Type& found = empty.columns()[i].type;
    if (!is_coercible(found, wanted) && trino_type(found) != trino_type(wanted)) {
      throw stale(fmt::format(
          "column [{}] of type {} projected from query view at position {} cannot be coerced to "
          "column [{}] of type {} stored in view definition",
          base::to_lower(empty.columns()[i].name), trino_type(found), i, name, type));
    }
    const std::string value = fmt::format("c{}", i);
    const bool same = duck::to_sql(found) == duck::to_sql(wanted);
    items += fmt::format("{}{} AS {}", i ? ", " : "",
                         same ? value : fmt::format("CAST({} AS {})", value, *declared),
                         duck::quote_name(name));
    names += (i ? ", " : "") + value;
  }
  return fmt::format("SELECT {} FROM ({}) AS stored({})", items, view.sql, names);
}

// --- Partitions

void LakeViews::add_probe(const TableName& name, const glue::api::Table& table) {
  const std::string function = fmt::format("probe_{}", probes_.size());
  auto columns = session_.query(empty_lake_table(table, name.with_file_columns)).columns();
  session_.add_table(function, std::move(columns), no_rows_);
  create(name, fmt::format("SELECT * FROM {}()", function));
  probes_.emplace(function, Probe{name, table});
}

void LakeViews::prune(const std::string& query) {
  if (probes_.empty()) return;
  std::vector<std::string> names;
  for (const auto& [function, probe] : probes_) names.push_back(function);
  auto scans = scans_of(session_, query, names);
  Pruner pruner(owner_.database());
  for (const auto& [function, probe] : probes_) {
    add_files(probe.name, probe.table, needed(probe.table, scans[function], pruner));
  }
}

LakePartitions LakeViews::needed(const glue::api::Table& table,
                                const std::vector<ScanConditions>& scans, Pruner& pruner) const {
  const auto keys = key_columns(table);
  const bool computed = is_projected(table);
  const std::string database = table.DatabaseName.value_or("");
  const auto rows = computed ? projected(table, keys, scans, pruner)
                             : glue_.partition_values(database, table.Name);
  LakePartitions partitions;
  const auto matching = pruner.matching(keys, rows, scans);
  // Projected partitions need not be there: a walk finds those that are.
  partitions.most = !computed && matching.size() >= rows.size() / 2;
  for (const std::size_t index : matching) {
    if (computed) {
      partitions.list.push_back({rows[index], partition_location(table, rows[index])});
      continue;
    }
    const auto known = glue_.find_partition(database, table.Name, rows[index]);
    if (!known || !known->StorageDescriptor || !known->StorageDescriptor->Location) continue;
    check_partition_schema(table, *known);
    partitions.list.push_back({rows[index], *known->StorageDescriptor->Location});
  }
  return partitions;
}

// Every combination of the keys' values, those left out that a condition on one key rules out.
std::vector<std::vector<std::string>> LakeViews::projected(const glue::api::Table& table,
                                                           const std::vector<KeyColumn>& keys,
                                                           const std::vector<ScanConditions>& scans,
                                                           Pruner& pruner) const {
  if (scans.empty()) return {};
  std::vector<std::vector<std::string>> rows = {{}};
  for (const KeyColumn& key : keys) {
    auto values = projected_values(table, key.name, now_);
    if (!values) {
      values = static_values(key.name, scans);
      if (values->empty()) {
        throw QueryError(fmt::format(
            "CONSTRAINT_VIOLATION: For the injected projected partition column {}, the WHERE "
            "clause must contain only static equality conditions, and at least one such condition "
            "must be present.",
            key.name));
      }
    }
    std::vector<std::vector<std::string>> domain;
    for (std::string& value : *values) domain.push_back({std::move(value)});
    const auto kept = pruner.matching({key}, domain, scans);
    if (rows.size() * kept.size() > kMostPartitions) {
      throw QueryError(
          fmt::format("EXCEEDED_PARTITION_LIMIT: The query asks for more than {} partitions of the "
                      "projected table {}",
                      kMostPartitions, table.Name));
    }
    std::vector<std::vector<std::string>> longer;
    for (const auto& row : rows) {
      for (const std::size_t index : kept) {
        longer.push_back(row);
        longer.back().push_back(domain[index][0]);
      }
    }
    rows = std::move(longer);
  }
  return rows;
}

std::vector<std::string> LakeViews::paths() const {
  std::vector<std::string> paths;
  for (const auto& [path, file] : *files_) paths.push_back(path);
  return paths;
}

std::string LakeViews::without_paths(std::string message) const {
  for (const auto& [path, file] : *files_) {
    for (std::size_t at = 0; (at = message.find(path, at)) != std::string::npos;
         at += file.uri.size())
      message.replace(at, path.size(), file.uri);
  }
  return message;
}

QueryError LakeViews::missing(const TableName& name, std::string_view sql) const {
  const bool database =
      name.database == "information_schema" || glue_.find_database(name.database).has_value();
  const std::string what =
      database ? fmt::format("TABLE_NOT_FOUND: {}: Table 'awsdatacatalog.{}.{}' does not exist",
                             place(sql, name.position), name.database, name.table)
               : fmt::format("SCHEMA_NOT_FOUND: {}: Schema '{}' does not exist",
                             place(sql, name.position), name.database);
  return QueryError(what);
}

}  // namespace engine::athena
