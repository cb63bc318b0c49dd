// One model of some rows: its folds, its rounds, its two halves joined.
#pragma once

#include "pipelines/train/cross_validation.h"
#include "pipelines/train/hyperparameters.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace pipelines {

/// Up to here every split is tried; above, the search over a histogram is many times faster and
/// loses nothing.
inline constexpr std::size_t kExactRows = 3'000;

/// Adds what follows from the data, unless it was given: the monotone constraints of the feature
/// set's columns, and how splits are searched (all of them for up to kExactRows, else binned).
/// Above that number there is one bag, and the forest is left out: it looks at every row for every
/// column, and both mend what few rows leave to chance.
void complete(Hyperparameters& hyperparameters, std::size_t rows);

/// A combination the grid has tried.
struct GridPoint {
  Booster::Parameters parameters;
  double mae = 0;  ///< out of fold
};

/// One model of a feature set, cross-validated and fitted on all rows, without its interval.
struct Fitted {
  CrossValidation validation;
  /// The rows that the folds were made of, in order: all, but of more than validation_rows. `fold`
  /// and what was said out of fold are of these.
  std::vector<std::uint32_t> validated;
  std::vector<std::uint32_t> fold;
  std::vector<GridPoint> grid;   ///< empty when the grid is off
  Hyperparameters used;          ///< what was given, with what the grid chose
  std::optional<Booster> grown;  ///< always there once fit_model is through
  const Booster& booster() const { return grown.value(); }
};

/// The rows that the folds of `fitted` were made of, copied only when they are fewer than `seen`,
/// which must outlive this.
class ValidatedRows {
 public:
  ValidatedRows(const Table& seen, const Fitted& fitted);
  const Table& table() const { return all_ ? *all_ : some_; }

 private:
  const Table* all_;
  Table some_;
};

/// Chooses on folds of whole families, then grows on all rows. With the grid on, another depth or
/// leaf weight is taken only when it beats the given one by more than a standard error over the
/// folds: the best of several equals is luck.
Fitted fit_model(const Table& seen, std::span<const std::uint32_t> families,
                 const Hyperparameters& hyperparameters, const RoundReport& report = nullptr);

}  // namespace pipelines
