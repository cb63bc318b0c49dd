// `beer drift`: whether what comes now is still what the approved model was trained on.
#include "cli/calls/watching.h"
#include "cli/commands/commands.h"
#include "cli/errors.h"

#include <fmt/format.h>

#include <limits>

namespace cli {

int drift(const DriftOptions& options) {
  constexpr std::size_t kShown = 15;
  Session session(options.common);
  const json::value found = watch_now(session);
  if (options.json) {
    fmt::print("{}\n", json::serialize(found));
  } else {
    fmt::print("{}",
               drift_text(found, options.all ? std::numeric_limits<std::size_t>::max() : kShown));
  }
  return found.at("breached").as_bool() ? kGateRefused : kOk;
}

}  // namespace cli
