// What Parquet files hold by their footers, remembered from query to query.
#pragma once

#include "engine/services/athena/lake_files.h"
#include "lib/duckdb/database.h"

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace engine::athena {

struct ParquetColumn {
  std::string name;       ///< as the file spells it
  duck::Type type;        ///< as DuckDB reads it
  std::string primitive;  ///< Parquet's: "INT32", "BYTE_ARRAY", …; "group" of a nested one
};

/// The columns of a file. Files of equal columns share one object.
struct ParquetSchema {
  std::vector<ParquetColumn> columns;
  std::string print;  ///< the same for schemas that are

  /// The column of that name in any case, null when there is none.
  const ParquetColumn* find(std::string_view lower_name) const;
};

/// Thread-safe. A file is known by its path and its object's ETag, so one that was replaced is read
/// again. Holds the newest kMost files.
class ParquetFooters {
 public:
  static constexpr std::size_t kMost = 100'000;

  using Schemas = std::vector<std::shared_ptr<const ParquetSchema>>;

  /// The schema of each file; those not known yet are read through `session`, which may open them.
  /// Throws QueryError for a file that is no Parquet.
  Schemas schemas(duck::Connection& session, const std::vector<const LakeFile*>& files);

 private:
  using Shared = std::shared_ptr<const ParquetSchema>;

  void remember(const LakeFile& file, Shared schema);

  std::mutex mutex_;  // guards all below
  std::unordered_map<std::string, Shared> known_;
  std::list<std::string> order_;  // keys of known_, oldest first
};

}  // namespace engine::athena
