// Trees laid out for predicting: one array of small nodes, walked without a branch.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace pipelines {

/// What a booster of XGBoost predicts, bit for bit, at less than a tenth of the cost of a call of
/// its C interface: no locks, no thread, no allocation but a thread's first. Immutable; any thread.
///
/// A node is 8 bytes. Values and thresholds are whole numbers in the order of the floats. A row
/// stands twice before its walk: in the first copy a missing value (NaN) is less than all, in the
/// second it is the greatest, and a node's place says from which it reads: so the default direction
/// costs nothing. A leaf reads a place that always holds the least, which is less than its value,
/// and its left child is itself: so all trees of a group are walked equally far. Several trees of a
/// row, or several rows of a tree, are walked at once, since each step of one waits for memory.
/// Leaves are added as floats in the order of the trees, onto the base score, as XGBoost does.
class FlatTrees {
 public:
  /// From a model as UBJSON. Nothing when this can't say what XGBoost would: another booster than
  /// trees (linear, DART), several values a row, an objective that transforms the sum, categories,
  /// thresholds or leaves that are no finite numbers, trees wider than a node can address. Throws
  /// UbjsonError when the bytes are damaged.
  static std::optional<FlatTrees> read(std::string_view ubjson);

  std::size_t columns() const { return columns_; }
  std::size_t trees() const { return trees_.size(); }

  /// Of one row of columns() values, in which a NaN is missing.
  float predict(std::span<const float> row) const;
  /// Of several rows, one after the other in `values`, into `predictions`, one a row.
  void predict(std::span<const float> values, std::span<float> predictions) const;

 private:
  /// Walked at once: enough that one's memory comes while the others compute, and few enough that
  /// where they are fits the registers. That many rows stand interleaved, each in a lane of its
  /// own.
  static constexpr std::size_t kLanes = 8;

  /// A whole number for each float but NaN, in the same order; −0 is 0. Unsigned, since of those a
  /// comparison is added with one instruction.
  static std::uint32_t order_of(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value + 0.0F);
    return bits ^ ((bits >> 31) != 0 ? 0xffffffffU : 0x80000000U);
  }
  static float float_of(std::uint32_t order) {
    return std::bit_cast<float>(order ^ ((order >> 31) != 0 ? 0x80000000U : 0xffffffffU));
  }

  struct Node {
    std::uint32_t threshold;  ///< left if the value is less; a leaf's value
    std::uint16_t place;      ///< of its value, from where the row's lane begins
    std::uint16_t left;  ///< how many nodes further on the left child is; the right is the next
  };
  struct Tree {
    std::uint32_t root;
    std::uint32_t depth;
  };
  struct Grown;  // a tree as the model file has it
  struct File;
  bool lay_out(const Grown& tree);

  static const Node* next(const Node* node, std::uint32_t value) {
    return node + (node->left + static_cast<std::uint32_t>(value >= node->threshold));
  }
  std::size_t width() const { return columns_ + 1; }
  void spread(std::span<const float> row, std::uint32_t* lane) const;
  float walk_trees(const std::uint32_t* lane) const;
  void walk_rows(const std::uint32_t* rows, std::span<float> sums) const;

  std::size_t columns_ = 0;
  float base_ = 0;
  std::vector<Tree> trees_;
  std::vector<Node> nodes_;
};

}  // namespace pipelines
