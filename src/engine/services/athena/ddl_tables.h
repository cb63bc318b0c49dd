// ALTER TABLE and DESCRIBE, past the table's name.
#pragma once

#include "engine/services/athena/ddl.h"
#include "engine/services/athena/ddl_cursor.h"

namespace engine::athena {

DdlResult alter_table(const DdlContext& context, DdlCursor& cursor, const glue::api::Table& table);

/// `whole`: EXTENDED or FORMATTED, with where and how the table is stored.
DdlResult describe(const DdlContext& context, DdlCursor& cursor, const glue::api::Table& table,
                   bool whole);

}  // namespace engine::athena
