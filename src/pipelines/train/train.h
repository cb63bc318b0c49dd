// The training job: from labelled rows to the artifact in /opt/ml/model.
#pragma once

#include "pipelines/files.h"
#include "pipelines/train/fit.h"

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <vector>

namespace pipelines {

/// Reads hyperparameters.json, the channel `train` and, where there is one, the channel `rows`
/// (train_rows.csv, split.json); writes the model folder (model/model.h says what). Folds keep
/// families together; without `rows` every beer counts as a family of its own.
///
/// A channel `held_out` holds the rows that another model was judged on: they join the rest, for
/// the model that will be used once a twin of it has passed.
///
/// To `log` goes, for each round, "[i]\ttrain-mae:x\tvalidation-mae:y", what the metric definitions
/// of SageMaker's XGBoost container match. The same input gives the same bytes. Throws
/// std::runtime_error with the sentence that belongs into the failure file.
void train(const Folders& folders, std::ostream& log);

/// The parts of it that evaluation needs too.
struct TrainingData {
  Table table;                          ///< the whole feature list
  std::vector<std::uint32_t> families;  ///< of each row
  std::size_t held_out = 0;             ///< how many of the rows, the last, came as held_out
};
/// `rows_file` may be missing. The bytes of the channel's files go to `digest` too.
TrainingData read_training_data(const std::filesystem::path& channel,
                                const std::filesystem::path& rows_file,
                                base::Digest* digest = nullptr);

/// Adds the rows of another channel, when there are some, behind the others.
void add_held_out(TrainingData& data, const std::filesystem::path& channel,
                  const std::filesystem::path& rows_file, base::Digest* digest = nullptr);

/// k of the brewers' rule of thumb IBU = k × gravity points, by least squares.
double ibu_per_gravity_point(const Table& table);

}  // namespace pipelines
