// Parquet files from JSON records, by the columns a Glue table declares.
#pragma once

#include "engine/sql/hive_type.h"
#include "engine/sql/json_row.h"
#include "lib/http/message.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace engine::sql::parquet {

struct Options {
  std::string scratch;                 ///< folder for temporary files; must exist
  std::string compression = "SNAPPY";  ///< SNAPPY, GZIP, ZSTD or UNCOMPRESSED
  JsonKeys keys;
};

/// A record that does not fit the columns.
struct Misfit {
  std::size_t record;  ///< index
  std::string reason;  ///< "column abv: \"strong\" is not a double"
};

struct Converted {
  http::Body file;  ///< a spooled Parquet file, empty when no record fits
  std::uint64_t rows = 0;
  std::vector<Misfit> misfits;
};

/// One row for each record (one JSON object each; spaces and line ends around it do not matter)
/// that fits the columns; the others are told in `misfits`. Throws std::invalid_argument for a
/// column of an unknown type, duck::Error when DuckDB or the disk refuses. Thread-safe.
Converted from_json_lines(const std::vector<std::string_view>& records,
                          const std::vector<Column>& columns, const Options& options);

/// Rows of a Parquet file, from its footer. Throws duck::Error.
std::uint64_t count_rows(const std::string& path);

}  // namespace engine::sql::parquet
