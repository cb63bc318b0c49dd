// One JSON record made to fit declared columns, as the OpenX and Hive JSON SerDes read it.
#pragma once

#include "engine/sql/hive_type.h"

#include <map>
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

/// Reads records against the columns of a table. Thread-safe after construction.
///
/// What fits: numbers and numeric text for numbers (whole and in range for integers), true and
/// false, ISO 8601 or "yyyy-mm-dd hh:mm:ss" text and epoch seconds or milliseconds for timestamps,
/// anything for strings (objects become their JSON text), base64 for binary (and stays base64),
/// null and absence everywhere, unknown keys ignored.
class JsonRow {
 public:
  /// Throws std::invalid_argument, with the column's name, when a type isn't one.
  JsonRow(const std::vector<Column>& columns, JsonKeys keys);

  /// Appends the record to `out` as one line of JSON with exactly the columns' names and types, or
  /// gives the reason why it does not fit and appends nothing.
  std::optional<std::string> append(std::string_view record, std::string& out) const;

 private:
  HiveType row_;  // the record as one struct
  JsonKeys keys_;
};

}  // namespace engine::sql
