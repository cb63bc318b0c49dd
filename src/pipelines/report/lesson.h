// The lesson of this data: an error is worth what the split is worth.
#pragma once

#include "pipelines/report/repeats.h"

namespace pipelines {

/// The MAE that the same training reports of the same beers by three ways to part them.
struct ThreeSplits {
  std::size_t draws = 0;  ///< from the source, which repeats beers
  double by_row = 0;      ///< the draws dealt to folds: a beer stands on both sides
  double by_id = 0;       ///< each beer once, its relatives on both sides
  double by_family = 0;   ///< nothing shared: what a new recipe will meet
};

/// `draws` beers with replacement, as a schedule that asks for a random beer gets them.
ThreeSplits three_splits(const Beers& beers, const Hyperparameters& hyperparameters,
                         std::size_t draws, std::uint64_t seed);

}  // namespace pipelines
