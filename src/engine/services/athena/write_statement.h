// CREATE TABLE AS, INSERT INTO and UNLOAD as they stand in the text: where rows go, and their query.
#pragma once

#include "engine/services/athena/ddl_cursor.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

/// A value of WITH (…): 'text', a number or a word is one text, ARRAY['a', 'b'] several.
struct PropertyValue {
  std::vector<std::string> texts;
  bool is_list = false;
};

struct WriteStatement {
  enum class Kind { kCreateTable, kInsert, kUnload };
  Kind kind = Kind::kInsert;
  bool if_not_exists = false;
  bool with_data = true;             ///< false: CREATE TABLE … AS … WITH NO DATA
  QualifiedName table;               ///< CREATE TABLE, INSERT
  std::vector<std::string> columns;  ///< those an INSERT names, lower case; may be none
  std::string target;                ///< UNLOAD's s3://…
  std::map<std::string, PropertyValue> properties;  ///< by lower-case name
  /// The query, with blanks in place of what stands around it: places in it are the statement's.
  std::string query;
};

/// Throws QueryError when it is none of the three, or not well-formed outside its query.
WriteStatement read_write_statement(std::string_view sql, std::string_view default_database);

}  // namespace engine::athena
