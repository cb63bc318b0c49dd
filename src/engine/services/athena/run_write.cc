// What may be written where, and with which types.
#include "engine/services/athena/run_write.h"

#include "engine/services/athena/column_types.h"
#include "engine/services/athena/errors.h"
#include "engine/services/athena/lake_files.h"
#include "engine/services/athena/lake_writer.h"
#include "engine/services/athena/query_session.h"
#include "engine/services/athena/storage_format.h"
#include "engine/services/athena/write_format.h"
#include "engine/services/athena/write_statement.h"
#include "engine/sql/hive_type.h"
#include "lib/base/encoding.h"
#include "lib/base/time_text.h"
#include "lib/io/temporary_folder.h"

#include <algorithm>
#include <set>

namespace engine::athena {
namespace {

using Columns = std::vector<glue::api::Column>;

// The rows of the query under names c0, c1, …, whatever it calls them itself.
std::string renamed(const std::string& sql, std::size_t columns) {
  std::string names;
  for (std::size_t i = 0; i < columns; ++i) names += fmt::format("{}c{}", i ? ", " : "", i);
  return fmt::format("({}) AS rows_of_the_query({})", sql, names);
}

class Writer {
 public:
  Writer(glue::Glue& glue, const s3::S3& s3, const QueryInput& input, Cancellation& cancellation)
      : glue_(glue),
        s3_(s3),
        input_(input),
        cancellation_(cancellation),
        statement_(read_write_statement(input.sql, input.database)),
        session_(glue, s3, input, cancellation),
        folder_(std::make_shared<io::TemporaryFolder>(input.scratch)) {}

  QueryOutput run() {
    if (statement_.kind == WriteStatement::Kind::kCreateTable && nothing_to_create()) {
      return finished({});
    }
    try {
      open();
      if (statement_.kind == WriteStatement::Kind::kCreateTable) return create_table();
      return statement_.kind == WriteStatement::Kind::kInsert ? insert() : unload();
    } catch (const duck::Error& error) {
      session_.fail(error, statement_.query);
    }
  }

 private:
  // Prepares the query and looks at the types it gives.
  void open() {
    translation_ = session_.open(statement_.query, {folder_->path()});
    const auto columns = session_.columns_of(translation_);
    for (const duck::ResultColumn& column : columns) types_.push_back(column.type);
    names_ = result_names(translation_, columns);
  }

  bool nothing_to_create() const {
    const auto& [database, table] = statement_.table;
    if (!glue_.find_database(database)) {
      throw QueryError(
          fmt::format("SCHEMA_NOT_FOUND: line 1:1: Schema '{}' does not exist", database));
    }
    if (!glue_.find_table(database, table)) return false;
    if (statement_.if_not_exists) return true;
    throw QueryError(fmt::format(
        "TABLE_ALREADY_EXISTS: line 1:1: Table 'awsdatacatalog.{}.{}' already exists", database,
        table));
  }

  // --- CREATE TABLE AS

  QueryOutput create_table() {
    const WriteOptions options = table_options(statement_.properties);
    const std::string location = new_location(options);
    check_names();
    const Columns all = declared_columns();
    const std::size_t keys = check_keys(options.partitioned_by);
    glue::api::TableInput table = new_table(options, location, all, keys);
    std::vector<glue::api::PartitionInput> partitions;
    if (statement_.with_data) {
      const Written written = write(all, plain_select(all), keys, options.format);
      const auto names = names_of(all, keys);
      add_objects(written, [&](const auto& values) { return location + hive_path(names, values); });
      partitions = new_partitions(written, *table.StorageDescriptor, [&](const auto& values) {
        return location + hive_path(names, values);
      });
      rows_ = written.rows;
    }
    return finished([&glue = glue_, database = statement_.table.database, table = std::move(table),
                     partitions = std::move(partitions)](const glue::Glue::Commit& commit) {
      glue.create_table_with(database, table, partitions, commit);
    });
  }

