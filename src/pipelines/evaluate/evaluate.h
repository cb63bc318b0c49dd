// The evaluation job: how wrong a model is on beers of families it never saw.
#pragma once

#include "pipelines/files.h"

#include <cstdint>
#include <iosfwd>

namespace pipelines {

struct EvaluateOptions {
  int resamples = 200;  ///< for the standard deviations
  std::uint64_t seed = 7;
};

/// Reads, below processing/, `model` (model.tar.gz, or the folder it was made of), `test` and,
/// where they are, `train` and `rows`; writes evaluation/evaluation.json:
///
///   regression_metrics   mae, mse, rmse, r2, each {value, standard_deviation}: Model Monitor's
///   form baseline_mae         the MAE of always answering the mean of the training labels
///   mission_six_fields   the errors of a model of the mission's six fields, trained on the same
///   rows
///                        with the same parameters; only with `train`
///   interval             level, coverage and mean width on the test rows
///   cross_validation     what training found out of fold
///   leak_alarm           true when the cross-validated MAE is better than it can honestly be
///   counts, seed, split  what it was judged on
///   note                 only of a model that SageMaker's own image trained: what it lacks
///
/// Such a model has null for its interval, cross_validation and leak_alarm, and needs `train`.
/// Predictions are within 0..100. With `rows` it refuses a test row whose family was trained on.
/// Throws std::runtime_error with one sentence.
void evaluate(const Folders& folders, const EvaluateOptions& options, std::ostream& log);

}  // namespace pipelines
