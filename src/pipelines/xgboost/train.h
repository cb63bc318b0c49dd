// The training job of SageMaker's XGBoost images.
#pragma once

#include "pipelines/files.h"
#include "pipelines/xgboost/hyperparameters.h"

#include <functional>
#include <iosfwd>

namespace pipelines::xgboost {

/// Reads hyperparameters.json, inputdataconfig.json and the channels `train` and, where there is
/// one, `validation`; writes model/xgboost-model as Booster.save_model of that version writes a file
/// without a suffix: 1.7 in the old binary form, 3.0 as UBJSON.
///
/// To `log` goes, for each round, "[i]\ttrain-rmse:x\tvalidation-rmse:y". With
/// early_stopping_rounds, a validation channel and an eval_metric the booster is cut back to its
/// best round. The same input gives the same bytes.
///
/// `stop_requested` is asked after each round: training then ends, and the booster so far is
/// written where save_model_on_termination says so.
///
/// Throws UserError for what the input is at fault for, BoosterError with XGBoost's own words.
void train(const Folders& folders, std::ostream& log,
           const std::function<bool()>& stop_requested = {}, Version version = Version::k1_7);

/// The same as a process: ends at SIGTERM, puts the reason of a failure into the failure file with
/// "UserError: " or "AlgorithmError: " before it, and gives the exit code.
int run_training(const Folders& folders, std::ostream& log, Version version = Version::k1_7);

}  // namespace pipelines::xgboost
