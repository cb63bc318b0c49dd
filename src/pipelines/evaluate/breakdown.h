// Where a model errs: its residuals and intervals by strength, by style and by year.
#pragma once

#include "pipelines/model/model.h"
#include "pipelines/table.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace pipelines {

/// Some beers that have something in common, and how they were predicted.
struct Group {
  std::string name;
  std::size_t rows = 0;
  double mean_label = 0;
  double bias = 0;  ///< mean of prediction − label: below 0 when predicted too low
  double mae = 0;
  double coverage = 0;    ///< of the intervals, when the model has some
  double mean_width = 0;  ///< likewise, in IBU
};

/// Groups in the order of their names' first digits or, for styles, of their size. Rows hold the
/// whole feature list. Groups without a beer are left out.
std::vector<Group> by_strength(const Table& rows, std::span<const Prediction> predictions);
std::vector<Group> by_predicted_strength(const Table& rows,
                                         std::span<const Prediction> predictions);
std::vector<Group> by_style(const Table& rows, std::span<const Prediction> predictions);
std::vector<Group> by_year(const Table& rows, std::span<const Prediction> predictions);

}  // namespace pipelines
