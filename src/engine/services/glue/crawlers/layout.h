// Which folders are tables, and which are partitions of them.
// Source: "How does a crawler determine when to create partitions?", AWS Glue user guide.
#pragma once

#include "engine/services/glue/crawlers/file_schema.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace engine::glue {

/// A file that was understood.
struct CrawledFile {
  std::string path;  ///< below the bucket: its key
  std::uint64_t size = 0;
  std::shared_ptr<const FileSchema> schema;
};

/// Counts over files, as a table's parameters tell them.
struct FileTotals {
  std::uint64_t objects = 0, bytes = 0;
  double records = 0;

  void add(const CrawledFile& file);
};

struct FoundPartition {
  std::vector<std::string> values;
  std::string path;  ///< its folder's key, with a slash behind it
  FileTotals totals;
};

/// A table that a crawl found.
struct FoundTable {
  std::string path;  ///< its folder's key with a slash behind it, or a file's key; "" is the bucket
  FileSchema schema;  ///< of all its files
  std::vector<std::string> keys;           ///< of its partitions
  std::vector<FoundPartition> partitions;  ///< by their paths
  FileTotals totals;
};

struct LayoutOptions {
  /// TableGroupingPolicy CombineCompatibleSchemas: schemas need not be similar.
  bool combine = false;
  /// TableLevelConfiguration: tables begin at this level, the bucket being 1; 0 leaves it open.
  int table_level = 0;
};

/// The tables among `files`, which lie below `root` (a folder's key with a slash behind it, or "").
///
/// Files of a folder with similar schemas are one table, and so are folders of which all are, down
/// to the same depth: then they are partitions. Schemas are similar when they have the same format
/// and at least seven of ten columns. Folders whose names are values of one key ("day=1", "day=2")
/// are partitions however much their schemas differ.
/// Deviation: files of one folder may be compressed in different ways; Glue makes them tables.
std::vector<FoundTable> find_tables(const std::string& root, const std::vector<CrawledFile>& files,
                                    const LayoutOptions& options);

/// The schema of both.
FileSchema merged(const FileSchema& a, const FileSchema& b);

}  // namespace engine::glue
