// The training job: from labelled rows to the artifact in /opt/ml/model.
#pragma once

#include "pipelines/files.h"
#include "pipelines/train/cross_validation.h"
#include "pipelines/train/hyperparameters.h"

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <span>
#include <vector>

namespace pipelines {

/// Reads hyperparameters.json, the channel `train` and, where there is one, the channel `rows`
/// (train_rows.csv, split.json); writes the model folder (model/model.h says what). Folds keep
/// families together; without `rows` every beer counts as a family of its own.
///
/// To `log` goes, for each round, "[i]\ttrain-mae:x\tvalidation-mae:y", what the metric definitions
/// of SageMaker's XGBoost container match. The same input gives the same bytes. Throws
/// std::runtime_error with the sentence that belongs into the failure file.
void train(const Folders& folders, std::ostream& log);

/// The parts of it that evaluation needs too.
struct TrainingData {
  Table table;                          ///< the whole feature list
  std::vector<std::uint32_t> families;  ///< of each row
};
/// `rows_file` may be missing.
TrainingData read_training_data(const std::filesystem::path& channel,
                                const std::filesystem::path& rows_file);

/// Adds what follows from the data, unless it was given: the monotone constraints of the feature
/// set's columns, and how splits are searched (all of them for up to some ten thousand rows, else
/// binned).
void complete(Hyperparameters& hyperparameters, std::size_t rows);

/// One model of a feature set, cross-validated and fitted on all rows, without its interval.
struct Fitted {
  CrossValidation validation;
  std::vector<std::uint32_t> fold;
  Booster booster;
};
Fitted fit_model(const Table& seen, std::span<const std::uint32_t> families,
                 const Hyperparameters& hyperparameters, const RoundReport& report = nullptr);

}  // namespace pipelines
