// How wide a model's intervals are: learned from what it said of rows it never saw.
#pragma once

#include "pipelines/model/booster.h"
#include "pipelines/model/interval.h"
#include "pipelines/train/fit.h"

namespace pipelines {

struct Intervals {
  IntervalRule rule;
  Booster difficulty;  ///< of the expected residual
};

/// From the out-of-fold predictions of `fitted`, a model of the rows `all`. The difficulty is
/// itself taken out of fold for the calibration: a booster that has seen a residual would call its
/// beer exactly as hard as it turned out, and the intervals would be too narrow.
Intervals fit_intervals(const Table& all, const Fitted& fitted);

}  // namespace pipelines
