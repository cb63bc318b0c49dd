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
  /// s3:// of the registered model, and of the folders with the baseline's statistics and the
  /// evaluation; "" likewise.
  std::string model, baseline, evaluation;
};

/// The newest Approved version of the spec's group.
std::optional<Champion> find_champion(Session& session);

/// ChampionVersion, ChampionModel and ChampionRows; none of them without a champion, so that the
/// definition's defaults say so.
std::vector<std::pair<std::string, std::string>> champion_parameters(
    const std::optional<Champion>& champion);

/// Those as an EventBridge target holds them; nothing when there is no champion.
std::optional<json::object> champion_of_target(const std::optional<Champion>& champion);

/// The parameters that tell the watching pipeline which model, and what its execution left; nothing
/// when the champion was registered by other means than the pipeline.
std::optional<std::vector<std::pair<std::string, std::string>>> watching_parameters(
    const std::optional<Champion>& champion);
/// Those as an EventBridge target holds them.
std::optional<json::object> watched_of_target(const std::optional<Champion>& champion);

/// Tells the rules that train, by the clock and when the alarm goes off, who the champion is now,
/// and the rule that watches it too. Does nothing where there is no such rule. To be called after
/// each change of an approval.
void crown_for_retraining(Session& session);

/// Wakes the rule that watches the champion, where both are there.
void watch_from_now_on(Session& session);

}  // namespace cli
