// CREATE TABLE AS, INSERT INTO and UNLOAD: a query whose rows become objects of the lake.
#pragma once

#include "engine/services/athena/run_query.h"

namespace engine::athena {

/// Runs the statement as far as nobody sees it: files are written to the scratch folder, and what is
/// left to do is in the output's `change`. Throws QueryError, QueryCancelled.
QueryOutput run_write(glue::Glue& glue, const s3::S3& s3, const QueryInput& input,
                      Cancellation& cancellation);

}  // namespace engine::athena
