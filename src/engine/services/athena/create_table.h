// CREATE EXTERNAL TABLE as Glue's TableInput.
#pragma once

#include "engine/services/athena/ddl_cursor.h"
#include "engine/services/glue/glue.h"

namespace engine::athena {

struct TableDefinition {
  QualifiedName name;
  bool if_not_exists = false;
  glue::api::TableInput input;
};

/// Reads the statement behind CREATE EXTERNAL TABLE. Throws QueryError.
TableDefinition read_create_table(DdlCursor& cursor);

/// The statement that makes the table: SHOW CREATE TABLE.
std::string create_table_statement(const glue::api::Table& table);

/// "name type [COMMENT 'x'], …" in parentheses.
std::vector<glue::api::Column> read_columns(DdlCursor& cursor);
/// One of them.
glue::api::Column read_column(DdlCursor& cursor);

}  // namespace engine::athena
