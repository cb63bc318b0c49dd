// The result of an earlier execution in place of running the same query again.
#pragma once

#include "engine/models/athena.h"
#include "engine/services/context.h"
#include "engine/services/s3/s3.h"

#include <optional>
#include <string>
#include <string_view>

namespace engine::athena {

/// What two queries have in common when one may have the other's result: text with its parameters,
/// database, workgroup and folder of the output. A key of the table athena/reuse, whose rows are the
/// ids of the newest executions that succeeded.
std::string reuse_key(const api::QueryExecution& execution, std::string_view sql,
                      std::string_view folder);

/// The execution whose result `execution` may have by its ResultReuseConfiguration: it is young
/// enough and its object is still there. As on AWS nobody looks whether the data has changed.
std::optional<api::QueryExecution> reusable(const Context& context, const s3::S3& s3,
                                            const api::QueryExecution& execution,
                                            const std::string& key);

}  // namespace engine::athena
