// The rows of the table `cleaned` as they lie in files: Parquet, or JSON lines, plain or gzipped.
#pragma once

#include "beer/families.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pipelines {

/// What preprocessing needs of a row.
struct CleanedRow {
  std::int64_t id = 0;
  std::string name;
  std::string label;            ///< "ok", "missing", "rejected", "out_of_scale"
  double ibu = 0;               ///< NaN when there is none
  std::int64_t arrived_at = 0;  ///< milliseconds since 1970
  beer::FamilyKeys keys;
  std::vector<float> features;  ///< in the order of beer::features(), NaN where missing
};

/// Every row of every object below `folder`: Parquet first, files in the order of their paths. What
/// a file is, its first bytes tell. Throws std::runtime_error naming the file when it isn't
/// readable or a column is missing.
std::vector<CleanedRow> read_cleaned(const std::filesystem::path& folder);

}  // namespace pipelines
