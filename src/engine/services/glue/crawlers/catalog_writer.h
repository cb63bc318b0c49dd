// A crawl's findings as Glue's tables and partitions, by the crawler's policies.
#pragma once

#include "engine/services/glue/crawlers/crawl.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace engine::glue {

/// Writes to the crawler's database, which it makes when it is missing. A table is this crawler's
/// when its parameter UPDATED_BY_CRAWLER says so; it is known again by its location, whatever its
/// name has become. Used by one thread, for one crawl.
class CatalogWriter {
 public:
  CatalogWriter(const CrawlTools& tools, const api::Crawler& crawler,
                const CrawlConfiguration& configuration);

  /// Creates or updates the table and its partitions.
  void write(const std::string& bucket, const FoundTable& found);

  /// What of this crawler's tables below `targets` (URIs) and of the partitions of tables written
  /// was not found: deleted, deprecated or only logged.
  void remove_lost(const std::set<std::string>& targets);

  /// True when a table or a partition of this crawler has that folder for its location.
  bool knows(const std::string& bucket, const std::string& folder) const;
  /// Adds the folder as a partition to the table of this crawler that it belongs to by its depth;
  /// false when there is none.
  bool add_to_known_table(const std::string& bucket, const std::string& folder,
                          const std::vector<CrawledFile>& files);

  CrawlChanges take_changes() { return std::move(changes_); }

 private:
  using Parameters = std::map<std::string, std::string>;

  void log(std::string_view level, const std::string& line) const { tools_.log(level, line); }
  bool is_ours(const api::Table& table) const;
  bool updates() const;
  std::string free_name(const std::string& bucket, const std::string& path) const;
  api::StorageDescriptor storage_of(const FoundTable& found, const std::string& location,
                                    const FileTotals& totals, bool partitioned) const;
  std::string create(const std::string& bucket, const FoundTable& found);
  /// Gives the table's name.
  std::string update(const api::Table& known, const FoundTable& found, const std::string& location);
  void write_partitions(const std::string& table, const std::string& bucket,
                        const FoundTable& found);
  void lose_table(const api::Table& table);
  void lose_partition(const std::string& table, const api::Partition& partition);

  const CrawlTools& tools_;
  const api::Crawler& crawler_;
  const CrawlConfiguration& configuration_;
  std::string database_;
  std::map<std::string, api::Table> known_;  ///< this crawler's tables, by location
  std::set<std::string> known_folders_;      ///< locations of those tables and their partitions
  std::map<std::string, std::set<std::vector<std::string>>> found_;  ///< table → its partitions
  CrawlChanges changes_;
};

/// "My-Beers.csv" → "my_beers_csv"
std::string table_name(std::string_view text);

}  // namespace engine::glue
