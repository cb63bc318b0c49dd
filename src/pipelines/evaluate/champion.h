// The model in use against the one that wants its place, on beers that neither has learnt from.
#pragma once

#include "pipelines/evaluate/metrics.h"
#include "pipelines/files.h"
#include "pipelines/table.h"
#include "pipelines/train/train.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace pipelines {

/// On fewer beers than these an interval says nothing that a gate should act upon.
inline constexpr std::size_t kFewestShared = 20;

/// Who the champion is, as the pipeline's parameters tell it.
struct ChampionOptions {
  std::string version;  ///< of the registry; "none" or empty: no model is approved
  ErrorMember member = &Errors::mae;
  int resamples = 2'000;
  std::uint64_t seed = 7;
};

/// What the comparison came to: either `difference`, or a sentence why there is none.
struct ChampionReport {
  std::string version;  ///< empty: there is no champion
  std::string why_not;  ///< ends without a stop; "" when the two were compared
  std::size_t shared_rows = 0;
  std::size_t shared_families = 0;
  std::optional<PairedDifference> difference;
  std::optional<Errors> errors;             ///< the champion's, on the shared rows
  std::optional<double> out_of_fold_mae;    ///< what its training found
  std::optional<std::string> model_digest;  ///< SHA-256 of its model.tar.gz
};

/// The rows of `test`, of beers `keys`, that the champion hasn't learnt from: none of its family
/// was among the rows `trained`. The split is by a hash of the family, so of a catalogue that grew
/// nearly all beers held out before are held out now.
std::vector<std::uint32_t> shared_rows(std::span<const RowKey> keys,
                                       std::span<const RowKey> trained);

/// Compares with the model in processing/champion on those rows of processing/test that it hasn't
/// learnt from, by processing/champion_rows/train_rows.csv: what its own split trained on. The
/// model must be the one that was judged when the champion was registered, not what was refitted on
/// every beer. `predictions` are the challenger's for `test`. A champion that is missing, that this
/// program can't read or that leaves fewer than kFewestShared beers is no failure: it says so.
ChampionReport compare_with_champion(const Folders& folders, const TrainingData& test,
                                     std::span<const double> predictions,
                                     const ChampionOptions& options);

}  // namespace pipelines
