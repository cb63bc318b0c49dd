// CREATE VIEW.
#pragma once

#include "engine/services/athena/run_query.h"

namespace engine::athena {

/// Looks at the columns of the view's query, and gives the view as the output's `change`. Throws
/// QueryError, QueryCancelled.
QueryOutput create_view(glue::Glue& glue, const s3::S3& s3, const QueryInput& input,
                        Cancellation& cancellation);

}  // namespace engine::athena