  std::string new_location(const WriteOptions& options) const {
    if (options.location.empty()) return input_.output + '/';
    if (input_.output_enforced) {
      throw QueryError(
          "The Create Table As Select query failed because it was submitted with an "
          "'external_location' property to an Athena Workgroup that enforces a centralized output "
          "location for all queries. Please remove the 'external_location' property and resubmit "
          "the query.");
    }
    return empty_folder(options.location, fmt::format("table '{}.{}'", statement_.table.database,
                                                      statement_.table.table));
  }

  // The folder, when nothing stands in it yet.
  std::string empty_folder(std::string location, const std::string& whose) const {
    if (!location.empty() && location.back() != '/') location += '/';
    const auto place = s3::parse_s3_uri(location);
    if (!place) throw QueryError(fmt::format("INVALID_PROPERTY: '{}' is no S3 location", location));
    if (!s3_.has_bucket(place->bucket)) {
      throw QueryError(fmt::format("HIVE_WRITER_OPEN_ERROR: the bucket {} does not exist",
                                   place->bucket));
    }
    if (!s3_.list_objects(place->bucket, {.prefix = place->key, .max_keys = 1}).objects.empty()) {
      throw QueryError(fmt::format(
          "HIVE_PATH_ALREADY_EXISTS: Target directory for {} already exists: {}. You may need to "
          "manually clean the data at location '{}' before retrying. Athena will not delete data "
          "in your account.",
          whose, location, location));
    }
    return location;
  }

  void check_names() const {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == fmt::format("_col{}", i)) {
        throw QueryError(fmt::format(
            "COLUMN_NAME_NOT_SPECIFIED: line 1:1: Column name not specified at position {}",
            i + 1));
      }
      if (seen.insert(names_[i]).second) continue;
      throw QueryError(fmt::format(
          "DUPLICATE_COLUMN_NAME: line 1:1: Column name '{}' specified more than once",
          names_[i]));
    }
  }

