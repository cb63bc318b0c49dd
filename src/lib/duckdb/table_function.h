// How a connection gets a table of the program's rows: between database.cc and row_source.cc only.
#pragma once

#include "lib/duckdb/database.h"
#include "lib/duckdb/row_source.h"

#include <string>
#include <vector>

namespace duck {

/// Makes `name()` a table of those rows for a duckdb_connection. Throws Error.
void add_table_function(void* connection, const std::string& name,
                        std::vector<ResultColumn> columns, RowSource& rows);

}  // namespace duck
