// The serving container: the model behind an HTTP port until the process is told to stop.
#pragma once

#include "lib/http/message.h"
#include "pipelines/files.h"

#include <functional>
#include <iosfwd>

namespace pipelines {

/// Loads /opt/ml/model and serves handler.h's answers on SAGEMAKER_BIND_TO_PORT (8080) of
/// SM_BIND_ADDRESS (0.0.0.0) until SIGTERM or SIGINT, then lets requests under way finish. Says on
/// `log` where it serves. Throws when the model doesn't fit this program or the port is taken.
void serve(const Folders& folders, std::ostream& log);

/// The same with other answers: what `load` gives is asked for them. It is called once the signals
/// are ours, so that a thread it starts can't take them. Requests for which `quick` is true are
/// answered without another thread (http::ServerOptions::quick).
using Answers = std::function<http::Response(const http::Request&)>;
void serve(const std::function<Answers()>& load, std::ostream& log,
           std::function<bool(const http::Request&)> quick = nullptr);

}  // namespace pipelines
