// Statements over a table's partitions.
#pragma once

#include "engine/services/athena/ddl.h"
#include "engine/services/athena/ddl_cursor.h"

namespace engine::athena {

/// Behind ALTER TABLE t ADD: [IF NOT EXISTS] PARTITION (key = value, …) [LOCATION '…'] …
DdlResult add_partitions(const DdlContext& context, DdlCursor& cursor,
                         const glue::api::Table& table);

/// Behind ALTER TABLE t DROP: [IF EXISTS] PARTITION (key = value, …), … With fewer keys, or with <, >
/// and their like, every partition that meets them goes.
DdlResult drop_partitions(const DdlContext& context, DdlCursor& cursor,
                          const glue::api::Table& table);

/// Behind ALTER TABLE t: PARTITION (key = value, …) RENAME TO PARTITION (…) | SET LOCATION '…'
DdlResult change_partition(const DdlContext& context, DdlCursor& cursor,
                           const glue::api::Table& table);

/// Behind DESCRIBE t: PARTITION (key = value, …)
glue::api::Partition described_partition(const DdlContext& context, DdlCursor& cursor,
                                         const glue::api::Table& table);

/// MSCK REPAIR TABLE: registers the "key=value/" folders under the location that hold objects.
DdlResult repair_table(const DdlContext& context, const glue::api::Table& table);

/// SHOW PARTITIONS: "year=2026/month=01" a row.
DdlResult show_partitions(const DdlContext& context, const glue::api::Table& table);

}  // namespace engine::athena
