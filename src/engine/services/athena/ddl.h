// Hive's statements over the Glue catalog: CREATE, DROP, ALTER, SHOW, DESCRIBE, MSCK REPAIR TABLE.
#pragma once

#include "engine/services/athena/results.h"
#include "engine/services/glue/glue.h"
#include "engine/services/s3/s3.h"

#include <string>
#include <string_view>
#include <vector>

namespace engine::athena {

/// Which kind a statement is, by its first words.
enum class StatementClass {
  kQuery,  ///< SELECT, WITH, VALUES: DuckDB's
  kExplain,
  kDdl,          ///< changes the catalog
  kUtility,      ///< reads the catalog
  kWrite,        ///< a query whose rows go into the lake: CREATE TABLE AS, INSERT, UNLOAD
  kCreateView,
  kPrepare,      ///< PREPARE, DEALLOCATE PREPARE
  kUnsupported,  ///< Athena knows it, we don't: MERGE, VACUUM, …
  kUnknown,      ///< no statement at all
};
StatementClass classify(std::string_view sql);

/// "DDL", "DML" or "UTILITY", and the finer word Athena has for it ("" when it has none).
struct StatementType {
  std::string type, subtype;
};
StatementType statement_type(std::string_view sql);

struct DdlResult {
  std::vector<api::ColumnInfo> columns;
  std::vector<ResultRow> rows;
};

struct DdlContext {
  glue::Glue& glue;
  const s3::S3& s3;
  std::string_view default_database;
};

/// Runs a statement of class kDdl or kUtility. Throws QueryError; what Glue refuses comes as such,
/// too.
DdlResult run_ddl(const DdlContext& context, std::string_view sql);

}  // namespace engine::athena
