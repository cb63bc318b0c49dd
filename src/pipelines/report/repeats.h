// Repeated grouped cross-validation: what models say of beers whose family they never saw.
#pragma once

#include "pipelines/model/model.h"
#include "pipelines/table.h"
#include "pipelines/train/hyperparameters.h"

#include <cstdint>
#include <span>
#include <vector>

namespace pipelines {

/// Rows with the whole feature list and the family of each.
struct Beers {
  Table table;
  std::vector<std::uint32_t> families;
};

/// For each row a prediction of a model that was trained without its fold: rounds, intervals and
/// all are chosen within the rest (nested), so nothing of the row has a say in it. Up to `most`
/// rows of the rest are learned from, whole families at a time (0: all). Without `intervals` there
/// are none.
std::vector<Prediction> predict_unseen(const Beers& beers, std::span<const std::uint32_t> fold,
                                       const Hyperparameters& hyperparameters, std::size_t most = 0,
                                       bool intervals = true);

/// Errors of one repeat.
struct Repeat {
  double mae = 0;
  double rmse = 0;
  double coverage = 0;
  double mean_width = 0;
  double strong_coverage = 0;  ///< of labels above 65
};

struct Repeats {
  std::vector<Repeat> each;
  std::vector<std::vector<Prediction>> predictions;  ///< of each repeat, a row each

  double mean(double Repeat::*member) const;
  double deviation(double Repeat::*member) const;  ///< between repeats
};

/// `repeats` times over `folds` folds, each time drawn by another seed.
Repeats repeat(const Beers& beers, const Hyperparameters& hyperparameters, int repeats, int folds,
               std::size_t most = 0, bool intervals = true);

}  // namespace pipelines
