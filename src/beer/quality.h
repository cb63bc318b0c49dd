// The data-quality rules: what is checked of a beer, what is done about it, and why.
#pragma once

#include "beer/beer.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beer {

/// Whether a beer's ibu can teach a model.
enum class LabelStatus {
  kOk,          ///< 0..100
  kMissing,     ///< no ibu
  kRejected,    ///< the number isn't this beer's bitterness, or the recipe is no recipe
  kOutOfScale,  ///< above 100: true perhaps, but outside the scale the model speaks
};
/// "ok", "missing", "rejected", "out_of_scale": what stands in the column `label`.
std::string_view to_string(LabelStatus status);

/// What a rule does to a beer it catches. Every action also leaves the rule's name as a finding.
enum class Action {
  kFlag,         ///< nothing else
  kSwap,         ///< exchanges the two columns
  kNull,         ///< makes the value missing
  kScale,        ///< divides by the factor the unit was wrong by
  kNormalise,    ///< nothing here: the reading of recipes (hops.h) understands it
  kAssume,       ///< nothing here: the reading of recipes takes the usual value
  kNoLabel,      ///< label kMissing
  kRejectLabel,  ///< label kRejected
  kOutOfScale,   ///< label kOutOfScale
};
std::string_view to_string(Action action);

struct Rule {
  std::string_view name;    ///< stable, snake_case; what stands in `findings`
  std::string_view checks;  ///< the condition, in words
  Action action;
  std::string_view reason;  ///< why this action
  /// True when the beer is caught; repairs it when the action says so.
  bool (*apply)(Beer& beer);
};

/// The rules in the order they are applied: a later rule sees what earlier ones repaired.
std::span<const Rule> rules();

/// A beer after the rules, with the names of those that caught it, in the rules' order.
struct Checked {
  Beer beer;
  std::vector<std::string_view> findings;
  LabelStatus label = LabelStatus::kOk;
};

/// Applies every rule. The strictest label wins: missing, rejected, out of scale, ok. Any thread.
Checked check(Beer beer);

}  // namespace beer
