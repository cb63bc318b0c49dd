// Parser, rules and features, one after the other.
#include "beer/reading.h"

#include "beer/features.h"

#include <algorithm>
#include <utility>

namespace beer {
namespace {

std::vector<std::string> flags_of(std::vector<Finding> parsed,
                                  const std::vector<std::string_view>& checked) {
  std::vector<std::string> flags;
  flags.reserve(parsed.size() + checked.size());
  for (Finding& finding : parsed) {
    if (std::find(flags.begin(), flags.end(), finding.name) == flags.end()) {
      flags.push_back(std::move(finding.name));
    }
  }
  flags.insert(flags.end(), checked.begin(), checked.end());
  return flags;
}

}  // namespace

Reading read_beer(std::string_view json) {
  ParseResult parsed = parse_beer(json);
  if (!parsed) throw InvalidBeer(parsed.reason);
  Checked checked = check(std::move(*parsed.beer));
  Reading reading;
  reading.beer = std::move(checked.beer);
  reading.flags = flags_of(std::move(parsed.findings), checked.findings);
  reading.label = checked.label;
  reading.features = compute_features(reading.beer);
  return reading;
}

}  // namespace beer
