// The approved model against what has come since: looked at from here, or by the watching pipeline.
#pragma once

#include "cli/calls/json.h"
#include "cli/session.h"

#include <string>
#include <vector>

namespace cli {

/// drift.json (pipelines/watch/watch.h) as the program beside this one finds it now, of the newest
/// approved model: what it needs is fetched from the buckets, nothing is sent to CloudWatch. Throws
/// std::runtime_error when no model is approved, or when the one that is doesn't tell where it
/// comes from.
json::value watch_now(Session& session);

/// The ARNs of a pipeline's executions, the newest first; those of one status alone when given.
std::vector<std::string> executions_of(Session& session, const std::string& pipeline,
                                       const std::string& status = {});

/// What an execution of the watching pipeline found: its drift.json.
json::value read_drift(Session& session, const std::string& execution_arn);

/// The table of the features, at most `most`, those that breach a limit and then the largest PSI
/// first; then predictions, errors and the verdict.
std::string drift_text(const json::value& drift, std::size_t most);

}  // namespace cli
