// The training job of SageMaker's XGBoost image.
#pragma once

#include "pipelines/files.h"

#include <functional>
#include <iosfwd>

namespace pipelines::xgboost {

/// Reads hyperparameters.json, inputdataconfig.json and the channels `train` and, where there is
/// one, `validation`; writes model/xgboost-model as UBJSON, which XGBoost loads without a suffix.
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
           const std::function<bool()>& stop_requested = {});

/// The same as a process: ends at SIGTERM, puts the reason of a failure into the failure file with
/// "UserError: " or "AlgorithmError: " before it, and gives the exit code.
int run_training(const Folders& folders, std::ostream& log);

}  // namespace pipelines::xgboost
