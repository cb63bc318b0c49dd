// The rows of the table `cleaned` as they lie in files: Parquet, or JSON lines, plain or gzipped.
#pragma once

#include "beer/families.h"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace pipelines {

/// What preprocessing needs of a row, but for its features.
struct CleanedRow {
  std::int64_t id = 0;
  std::string name;
  std::string label;            ///< "ok", "missing", "rejected", "out_of_scale"
  std::string findings;         ///< names of the quality rules that caught it, joined by ','
  double ibu = 0;               ///< NaN when there is none
  std::int64_t arrived_at = 0;  ///< milliseconds since 1970
  beer::FamilyKeys keys;
};

/// Rows, and beside them their features: a million rows in one piece of memory.
struct CleanedRows {
  std::vector<CleanedRow> rows;
  std::vector<float> features;  ///< row after row in the order of beer::features(), NaN if missing

  std::span<const float> features_of(std::size_t row) const;
};

/// Every row of every object below `folder`: Parquet first, files in the order of their paths. What
/// a file is, its first bytes tell. Throws std::runtime_error naming the file when it isn't
/// readable or a column is missing.
CleanedRows read_cleaned(const std::filesystem::path& folder);

/// The places of the latest record of each beer, by id. Of records that arrived in the same
/// millisecond the one with the greatest contents counts, so the order of rows and files tells
/// nothing.
std::vector<std::uint32_t> latest_by_id(const CleanedRows& cleaned);

}  // namespace pipelines
