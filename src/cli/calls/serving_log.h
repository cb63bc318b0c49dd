// What served when: a log in the models' bucket to which lines are added and never changed.
#pragma once

#include "cli/session.h"

#include <string>
#include <vector>

namespace cli {

/// The endpoint was made to serve a version.
struct Served {
  std::string time;    ///< UTC, "2026-11-23T14:05:06.789Z"
  std::string action;  ///< "promote" or "rollback"
  int version = 0;
  int before = 0;  ///< the version that served until then; 0: none of ours
  std::string by;  ///< the ARN of who did it
};

/// Adds a line, as an object of its own. The time and the caller are filled in.
void note_served(Session& session, Served line);

/// All lines of the spec's endpoint, the oldest first; none where the bucket isn't there.
std::vector<Served> serving_log(Session& session);

/// The versions one could go back to, the latest at the end: what was promoted and not rolled back
/// since. What serves now is the last of them.
std::vector<int> standing_versions(const std::vector<Served>& log);

}  // namespace cli
