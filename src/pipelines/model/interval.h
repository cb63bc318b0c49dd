// Prediction intervals: conformal, with the residual scaled by how hard a beer looks.
#pragma once

#include "pipelines/table.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pipelines {

/// How wide intervals are. The score of a row is |label − prediction| ÷ difficulty, both taken out
/// of fold; `quantile` is the score that a share of `level` of the rows stays under, with the
/// correction for a finite sample. An interval is prediction ± quantile × difficulty, within the
/// scale.
struct IntervalRule {
  double level = 0.9;
  double quantile = 0;
  double floor = 1;       ///< the least difficulty, in IBU: no beer is believed to be surer
  std::size_t rows = 0;   ///< that it was calibrated on
  double coverage = 0;    ///< of those rows, out of fold
  double mean_width = 0;  ///< likewise, in IBU

  struct Bounds {
    double low;
    double high;
    double width() const { return high - low; }
    bool holds(double value) const { return low <= value && value <= high; }
  };
  Bounds around(double prediction, double difficulty) const;

  std::string to_json() const;
  static IntervalRule from_json(std::string_view text);
};

/// The rule for `level` from rows with a prediction and a difficulty (the expected absolute
/// residual) that were both made without the row's own family.
IntervalRule calibrate(std::span<const float> labels, std::span<const float> predictions,
                       std::span<const float> difficulties, double level);

/// What the difficulty booster sees: the model's own columns and, last, its prediction.
Table difficulty_table(const Table& table, std::span<const float> predictions,
                       std::vector<float> residuals = {});

}  // namespace pipelines
