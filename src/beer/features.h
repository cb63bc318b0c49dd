// The feature vector: one ordered, named, versioned list, computed in one place for every user.
#pragma once

#include "beer/beer.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace beer {

/// Changes whenever the list or the meaning of a feature changes.
inline constexpr int kFeatureVersion = 2;

struct Feature {
  std::string_view name;     ///< snake_case; also the column of the table `cleaned`
  std::string_view unit;     ///< "percent", "mg/l", "count", …
  std::string_view meaning;  ///< one sentence
  bool mission;              ///< one of the mission's six
  int monotone;              ///< +1 when more of it can't mean less bitterness, else 0
};

/// The six of the mission first, then what derives from them, then the recipe's.
std::span<const Feature> features();

/// The place of a feature in the list, or -1.
int feature_index(std::string_view name);

/// The features of a beer that went through `check`, in the list's order; NaN where one is missing.
/// The ibu is never read. The same beer gives the same bytes. Any thread.
std::vector<float> compute_features(const Beer& repaired);

/// SHA-256 in hexadecimal over the version and every name and unit: two programs agree on the
/// vector when they agree on this.
std::string schema_hash();

}  // namespace beer
