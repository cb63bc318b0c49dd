// What a model leans on: exact Shapley values, and what is lost when a feature is shuffled.
#pragma once

#include "pipelines/model/model.h"
#include "pipelines/table.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace pipelines {

struct Importance {
  std::string_view feature;
  double shap = 0;         ///< mean of |its share in a prediction|, in IBU
  double permutation = 0;  ///< how much the MAE grows, in IBU, when its values are dealt anew
};

struct ImportanceOptions {
  std::size_t rows = 200;  ///< at most so many beers are looked at, evenly chosen
  int permutations = 1;    ///< of each feature; their mean counts
  std::uint64_t seed = 7;
};

/// Every feature that the model sees, the largest share first.
std::vector<Importance> importance(const Model& model, const Table& rows,
                                   const ImportanceOptions& options);

}  // namespace pipelines
