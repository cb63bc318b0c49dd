// Expressions of GetPartitions, and values held against each.
#include "engine/protocol/error.h"
#include "engine/services/glue/partition_filter.h"
#include "lib/base/fuzz.h"

FUZZ(bytes) {
  static const std::vector<engine::glue::api::Column> keys{{.Name = "year", .Type = "int"},
                                                           {.Name = "month", .Type = "string"}};
  try {
    const engine::glue::PartitionFilter filter(bytes, keys);
    filter.matches({"2026", "01"});
    filter.matches({"__HIVE_DEFAULT_PARTITION__", std::string(200, 'a')});
  } catch (const engine::AwsError&) {
  }
}
