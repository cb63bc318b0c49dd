// Values that files hold as text, as SQL that reads them as the types a table declares.
#pragma once

#include "engine/sql/hive_type.h"

#include <string>
#include <vector>

namespace engine::athena {

/// What a text that is no value of its column's type becomes.
struct Misfit {
  /// "": NULL. Otherwise the query fails with this and, behind it, the text in quotes. SQL.
  std::string sentence = {};
};

/// LazySimpleSerDe and OpenCSVSerde. `value` is SQL of type VARCHAR. Whole numbers are digits,
/// booleans true or false in any case; an empty text is a value of no type but text.
/// `separators` are those of nested types, the outermost first: elements of a list, entries of a
/// map or fields of a struct; what is inside goes on with the next.
std::string value_of_text(const std::string& value, const sql::HiveType& declared,
                          const Misfit& misfit, const std::vector<std::string>& separators = {});

/// How JSON of that type is read first: numbers and booleans as text, for DuckDB itself would round
/// 4.7 to the integer 5 and take true for 1.
sql::HiveType json_read_type(const sql::HiveType& declared);

/// What was read so, as the declared type.
std::string value_of_json(const std::string& value, const sql::HiveType& declared,
                          const Misfit& misfit);

}  // namespace engine::athena
