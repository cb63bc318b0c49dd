// One JSON record put into declared columns, as the OpenX and Hive JSON SerDes read it.
#pragma once

#include "engine/sql/hive_type.h"
#include "lib/duckdb/database.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::sql {

/// How keys of a record find their columns.
struct JsonKeys {
  bool case_insensitive = true;
  bool dots_to_underscores = false;
  std::map<std::string, std::string> column_to_key;  ///< column → the record's key
};

/// Reads records against the columns of a table. Used by one thread.
///
/// What fits: numbers and numeric text for numbers (whole and in range for integers), true and
/// false, ISO 8601 or "yyyy-mm-dd hh:mm:ss" text and epoch seconds or milliseconds for timestamps,
/// anything for strings (objects become their JSON text), base64 for binary, null and absence
/// everywhere, unknown keys ignored.
class JsonRow {
 public:
  /// Throws std::invalid_argument, with the column's name, when a type isn't one.
  JsonRow(const std::vector<Column>& columns, JsonKeys keys);
  ~JsonRow();

  /// The columns' names in lower case, and their types.
  std::vector<duck::ResultColumn> columns() const;

  /// Makes the record that row of the columns, or gives the reason why it does not fit; then the row
  /// is to be written again.
  std::optional<std::string> write(std::string_view record, std::vector<duck::Vector>& columns,
                                   std::uint64_t row);

 private:
  struct Reader;
  HiveType row_;  // the record as one struct
  JsonKeys keys_;
  std::unique_ptr<Reader> reader_;
};

}  // namespace engine::sql
