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
  std::vector<std::string> partition;  ///< values of the partition keys
  std::uint64_t size = 0;
};

/// See lake_table().
std::vector<LakeFile> lake_files(const glue::Glue& glue, const s3::S3& s3,
                                 const glue::api::Table& table);

/// One "column=value" folder of a key below a location: what MSCK REPAIR TABLE looks for.
/// The values of `keys` in the folders of `folders` ("year=2026/month=01/"), empty when they don't
/// agree.
std::vector<std::string> hive_values(std::string_view folders,
                                     const std::vector<std::string>& keys);

}  // namespace engine::athena
