// The walk through flat trees.
#include "pipelines/model/flat_trees.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pipelines {
namespace {

/// Rows that are spread at once: with 80 columns 20 KiB, so that rows and a tree share the first
/// cache.
constexpr std::size_t kBlock = 32;

}  // namespace

void FlatTrees::spread(std::span<const float> row, std::uint32_t* lane) const {
  std::uint32_t* low = lane;
  std::uint32_t* high = lane + width() * kLanes;
  for (std::size_t i = 0; i < columns_; ++i) {
    const bool missing = row[i] != row[i];
    const std::uint32_t order = order_of(row[i]);
    low[i * kLanes] = missing ? std::numeric_limits<std::uint32_t>::min() : order;
    high[i * kLanes] = missing ? std::numeric_limits<std::uint32_t>::max() : order;
  }
  low[columns_ * kLanes] = std::numeric_limits<std::uint32_t>::min();
}

float FlatTrees::predict(std::span<const float> row) const {
  float prediction = 0;
  predict(row, {&prediction, 1});
  return prediction;
}

void FlatTrees::predict(std::span<const float> values, std::span<float> predictions) const {
  thread_local std::vector<std::uint32_t> rows;
  const std::size_t group = 2 * width() * kLanes;
  rows.resize(std::max(rows.size(), kBlock / kLanes * group));
  std::fill(predictions.begin(), predictions.end(), base_);
  for (std::size_t first = 0; first < predictions.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, predictions.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      spread(values.subspan((first + i) * columns_, columns_),
             &rows[i / kLanes * group + i % kLanes]);
    }
    // Rows side by side while there are enough of them, then trees side by side.
    const std::size_t side_by_side = count / kLanes * kLanes;
    walk_rows(rows.data(), predictions.subspan(first, side_by_side));
    for (std::size_t i = side_by_side; i < count; ++i) {
      predictions[first + i] = walk_trees(&rows[i / kLanes * group + i % kLanes]);
    }
  }
}

float FlatTrees::walk_trees(const std::uint32_t* lane) const {
  const Node* at[kLanes];
  float sum = base_;
  for (std::size_t first = 0; first < trees_.size(); first += kLanes) {
    const std::size_t count = std::min(kLanes, trees_.size() - first);
    std::uint32_t depth = 0;
    for (std::size_t k = 0; k < kLanes; ++k) {
      // The last group is filled up with its first tree, whose leaves are then not added.
      const Tree& tree = trees_[k < count ? first + k : first];
      at[k] = &nodes_[tree.root];
      depth = std::max(depth, tree.depth);
    }
    for (; depth > 0; --depth) {
#pragma GCC unroll 8
      for (std::size_t k = 0; k < kLanes; ++k) at[k] = next(at[k], lane[at[k]->place]);
    }
    for (std::size_t k = 0; k < count; ++k) sum += float_of(at[k]->threshold);
  }
  return sum;
}

void FlatTrees::walk_rows(const std::uint32_t* rows, std::span<float> sums) const {
  const Node* at[kLanes];
  for (const Tree& tree : trees_) {
    const Node* root = &nodes_[tree.root];
    const std::uint32_t* group = rows;
    for (std::size_t first = 0; first < sums.size(); first += kLanes) {
      std::fill(at, at + kLanes, root);
      for (std::uint32_t depth = tree.depth; depth > 0; --depth) {
#pragma GCC unroll 8
        for (std::size_t k = 0; k < kLanes; ++k) at[k] = next(at[k], group[at[k]->place + k]);
      }
      for (std::size_t k = 0; k < kLanes; ++k) sums[first + k] += float_of(at[k]->threshold);
      group += 2 * width() * kLanes;
    }
  }
}

}  // namespace pipelines
