// The engine in this process, and a source of beers beside it.
#pragma once

#include "cli/calls/brewery_server.h"
#include "cli/spec.h"
#include "engine/engine.h"
#include "lib/aws/client.h"

#include <memory>
#include <optional>
#include <string>

namespace cli {

/// The engine's own options, as the spec's section `engine` has them; the program beside this one
/// stands for the pipeline's image, and its `xgboost` for SageMaker's own XGBoost images, of any
/// account and region. Throws UsageError.
engine::EngineOptions engine_options(const Spec& spec, const std::string& data, double speed);

/// How a client reaches it.
aws::Config config_for(const engine::Engine& engine, const engine::EngineOptions& options);

/// Where beers come from, as a user names it.
enum class SourceKind { kSimulated, kUrl, kFile };
SourceKind source_kind(const std::string& source);

/// Throws UsageError for a URL that isn't one, and a file that isn't there.
void check_source(const std::string& source);

}  // namespace cli
