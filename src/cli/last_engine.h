// A way to the system even when its engine has ended.
#pragma once

#include "cli/session.h"
#include "engine/engine.h"

#include <memory>
#include <string>

namespace cli {

/// A session, and the engine that was started for it, if one had to be.
struct Reached {
  std::unique_ptr<engine::Engine> engine;
  std::unique_ptr<Session> session;
};

/// Where find_endpoint leads, when somebody answers there. Else the data folder whose engine ran
/// last, that one itself or one of its `runs`, is opened by an engine in this process; what this
/// engine finds is what the last one left. Throws std::runtime_error when there is neither.
Reached reach_system(const Common& common);

/// The folder below `data`, or `data` itself, whose engine started last; "" when none ever did.
std::string last_data_folder(const std::string& data);

}  // namespace cli
