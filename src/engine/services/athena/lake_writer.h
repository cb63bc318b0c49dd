// A query's rows as files of a table: Parquet, JSON lines, or delimited text, parted by values.
#pragma once

#include "lib/duckdb/database.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace engine::athena {

struct WriteFormat {
  enum class Kind { kParquet, kJson, kText, kQuotedText };
  Kind kind = Kind::kParquet;
  std::string compression = "gzip";  ///< as DuckDB calls it; "none"
  // Of text, one byte each; no escape when empty.
  std::string delimiter = "\x01", escape;
  std::string null_text = "\\N";
  std::map<std::string, std::string> json_keys;  ///< column → key, where they differ

  /// Whether files of this kind can be compressed so.
  bool takes(const std::string& compression) const;
  /// What a file's name ends with, so that readers know its compression.
  std::string suffix() const;
};

/// A column of the rows, with its type in DuckDB's words.
struct WriteColumn {
  std::string name, type;
};

struct WrittenFile {
  std::string path;
  std::uint64_t size = 0;
  std::vector<std::string> partition;  ///< values of the partition columns
};

struct Written {
  std::vector<WrittenFile> files;  ///< none for no rows
  std::uint64_t rows = 0;
};

/// Writes the rows of `select`, which has exactly these columns, the last `keys` of them partition
/// columns, into files below `folder`, which exists and is empty. Throws duck::Error, QueryError for
/// more than 100 partitions and for nested columns in text.
Written write_files(duck::Connection& session, const std::string& select,
                    const std::vector<WriteColumn>& columns, std::size_t keys,
                    const WriteFormat& format, const std::string& folder);

}  // namespace engine::athena
