// The Glue Data Catalog as other services see it: databases, tables with their versions,
// partitions.
#pragma once

#include "engine/models/glue.h"
#include "engine/services/context.h"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::glue {

/// Thread-safe. Names of databases and tables are lower case, as in Hive: they are found and stored
/// in any case. Methods throw AwsError (EntityNotFoundException, AlreadyExistsException,
/// InvalidInputException); find_… give nothing instead.
class Glue {
 public:
  explicit Glue(Context& context) : context_(context) {}

  std::optional<api::Database> find_database(std::string_view name) const;
  api::Database database(std::string_view name) const;
  std::vector<api::Database> databases() const;  ///< by name
  void create_database(const api::DatabaseInput& input,
                       const std::map<std::string, std::string>& tags = {});
  void update_database(std::string_view name, const api::DatabaseInput& input);
  void delete_database(std::string_view name);  ///< with its tables

  /// A table's columns are StorageDescriptor->Columns followed by PartitionKeys.
  std::optional<api::Table> find_table(std::string_view database, std::string_view name) const;
  api::Table table(std::string_view database, std::string_view name) const;
  std::vector<api::Table> tables(std::string_view database) const;  ///< by name
  void create_table(std::string_view database, const api::TableInput& input,
                    std::string_view created_by = {});
  /// Keeps the former version unless `skip_archive`.
  void update_table(std::string_view database, const api::TableInput& input,
                    bool skip_archive = false);
  void delete_table(std::string_view database, std::string_view name);  ///< with its partitions
  std::vector<api::TableVersion> table_versions(std::string_view database,
                                                std::string_view name) const;  ///< newest first

  /// Partitions, by their values. `expression` is GetPartitions' ("" for all).
  std::vector<api::Partition> partitions(std::string_view database, std::string_view table,
                                         std::string_view expression = {}) const;
  std::optional<api::Partition> find_partition(std::string_view database, std::string_view table,
                                               const std::vector<std::string>& values) const;
  void create_partition(std::string_view database, std::string_view table,
                        const api::PartitionInput& input);
  void update_partition(std::string_view database, std::string_view table,
                        const std::vector<std::string>& values, const api::PartitionInput& input);
  /// Creates or replaces all of them in one transaction.
  void put_partitions(std::string_view database, std::string_view table,
                      const std::vector<api::PartitionInput>& inputs);
  void delete_partition(std::string_view database, std::string_view table,
                        const std::vector<std::string>& values);

  /// The values of every partition, in their order: the keys alone, no partition is read.
  std::vector<std::vector<std::string>> partition_values(std::string_view database,
                                                         std::string_view table) const;

  /// Makes rows of the catalog durable, with what else belongs to the same transaction.
  using Commit = std::function<void(storage::Batch)>;
  /// create_table() with partitions, by `commit`, which runs under this class's lock: it may reach
  /// S3 and the catalog, nothing that comes back here.
  void create_table_with(std::string_view database, const api::TableInput& input,
                         const std::vector<api::PartitionInput>& partitions, const Commit& commit);
  /// create_table(), or update_table() when there is one, in the same way.
  void put_table_with(std::string_view database, const api::TableInput& input,
                      const Commit& commit);
  /// The same for partitions of a table that is there; those that exist stay as they are.
  void add_partitions_with(std::string_view database, std::string_view table,
                           const std::vector<api::PartitionInput>& partitions,
                           const Commit& commit);

  std::optional<api::Crawler> find_crawler(std::string_view name) const;
  api::Crawler crawler(std::string_view name) const;
  std::vector<api::Crawler> crawlers() const;  ///< by name
  void put_crawler(const api::Crawler& crawler);
  void delete_crawler(std::string_view name);

  std::map<std::string, std::string> tags(std::string_view arn) const;
  void set_tags(std::string_view arn, const std::map<std::string, std::string>& tags);

  /// "arn:aws:glue:…:database/x"
  std::string arn(std::string_view resource) const { return context_.arn("glue", resource); }
  const Context& context() const { return context_; }

 private:
  api::Table new_table(std::string_view database, const api::TableInput& input,
                       std::string_view created_by) const;
  storage::Batch update_of(std::string_view database, const api::TableInput& input,
                           bool skip_archive) const;
  api::Partition partition_from(const api::Table& table, const api::PartitionInput& input) const;

  Context& context_;
  std::mutex mutex_;  // held over each read-modify-write
};

}  // namespace engine::glue
