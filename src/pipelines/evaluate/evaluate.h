// The evaluation job: how wrong a model is on beers of families it never saw.
#pragma once

#include "pipelines/evaluate/gate.h"
#include "pipelines/files.h"
#include "pipelines/train/hyperparameters.h"

#include <cstddef>
#include <cstdint>
#include <iosfwd>

namespace pipelines {

struct EvaluateOptions {
  int resamples = 200;         ///< for the standard deviations; fewer of very many rows
  int permutations = 1;        ///< of each feature
  std::size_t explained = 30;  ///< beers that are explained and shuffled, at most
  std::uint64_t seed = 7;
  GateOptions gate;
};

/// Reads, below processing/, `model` (model.tar.gz, or the folder it was made of), `test` and,
/// where they are, `train`, `rows`, `champion` (the model in use, like `model`) and `champion_rows`
/// (the rows it was trained on; champion.h); writes, below evaluation/, report.html
/// (page/page.h), model_card.json and model_card.md (model_card.h) and evaluation.json:
///
///   regression_metrics   mae, mse, rmse, r2, each {value, standard_deviation}: Model Monitor's
///                        form
///   confidence           mae, rmse, r2, spearman: between low and high lie 95 % of resampled
///                        families
///   baseline_mae         the MAE of always answering the mean of the training labels
///   baselines            the errors of that mean, of the rule IBU = k × gravity points (bu_gu), of
///                        a model of the mission's six fields, trained on the same rows with the
///                        same parameters (only with `train`), and of the champion, on the beers
///                        that it hasn't learnt from either
///   mission_six_fields   the third of these once more
///   interval             level, coverage (with its 95 % interval) and mean width on the test rows
///   residuals            by_strength, by_predicted_strength, by_width, by_style, by_year
///                        (breakdown.h)
///   predictions, worst   at most 400 judged beers, and the 12 with the largest errors (judged.h)
///   data_quality         what preprocessing left as quality.json, where it did
///   importance           of each feature (importance.h)
///   cross_validation     what training found out of fold
///   leak_alarm           too_good() of that
///   counts, seed, split  what it was judged on
///   model                sha256 of model.tar.gz, when that was given
///   gate                 whether the model may be registered, and why (gate.h); the sentence is
///   also
///                        the job's exit message
///   note                 only of a model that SageMaker's own image trained: what it lacks
///
/// Such a model has null for its interval, cross_validation and leak_alarm, and needs `train`.
/// Predictions are within 0..100. With `rows` it refuses a test row whose family was trained on.
/// Throws std::runtime_error with one sentence.
void evaluate(const Folders& folders, const EvaluateOptions& options, std::ostream& log);

/// Leak alarm: grouped errors as small were only ever seen when a beer's relatives, or the beer
/// itself, had been trained on. Known of catalogues of some hundred beers; of more than a thousand
/// rows it says false.
bool too_good(FeatureSet set, std::size_t rows, double mae);

}  // namespace pipelines
