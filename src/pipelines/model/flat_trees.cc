// The walk through flat trees.
#include "pipelines/model/flat_trees.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pipelines {
namespace {

/// Walked at once: enough that one's memory comes while the others compute, and few enough that
/// where they are fits the registers.
constexpr std::size_t kAtOnce = 8;
/// Rows that are spread at once: with 80 columns 20 KiB, so that rows and a tree share the first
/// cache.
constexpr std::size_t kBlock = 32;

}  // namespace

void FlatTrees::spread(std::span<const float> row, std::uint32_t* twice) const {
  std::uint32_t* low = twice;
  std::uint32_t* high = twice + width();
  for (std::size_t i = 0; i < columns_; ++i) {
    const bool missing = row[i] != row[i];
    const std::uint32_t order = order_of(row[i]);
    low[i] = missing ? std::numeric_limits<std::uint32_t>::min() : order;
    high[i] = missing ? std::numeric_limits<std::uint32_t>::max() : order;
  }
  low[columns_] = high[columns_] = std::numeric_limits<std::uint32_t>::min();
}

float FlatTrees::predict(std::span<const float> row) const {
  float prediction = 0;
  predict(row, {&prediction, 1});
  return prediction;
}

void FlatTrees::predict(std::span<const float> values, std::span<float> predictions) const {
  thread_local std::vector<std::uint32_t> rows;
  rows.resize(std::max(rows.size(), kBlock * 2 * width()));
  std::fill(predictions.begin(), predictions.end(), base_);
  for (std::size_t first = 0; first < predictions.size(); first += kBlock) {
    const std::size_t count = std::min(kBlock, predictions.size() - first);
    for (std::size_t i = 0; i < count; ++i) {
      spread(values.subspan((first + i) * columns_, columns_), &rows[i * 2 * width()]);
    }
    // Rows side by side while there are enough of them, then trees side by side.
    const std::size_t side_by_side = count / kAtOnce * kAtOnce;
    walk_rows(rows.data(), predictions.subspan(first, side_by_side));
    for (std::size_t i = side_by_side; i < count; ++i) {
      predictions[first + i] = walk_trees(&rows[i * 2 * width()]);
    }
  }
}

float FlatTrees::walk_trees(const std::uint32_t* row) const {
  const Node* at[kAtOnce];
  float sum = base_;
  for (std::size_t first = 0; first < trees_.size(); first += kAtOnce) {
    const std::size_t count = std::min(kAtOnce, trees_.size() - first);
    std::uint32_t depth = 0;
    for (std::size_t k = 0; k < kAtOnce; ++k) {
      // The last group is filled up with its first tree, whose leaves are then not added.
      const Tree& tree = trees_[k < count ? first + k : first];
      at[k] = &nodes_[tree.root];
      depth = std::max(depth, tree.depth);
    }
    for (; depth > 0; --depth) {
#pragma GCC unroll 8
      for (std::size_t k = 0; k < kAtOnce; ++k) {
        at[k] = next(at[k], row[at[k]->column]);
      }
    }
    for (std::size_t k = 0; k < count; ++k) sum += float_of(at[k]->threshold);
  }
  return sum;
}

void FlatTrees::walk_rows(const std::uint32_t* rows, std::span<float> sums) const {
  const Node* at[kAtOnce];
  for (const Tree& tree : trees_) {
    const Node* root = &nodes_[tree.root];
    const std::uint32_t* row = rows;
    for (std::size_t first = 0; first < sums.size(); first += kAtOnce) {
      std::fill(at, at + kAtOnce, root);
      for (std::uint32_t depth = tree.depth; depth > 0; --depth) {
#pragma GCC unroll 8
        for (std::size_t k = 0; k < kAtOnce; ++k) {
          at[k] = next(at[k], row[k * 2 * width() + at[k]->column]);
        }
      }
      for (std::size_t k = 0; k < kAtOnce; ++k) sums[first + k] += float_of(at[k]->threshold);
      row += kAtOnce * 2 * width();
    }
  }
}

}  // namespace pipelines
