// Bringing the system of a spec onto an endpoint, and taking it away, by API calls.
#pragma once

#include "cli/session.h"

#include <functional>
#include <string>

namespace cli {

/// Told of everything that changes: "created", "bucket mlops-beer-raw-123456789012".
using OnChange = std::function<void(const std::string& verb, const std::string& what)>;

/// How many resources there are, and how many of them were changed.
struct DeployResult {
  int resources = 0;
  int changed = 0;
};

struct DeployOptions {
  /// Where fn_extraction draws beers from; "" leaves the function's own, and is an error when there
  /// is none.
  std::string source_url;
  bool schedule_live = true;  ///< false: the rule is there, but doesn't fire
};

/// Creates what is missing and updates what differs; what agrees is left alone. Throws
/// aws::ServiceError and std::runtime_error; what was done by then stays, and the next call goes on
/// from there.
DeployResult deploy(Session& session, const DeployOptions& options, const OnChange& on_change);

/// Removes only what runs have made, and a group of models can't be deleted with: the endpoint with
/// its configs and models, and the registry's model packages. All that deploy() made stays.
DeployResult destroy_models(Session& session, const OnChange& on_change);

/// Removes what deploy() and training have made. Buckets that hold objects are kept, and named as
/// "kept", unless `with_data`.
DeployResult destroy(Session& session, bool with_data, const OnChange& on_change);

}  // namespace cli
