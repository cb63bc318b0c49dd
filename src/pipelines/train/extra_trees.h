// Extremely randomised trees: the half of the model that boosting isn't.
#pragma once

#include "pipelines/table.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pipelines {

struct ForestParameters {
  int trees = 100;
  int leaf = 3;  ///< the least rows in a leaf
  std::uint64_t seed = 7;
};

/// A forest whose prediction is the mean of its trees. Each node draws one threshold for every
/// column, anywhere between the least and the greatest value there, and takes the column whose draw
/// parts the labels best (Geurts, Ernst and Wehenkel 2006). Where boosting follows the data
/// closely, this smooths; the mean of both errs less than either. A missing value goes to the side
/// where it fits better. One thread; the same input gives the same trees.
class ExtraTrees {
 public:
  static ExtraTrees grow(const Table& table, const ForestParameters& parameters);
  /// One value a row.
  std::vector<float> predict(const Table& table) const;
  /// The same forest as a model of XGBoost, in JSON. `like` is the JSON of any booster of the same
  /// columns: its form and its base score are taken over.
  std::string as_model(const std::string& like) const;

 private:
  struct Node {
    int column = -1;  ///< none: a leaf
    float threshold = 0;
    bool missing_left = false;
    int left = -1;   ///< the right child is the next
    float mean = 0;  ///< of the labels
    float rows = 0;
  };
  using Tree = std::vector<Node>;
  class Grower;

  std::vector<Tree> trees_;
};

}  // namespace pipelines
