// A Glue table as a SELECT over the files of its location.
#pragma once

#include "engine/services/glue/glue.h"
#include "engine/services/s3/s3.h"
#include "lib/duckdb/database.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace engine::athena {

struct LakeTable {
  std::string select;                        ///< gives the declared columns, partition keys last
  std::map<std::string, std::string> files;  ///< local path → "s3://bucket/key", for messages
  std::uint64_t bytes = 0;                   ///< of all files
};

/// Lists the table's files and says how DuckDB reads them: Parquet, JSON lines, or delimited text,
/// plain or compressed. `session` looks into files for their columns. Objects whose names begin
/// with '_' or '.' are skipped; a location that holds nothing, or a bucket that isn't there, is an
/// empty table. Of a partitioned table only registered partitions are read, or, with partition
/// projection, whatever stands under the location and matches its template. Throws QueryError.
LakeTable lake_table(duck::Connection& session, const glue::Glue& glue, const s3::S3& s3,
                     const glue::api::Table& table);

}  // namespace engine::athena
