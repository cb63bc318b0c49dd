// The preprocessing job: from the table `cleaned` to rows a model learns from and rows it is judged
// on.
#pragma once

#include "pipelines/files.h"

#include <cstdint>
#include <iosfwd>

namespace pipelines {

/// With fewer different beers no error of a model means anything.
inline constexpr std::size_t kMinimumBeers = 100;

struct PreprocessOptions {
  double test_fraction = 0.2;
  std::uint64_t seed = 7;
  std::size_t parts = 1;  ///< files that the training rows are dealt to, one for each instance
  std::size_t minimum_beers = kMinimumBeers;  ///< less only for who knows what it is worth
};

/// Reads processing/input and writes, below processing/,
///   train/train.csv  test/test.csv    label first, then beer::features() in order (table.h);
///                                     of several parts, train/train-0000.csv and so on, in order
///   rows/train_rows.csv, test_rows.csv  id, family and name of each of those rows
///   rows/split.json                   seed, counts and a digest of which beer stands where
///   rows/quality.json                 what the quality rules caught (quality.h)
///   rows/arrivals.json                when the last of the records came (watch/newcomers.h)
///   no_champion/none.txt              what stands in the champion's place until a model is
///   approved baseline/statistics.json, constraints.json
///                                     the training rows' columns, in Model Monitor's form
/// The rows have a folder of their own because a training channel is read whole.
///
/// Of several records of one beer the latest counts (latest_by_id in cleaned_rows.h); only beers
/// whose label is "ok" are kept; a recipe family stands on one side. The same records give the same
/// bytes, in whatever order and files they lie and however many processors there are. Says on `log`
/// what it counted. Throws std::runtime_error with one sentence, for example below minimum_beers.
void preprocess(const Folders& folders, const PreprocessOptions& options, std::ostream& log);

}  // namespace pipelines
