// How much models err on a catalogue: what the simulated brewery is held beside the real one by.
#pragma once

#include "beer/cleaned.h"

#include <cstdint>
#include <vector>

namespace bench {

/// Beers whose ibu can teach.
using Rows = std::vector<beer::Cleaned>;

Rows teachable(Rows rows);
/// The first `beers` of a simulated catalogue.
Rows simulated(std::uint64_t seed, std::uint64_t beers = 415);

/// Mean absolute errors in IBU under repeated cross-validation, whole families held out.
struct Errors {
  double mean = 0;    ///< of always answering the training mean
  double six = 0;     ///< of boosting on the mission's six fields and what derives from them
  double recipe = 0;  ///< of boosting on all features
};
Errors judge(const Rows& rows, int repeats);

}  // namespace bench
