// A query's result as Athena leaves it in S3: a CSV object, and a .metadata object beside it.
#pragma once

#include "engine/models/athena.h"
#include "lib/duckdb/database.h"
#include "lib/http/message.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

/// Nothing is NULL.
using ResultRow = std::vector<std::optional<std::string>>;

/// A column of a result in the words of the API: "integer", "varchar", "decimal" with precision, …
api::ColumnInfo column_info(std::string name, const duck::Type& type);
/// A column of Hive's statements (SHOW, DESCRIBE): a string.
api::ColumnInfo text_column(std::string name);

/// A cell as Athena prints it; nothing for NULL.
std::optional<std::string> cell_text(const duck::Cell& cell);

/// Writes rows as Athena's CSV: every value in quotes, NULL as nothing at all.
class CsvFile {
 public:
  /// A new file at `path`. Throws std::system_error.
  explicit CsvFile(std::string path);
  ~CsvFile();  ///< removes the file unless it was finished

  void add(const ResultRow& row);
  /// The whole file, which goes with the last copy of the body.
  http::Body finish();

 private:
  void write(const std::string& text);

  std::string path_;
  std::FILE* file_;
  std::uint64_t size_ = 0;
};

struct CsvRows {
  std::vector<ResultRow> rows;
  std::size_t next = 0;  ///< where the row behind them begins; the text's size when there is none
};

/// At most `limit` rows of CSV text from the byte `offset` on, where a row begins.
CsvRows read_csv(std::string_view text, std::size_t offset, std::size_t limit);

/// The same of a text whose rows are lines.
CsvRows read_lines(std::string_view text, std::size_t limit);

/// The .metadata object: the columns as a protocol buffer.
/// Deviation: Athena does not publish its format; this one holds the same facts under our own
/// numbers.
std::string metadata_file(const std::vector<api::ColumnInfo>& columns);

}  // namespace engine::athena
