// Where a model errs: its residuals and intervals by strength, by style and by year.
#pragma once

#include "pipelines/model/model.h"
#include "pipelines/table.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pipelines {

/// Some beers that have something in common, and how they were predicted.
struct Group {
  std::string name;
  std::size_t rows = 0;
  double mean_label = 0;
  double bias = 0;  ///< mean of prediction − label: below 0 when predicted too low
  double mae = 0;
  double coverage = 0;       ///< of the intervals, when the model has some
  double coverage_low = 0;   ///< between low and high lies the true coverage, 19 times of 20
  double coverage_high = 0;  ///< (wilson())
  double mean_width = 0;     ///< of the intervals, in IBU
};

/// The 95 % interval of a share that was seen in `hits` of `count` rows; count > 0.
/// Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference,
/// Journal of the American Statistical Association 22 (1927).
struct Share {
  double low, high;
};
Share wilson(double hits, double count);

/// Groups in the order of their names' first digits or, for styles, of their size. Rows hold the
/// whole feature list. Groups without a beer are left out.
std::vector<Group> by_strength(const Table& rows, std::span<const Prediction> predictions);
std::vector<Group> by_predicted_strength(const Table& rows,
                                         std::span<const Prediction> predictions);
std::vector<Group> by_style(const Table& rows, std::span<const Prediction> predictions);
std::vector<Group> by_year(const Table& rows, std::span<const Prediction> predictions);
/// The third with the narrowest intervals, the middle and the widest: whether a model is as sure
/// as it says both where it says little and where it says much. None without intervals or of fewer
/// than 30 rows.
std::vector<Group> by_width(const Table& rows, std::span<const Prediction> predictions);

/// What by_style() calls the style of a row.
std::string_view style_of(const Table& rows, std::size_t row);

}  // namespace pipelines
