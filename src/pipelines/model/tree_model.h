// A model file that predicts: by flat trees where they can stand for it, else by XGBoost.
#pragma once

#include "pipelines/model/booster.h"
#include "pipelines/model/flat_trees.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pipelines {

/// Thread-safe. XGBoost reads the file only when it is needed: for what flat trees can't be, and
/// for contributions.
class TreeModel {
 public:
  /// Throws BoosterError or UbjsonError when the bytes are no model.
  explicit TreeModel(std::string bytes);
  TreeModel(TreeModel&&) noexcept;
  TreeModel& operator=(TreeModel&&) noexcept;
  ~TreeModel();

  std::size_t columns() const;
  bool is_flat() const { return flat_.has_value(); }
  /// One value a row, or several where the model gives a row several.
  std::vector<float> predict(std::span<const float> values, std::size_t rows) const;
  /// Booster::contributions().
  std::vector<float> contributions(std::span<const float> values, std::size_t rows) const;

 private:
  struct Slow;  // XGBoost's, once it is there
  Booster& booster() const;

  std::optional<FlatTrees> flat_;
  std::unique_ptr<Slow> slow_;
};

}  // namespace pipelines
