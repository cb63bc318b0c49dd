// The files of a Glue table, with the partition each stands in.
#pragma once

#include "engine/services/glue/glue.h"
#include "engine/services/s3/s3.h"

#include <cstdint>
#include <string>
#include <vector>

namespace engine::athena {

struct LakeFile {
  std::string path;                    ///< on this machine
  std::string uri;                     ///< s3://bucket/key
  std::string compression;             ///< "none", "gzip" or "zstd", by the key's suffix
  std::string etag;                    ///< the object's
  std::vector<std::string> partition;  ///< values of the partition keys
  std::uint64_t size = 0;
  Timestamp modified = {};
};

/// One partition: the values of the table's keys, and where its objects are.
struct LakePartition {
  std::vector<std::string> values;
  std::string location;
};

/// Partitions of a table, and whether they are most of those it has: then one walk over the folder
/// they share is cheaper than a look into each.
struct LakePartitions {
  std::vector<LakePartition> list = {};
  bool most = false;
};

/// The visible objects of a table without partition keys, or of these partitions of one that has
/// some. See lake_table().
std::vector<LakeFile> lake_files(const s3::S3& s3, const glue::api::Table& table,
                                 const LakePartitions& partitions);

/// The values of `keys` in the folders of `folders` ("year=2026/month=01/"), empty when they don't
/// agree.
std::vector<std::string> hive_values(std::string_view folders,
                                     const std::vector<std::string>& keys);

/// The folders of a partition, "year=2026/month=01/", as Hive names them: what a path can't hold is
/// percent-encoded.
std::string hive_path(const std::vector<std::string>& keys, const std::vector<std::string>& values);

/// The same without the last '/': "year=2026/month=01".
std::string partition_name(const glue::api::Table& table, const std::vector<std::string>& values);

/// The names of a table's partition keys, lower case.
std::vector<std::string> key_names(const glue::api::Table& table);

/// A parameter of the table, "" when there is none.
std::string parameter(const glue::api::Table& table, const std::string& name);

/// Whether the table's partitions are told by its parameters, not by the catalog.
bool is_projected(const glue::api::Table& table);

/// Where new files of a partition go that is not in the catalog: by the projection's template, else
/// Hive's folder below the table's location. It ends with '/'.
std::string partition_location(const glue::api::Table& table,
                               const std::vector<std::string>& values);

}  // namespace engine::athena