  Columns declared_columns() const {
    Columns columns;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const auto type = hive_type(types_[i]);
      if (!type) {
        throw QueryError(fmt::format("NOT_SUPPORTED: Unsupported Hive type: {}, of column {}",
                                     trino_type(types_[i]), names_[i]));
      }
      columns.push_back({.Name = names_[i], .Type = *type});
    }
    return columns;
  }

  // How many of the query's columns, its last, are the partition keys.
  std::size_t check_keys(const std::vector<std::string>& keys) const {
    if (keys.empty()) return 0;
    if (keys.size() >= names_.size())
      throw QueryError("INVALID_TABLE_PROPERTY: Table contains only partition columns");
    if (!std::equal(keys.rbegin(), keys.rend(), names_.rbegin())) {
      throw QueryError(fmt::format(
          "HIVE_COLUMN_ORDER_MISMATCH: Partition keys must be the last columns in the table and in "
          "the same order as the table properties: [{}]",
          fmt::join(keys, ", ")));
    }
    return keys.size();
  }

  glue::api::TableInput new_table(const WriteOptions& options, const std::string& location,
                                  const Columns& all, std::size_t keys) const {
    const auto end = all.end() - static_cast<long>(keys);
    glue::api::StorageDescriptor storage = options.storage();
    storage.Columns = Columns(all.begin(), end);
    storage.Location = location;
    return {.Name = statement_.table.table,
            .Owner = "hadoop",
            .StorageDescriptor = std::move(storage),
            .PartitionKeys = Columns(end, all.end()),
            .TableType = "EXTERNAL_TABLE",
            .Parameters = options.table_parameters()};
  }

  // --- INSERT INTO

  QueryOutput insert() {
    const auto& [database, name] = statement_.table;
    const auto table = glue_.find_table(database, name);
    if (!table) {
      throw QueryError(fmt::format(
          "TABLE_NOT_FOUND: line 1:1: Table 'awsdatacatalog.{}.{}' does not exist", database,
          name));
    }
    if (table->TableType == "VIRTUAL_VIEW")
      throw QueryError("NOT_SUPPORTED: line 1:1: Inserting into views is not supported");
    const WriteFormat format = format_of(*table);
    Columns all = table->StorageDescriptor->Columns.value_or(Columns{});
    const Columns keys = table->PartitionKeys.value_or(Columns{});
    all.insert(all.end(), keys.begin(), keys.end());
    const Written written = write(all, insert_select(all), keys.size(), format);
    rows_ = written.rows;
    const auto location = [&](const std::vector<std::string>& values) {
      return target(*table, values);
    };
    add_objects(written, location);
    auto partitions =
        is_projected(*table) || keys.empty()
            ? std::vector<glue::api::PartitionInput>{}
            : new_partitions(written, *table->StorageDescriptor, location);
    return finished([&glue = glue_, database = database, name = name,
                     partitions = std::move(partitions)](const glue::Glue::Commit& commit) {
      glue.add_partitions_with(database, name, partitions, commit);
    });
  }

  // A partition that the catalog knows may stand anywhere.
  std::string target(const glue::api::Table& table, const std::vector<std::string>& values) const {
    std::string location = table.StorageDescriptor->Location.value_or("");
    if (!values.empty()) {
      const auto known = is_projected(table)
                             ? std::nullopt
                             : glue_.find_partition(*table.DatabaseName, table.Name, values);
      location = known && known->StorageDescriptor && known->StorageDescriptor->Location
                     ? *known->StorageDescriptor->Location
                     : partition_location(table, values);
    }
    return location.empty() || location.back() == '/' ? location : location + '/';
  }

  // The query's columns in the table's order and types.
  std::string insert_select(const Columns& all) const {
    std::vector<std::string> given = statement_.columns;
    if (given.empty()) {
      for (const auto& column : all) given.push_back(base::to_lower(column.Name));
    }
    check_insert_columns(all, given);
    std::string items;
    for (const auto& column : all) {
      const auto place = std::find(given.begin(), given.end(), base::to_lower(column.Name));
      const std::string value =
          place == given.end() ? "NULL" : fmt::format("c{}", place - given.begin());
      items += fmt::format("{}CAST({} AS {}) AS {}", items.empty() ? "" : ", ", value,
                           sql::to_duckdb(column.Type.value_or("string")),
                           duck::quote_name(base::to_lower(column.Name)));
    }
    return fmt::format("SELECT {} FROM {}", items, renamed(translation_.sql, types_.size()));
  }

  void check_insert_columns(const Columns& all, const std::vector<std::string>& given) const {
    std::vector<duck::Type> wanted;
    std::vector<std::string> wanted_names, found_names;
    for (const std::string& name : given) {
      const auto column = std::find_if(all.begin(), all.end(), [&](const auto& candidate) {
        return base::iequals(candidate.Name, name);
      });
      if (column == all.end()) {
        throw QueryError(fmt::format(
            "COLUMN_NOT_FOUND: line 1:1: Insert column name does not exist in target table: {}",
            name));
      }
      if (std::count(given.begin(), given.end(), name) > 1) {
        throw QueryError(fmt::format(
            "DUPLICATE_COLUMN_NAME: line 1:1: Insert column name is specified more than once: {}",
            name));
      }
      wanted.push_back(type_of(*column));
      wanted_names.push_back(trino_type(wanted.back()));
    }
    for (const duck::Type& type : types_) found_names.push_back(trino_type(type));
    bool fits = wanted.size() == types_.size();
    for (std::size_t i = 0; fits && i < wanted.size(); ++i)
      fits = is_coercible(types_[i], wanted[i]);
    if (fits) return;
    throw QueryError(fmt::format(
        "TYPE_MISMATCH: line 1:1: Insert query has mismatched column types: Table: [{}], Query: "
        "[{}]",
        fmt::join(wanted_names, ", "), fmt::join(found_names, ", ")));
  }

  duck::Type type_of(const glue::api::Column& column) const {
    const std::string type = sql::to_duckdb(column.Type.value_or("string"));
    return session_.connection().query(fmt::format("SELECT CAST(NULL AS {})", type)).columns()[0]
        .type;
  }

  // --- UNLOAD

  QueryOutput unload() {
    const WriteOptions options = unload_options(statement_.properties);
    const std::string location = empty_folder(statement_.target, "UNLOAD");
    check_names_of_files(options);
    const Columns all = declared_columns();
    const std::size_t keys = check_keys(options.partitioned_by);
    const Written written = write(all, plain_select(all), keys, options.format);
    rows_ = written.rows;
    const auto names = names_of(all, keys);
    add_objects(written, [&](const auto& values) { return location + hive_path(names, values); });
    return finished({});
  }

  // Text has no names in it.
  void check_names_of_files(const WriteOptions& options) const {
    if (options.format.kind != WriteFormat::Kind::kText || !options.partitioned_by.empty())
      check_names();
  }

  // --- What the three share

  std::string plain_select(const Columns& all) const {
    std::string items;
    for (std::size_t i = 0; i < all.size(); ++i) {
      items += fmt::format("{}CAST(c{} AS {}) AS {}", i ? ", " : "", i,
                           sql::to_duckdb(all[i].Type.value()), duck::quote_name(all[i].Name));
    }
    return fmt::format("SELECT {} FROM {}", items, renamed(translation_.sql, all.size()));
  }

  static std::vector<std::string> names_of(const Columns& all, std::size_t keys) {
    std::vector<std::string> names;
    for (std::size_t i = all.size() - keys; i < all.size(); ++i)
      names.push_back(base::to_lower(all[i].Name));
    return names;
  }

  Written write(const Columns& all, const std::string& select, std::size_t keys,
                const WriteFormat& format) {
    std::vector<WriteColumn> columns;
    for (const auto& column : all) {
      columns.push_back(
          {base::to_lower(column.Name), sql::to_duckdb(column.Type.value_or("string"))});
    }
    suffix_ = format.suffix();
    return write_files(session_.connection(), select, columns, keys, format, folder_->path());
  }

  // The written files as objects to be, each at its partition's place.
  template <class F>
  void add_objects(const Written& written, F&& location) {
    std::size_t number = 0;
    for (const WrittenFile& file : written.files) {
      const std::string uri =
          fmt::format("{}{}_{:05}_{}{}", location(file.partition),
                      base::format_utc(input_.now, "%Y%m%d_%H%M%S"), number++, input_.id, suffix_);
      const auto place = s3::parse_s3_uri(uri);
      if (!place || !s3_.has_bucket(place->bucket)) {
        throw QueryError(
            fmt::format("HIVE_WRITER_OPEN_ERROR: the location of {} is no bucket's", uri));
      }
      manifest_.push_back(uri);
      objects_.push_back({.bucket = place->bucket,
                          .key = place->key,
                          .body = http::Body::spooled(file.path, file.size)});
    }
  }

  template <class F>
  static std::vector<glue::api::PartitionInput> new_partitions(
      const Written& written, const glue::api::StorageDescriptor& storage, F&& location) {
    std::vector<glue::api::PartitionInput> partitions;
    for (const WrittenFile& file : written.files) {
      if (file.partition.empty()) continue;
      if (!partitions.empty() && partitions.back().Values == file.partition) continue;
      partitions.push_back({.Values = file.partition, .StorageDescriptor = storage});
      partitions.back().StorageDescriptor->Location = location(file.partition);
    }
    return partitions;
  }

  QueryOutput finished(Change::Apply apply) {
    cancellation_.check();
    QueryOutput output;
    output.columns.push_back(column_info("rows", {.kind = duck::Kind::kBigint}));
    output.form = ResultForm::kNone;
    output.rows = rows_;
    output.updated = static_cast<std::int64_t>(rows_);
    output.bytes_scanned = session_.bytes();
    output.files_opened = session_.files();
    output.planning = session_.planning();
    output.manifest = std::move(manifest_);
    output.change = {
        .folder = folder_, .objects = std::move(objects_), .apply = std::move(apply)};
    return output;
  }

  glue::Glue& glue_;
  const s3::S3& s3_;
  const QueryInput& input_;
  Cancellation& cancellation_;
  const WriteStatement statement_;
  mutable QuerySession session_;
  std::shared_ptr<io::TemporaryFolder> folder_;
  Translation translation_;
  std::vector<duck::Type> types_;
  std::vector<std::string> names_;
  std::string suffix_;
  std::uint64_t rows_ = 0;
  std::vector<s3::NewObject> objects_;
  std::vector<std::string> manifest_;
};

}  // namespace

QueryOutput run_write(glue::Glue& glue, const s3::S3& s3, const QueryInput& input,
                      Cancellation& cancellation) {
  return Writer(glue, s3, input, cancellation).run();
}

}  // namespace engine::athena
