// The data-quality rules and how many beers of the lake each has caught.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

namespace pipelines {

/// What stands in the column `findings` of the table `cleaned`, counted over different beers.
struct QualityCounts {
  std::size_t beers = 0;
  std::map<std::string, std::size_t> findings;
  std::map<std::string, std::size_t> labels;  ///< "ok", "missing", …
};

/// Of the Parquet files below `folder`; all counts are 0 where there is none. Throws duck::Error
/// when one isn't the table.
QualityCounts quality_counts(const std::filesystem::path& folder);

/// A line for each rule: name, what it checks, what is done, why, and how many beers it caught.
std::string quality_table(const QualityCounts& counts);

}  // namespace pipelines
