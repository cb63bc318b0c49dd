// What makes a DuckDB session behave as Trino's.
#include "engine/services/athena/dialect.h"

namespace engine::athena {

std::string_view session_setup() {
  return R"sql(
SET errors_as_json = true;
SET TimeZone = 'UTC';
)sql";
}

}  // namespace engine::athena
