// A Glue table as a SELECT over the files of its location.
#pragma once

#include "engine/services/athena/lake_files.h"
#include "engine/services/athena/parquet_footers.h"
#include "engine/services/athena/sessions.h"
#include "engine/services/glue/glue.h"
#include "engine/services/s3/s3.h"
#include "lib/duckdb/database.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace engine::athena {

struct LakeTable {
  std::string select;  ///< gives the declared columns, partition keys last
  std::vector<LakeFile> files;
  std::uint64_t bytes = 0;                   ///< of all files
};

/// Lists the files of a table, or of those of its partitions, and says how DuckDB reads them: Parquet,
/// JSON lines, or delimited text, plain or compressed. `session` looks into files for their columns.
/// Objects whose names begin with '_' or '.' are skipped; a location that holds nothing, or a bucket
/// that isn't there, is an empty table. Throws QueryError.
/// `with_file_columns`: kFileColumns come behind the keys, by functions that LakeViews defines.
LakeTable lake_table(Session& session, ParquetFooters& footers, const s3::S3& s3,
                     const glue::api::Table& table, const LakePartitions& partitions,
                     bool with_file_columns = false);

/// A SELECT that gives the columns and partition keys of the table and no row.
std::string empty_lake_table(const glue::api::Table& table, bool with_file_columns = false);

}  // namespace engine::athena
