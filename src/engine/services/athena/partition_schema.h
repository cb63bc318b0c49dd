// Whether the columns that a partition declares can be read as those of its table.
#pragma once

#include "engine/services/glue/glue.h"

namespace engine::athena {

/// Columns are compared by name. Throws QueryError HIVE_PARTITION_SCHEMA_MISMATCH for the first one
/// of which the partition's type can't become the table's.
void check_partition_schema(const glue::api::Table& table, const glue::api::Partition& partition);

}  // namespace engine::athena
