// Types as Glue declares them.
#include "engine/sql/hive_type.h"
#include "lib/base/fuzz.h"

FUZZ(bytes) {
  const auto type = engine::sql::parse_hive_type(bytes);
  if (type) base::fuzz::hold(!engine::sql::to_duckdb(*type).empty(), "a type has a name");
}
