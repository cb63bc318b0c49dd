// The approved model that a new one has to stand up to, as the pipeline's parameters name it.
#pragma once

#include "cli/calls/json.h"
#include "cli/session.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cli {

struct Champion {
  int version = 0;
  /// s3:// of the model that was judged, and of the rows it learnt from; "" for a version that was
  /// registered by other means than the pipeline.
  std::string judged_model, judged_rows;
};

/// The newest Approved version of the spec's group.
std::optional<Champion> find_champion(Session& session);

/// ChampionVersion, ChampionModel and ChampionRows; none of them without a champion, so that the
/// definition's defaults say so.
std::vector<std::pair<std::string, std::string>> champion_parameters(
    const std::optional<Champion>& champion);

/// Those as an EventBridge target holds them; nothing when there is no champion.
std::optional<json::object> champion_of_target(const std::optional<Champion>& champion);

/// Tells the rule that trains by the clock who the champion is now. Does nothing where there is no
/// such rule. To be called after each change of an approval.
void crown_for_retraining(Session& session);

}  // namespace cli
