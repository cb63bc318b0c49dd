// The serving container: the model behind an HTTP port until the process is told to stop.
#pragma once

#include "pipelines/files.h"

#include <iosfwd>

namespace pipelines {

/// Loads /opt/ml/model and serves handler.h's answers on SAGEMAKER_BIND_TO_PORT (8080) of
/// SM_BIND_ADDRESS (0.0.0.0) until SIGTERM or SIGINT, then lets requests under way finish. Says on
/// `log` where it serves. Throws when the model doesn't fit this program or the port is taken.
void serve(const Folders& folders, std::ostream& log);

}  // namespace pipelines
