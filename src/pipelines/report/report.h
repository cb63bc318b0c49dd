// The report: whether the model is as good as it is meant to be, by repeated cross-validation.
#pragma once

#include "pipelines/files.h"

#include <iosfwd>

namespace pipelines {

struct ReportOptions {
  int repeats = 10;
  int folds = 5;
  int curve_repeats = 2;  ///< of each point of the learning curve; 0: no curve
};

/// Reads what preprocessing left below processing/ (`train`, `test`, `rows`; `input` for the
/// data-quality table) and input/config/hyperparameters.json, where there is one; prints, to `log`,
/// each bar with what was measured and whether it held, and writes report/report.json and
/// report/report.md with errors by strength, the learning curve, the three splits and the
/// data-quality table. True when every bar held. A model that is too good to be true fails.
///
/// Takes about a minute on some hundred beers. Throws std::runtime_error with one sentence.
bool report(const Folders& folders, const ReportOptions& options, std::ostream& log);

}  // namespace pipelines
