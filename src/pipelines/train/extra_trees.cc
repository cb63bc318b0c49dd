// Extremely randomised trees, and how they are written as XGBoost's.
#include "pipelines/train/extra_trees.h"

#include <boost/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <utility>

namespace pipelines {

namespace json = boost::json;

/// Grows trees over one table. Rows of a node are a range of `rows_`, parted in place.
class ExtraTrees::Grower {
 public:
  Grower(const Table& table, const ForestParameters& parameters)
      : labels_(table.labels),
        columns_(table.columns),
        leaf_(static_cast<std::size_t>(parameters.leaf)),
        random_(parameters.seed) {
    // Side by side in blocks of kLanes columns, which a node looks at together; what a last block
    // has too many is missing everywhere.
    const std::size_t blocks = (columns_ + kLanes - 1) / kLanes;
    values_.resize(blocks * table.rows());
    std::fill(values_.begin(), values_.end(), all_lanes(std::numeric_limits<float>::quiet_NaN()));
    for (std::size_t row = 0; row < table.rows(); ++row) {
      for (std::size_t c = 0; c < columns_; ++c) {
        values_[c / kLanes * table.rows() + row][c % kLanes] = table.values[row * columns_ + c];
      }
    }
  }

  Tree grow() {
    rows_.resize(labels_.size());
    std::iota(rows_.begin(), rows_.end(), 0U);
    Tree tree(1);
    grow(tree, 0, 0, rows_.size());
    return tree;
  }

 private:
  static constexpr std::size_t kLanes = 4;
  /// One number of each column of a block, in one vector register.
  using Lanes [[gnu::vector_size(16)]] = float;
  using Counts [[gnu::vector_size(16)]] = std::int32_t;
  static Lanes all_lanes(float value) { return Lanes{value, value, value, value}; }

  struct Split {
    double gain = 1e-9;  ///< of no split at all; what rounding leaves isn't a gain
    int column = -1;
    float threshold = 0;
    bool missing_left = false;
  };
  /// Labels of one side summed up.
  struct Sum {
    double labels = 0;
    std::size_t rows = 0;
    double score() const { return labels * labels / static_cast<double>(rows); }
    Sum operator+(const Sum& other) const { return {labels + other.labels, rows + other.rows}; }
  };
  /// Sums of the rows of a node for each column of a block.
  struct Sums {
    Lanes labels{};
    Counts rows{};
    /// A comparison of vectors gives -1 where it is true.
    void add(Counts where, float label) {
      labels += where ? all_lanes(label) : Lanes{};
      rows -= where;
    }
    Sum of(std::size_t lane) const { return {labels[lane], static_cast<std::size_t>(rows[lane])}; }
  };

  double uniform() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  const Lanes& lanes(std::size_t block, std::uint32_t row) const {
    return values_[block * labels_.size() + row];
  }
  float value(int column, std::uint32_t row) const {
    const auto place = static_cast<std::size_t>(column);
    return lanes(place / kLanes, row)[place % kLanes];
  }

  /// Fills the node at `place`, and below it. Two children stand side by side, as XGBoost expects.
  void grow(Tree& tree, std::size_t place, std::size_t begin, std::size_t end) {
    Sum all{0, end - begin};
    for (std::size_t i = begin; i < end; ++i) all.labels += labels_[rows_[i]];
    tree[place].mean = static_cast<float>(all.labels / static_cast<double>(all.rows));
    tree[place].rows = static_cast<float>(all.rows);
    if (all.rows < 2 * leaf_) return;
    const Split split = best_split(begin, end, all);
    if (split.column < 0) return;
    const std::size_t children = tree.size();
    tree[place].column = split.column;
    tree[place].threshold = split.threshold;
    tree[place].missing_left = split.missing_left;
    tree[place].left = static_cast<int>(children);
    tree.resize(children + 2);
    const std::size_t middle = part(begin, end, split);
    grow(tree, children, begin, middle);
    grow(tree, children + 1, middle, end);
  }

  Split best_split(std::size_t begin, std::size_t end, const Sum& all) {
    Split best;
    for (std::size_t block = 0; block * kLanes < columns_; ++block) {
      const Lanes thresholds = draw_thresholds(block, begin, end);
      Sums left, missing;
      for (std::size_t i = begin; i < end; ++i) {
        const Lanes& x = lanes(block, rows_[i]);
        left.add(x < thresholds, labels_[rows_[i]]);
        missing.add(x != x, labels_[rows_[i]]);
      }
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        if (std::isnan(thresholds[lane])) continue;
        try_split(
            {.column = static_cast<int>(block * kLanes + lane), .threshold = thresholds[lane]}, all,
            left.of(lane), missing.of(lane), best);
      }
    }
    return best;
  }

  /// A threshold for each column of a block; none, a NaN, where all values are equal.
  Lanes draw_thresholds(std::size_t block, std::size_t begin, std::size_t end) {
    Lanes least = all_lanes(std::numeric_limits<float>::infinity());
    Lanes greatest = -least;
    for (std::size_t i = begin; i < end; ++i) {  // a NaN is neither less nor greater
      const Lanes& x = lanes(block, rows_[i]);
      least = x < least ? x : least;
      greatest = x > greatest ? x : greatest;
    }
    Lanes thresholds{};
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float low = least[lane];
      const float high = greatest[lane];
      thresholds[lane] = std::numeric_limits<float>::quiet_NaN();
      if (!(low < high)) continue;
      const auto drawn = static_cast<float>(low + uniform() * (high - low));
      // Less than the threshold goes left, so the least value itself would leave that side empty.
      thresholds[lane] = drawn > low ? drawn : std::nextafter(low, high);
    }
    return thresholds;
  }

  void try_split(Split split, const Sum& all, const Sum& left, const Sum& missing, Split& best) {
    for (const bool missing_left : {false, true}) {
      if (missing_left && missing.rows == 0) break;
      const Sum less = missing_left ? left + missing : left;
      const Sum more{all.labels - less.labels, all.rows - less.rows};
      if (less.rows < leaf_ || more.rows < leaf_) continue;
      split.gain = less.score() + more.score() - all.score();
      split.missing_left = missing_left;
      if (split.gain > best.gain) best = split;
    }
  }

  /// Where the right side begins.
  std::size_t part(std::size_t begin, std::size_t end, const Split& split) {
    const auto first = rows_.begin();
    const auto middle =
        std::stable_partition(first + static_cast<std::ptrdiff_t>(begin),
                              first + static_cast<std::ptrdiff_t>(end), [&](std::uint32_t row) {
                                const float x = value(split.column, row);
                                return std::isnan(x) ? split.missing_left : x < split.threshold;
                              });
    return static_cast<std::size_t>(middle - first);
  }

  std::span<const float> labels_;
  std::size_t columns_;
  std::size_t leaf_;
  std::mt19937_64 random_;
  std::vector<Lanes> values_;  ///< block after block, row after row
  std::vector<std::uint32_t> rows_;
};

ExtraTrees ExtraTrees::grow(const Table& table, const ForestParameters& parameters) {
  Grower grower(table, parameters);
  ExtraTrees forest;
  for (int i = 0; i < parameters.trees; ++i) forest.trees_.push_back(grower.grow());
  return forest;
}

std::vector<float> ExtraTrees::predict(const Table& table) const {
  std::vector<float> means(table.rows());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto values = table.row(row);
    double sum = 0;
    for (const Tree& tree : trees_) {
      const Node* node = tree.data();
      while (node->column >= 0) {
        const float x = values[static_cast<std::size_t>(node->column)];
        const bool left = std::isnan(x) ? node->missing_left : x < node->threshold;
        node = &tree[static_cast<std::size_t>(node->left) + (left ? 0 : 1)];
      }
      sum += node->mean;
    }
    means[row] = static_cast<float>(sum / static_cast<double>(trees_.size()));
  }
  return means;
}

// XGBoost's JSON keeps a tree as arrays over its nodes. A leaf has no children and its value stands
// in split_conditions; the sum of the trees' leaves is added to the base score. Every node has its
// cover (sum_hessian) and its value (base_weights), which exact explanations are made of.
std::string ExtraTrees::as_model(const std::string& like) const {
  constexpr std::int64_t kNoParent = 2147483647;
  json::value whole = json::parse(like);
  json::object& learner = whole.at("learner").as_object();
  const json::object& shape = learner.at("learner_model_param").as_object();
  const double base = std::stod(std::string(shape.at("base_score").as_string()));
  const auto share = 1.0 / static_cast<double>(trees_.size());
  json::object& model = learner.at("gradient_booster").at("model").as_object();
  json::array trees;
  for (const Tree& tree : trees_) {
    const std::size_t count = tree.size();
    json::array weights, missing_left, lefts, rights, gains, conditions, columns, types, covers;
    json::array parents(count, json::value(kNoParent));
    for (std::size_t i = 0; i < count; ++i) {
      const Node& node = tree[i];
      const bool leaf = node.column < 0;
      const auto weight = static_cast<float>((node.mean - base) * share);
      weights.push_back(weight);
      missing_left.push_back(node.missing_left ? 1 : 0);
      lefts.push_back(node.left);
      rights.push_back(leaf ? -1 : node.left + 1);
      gains.push_back(0.0);
      conditions.push_back(leaf ? weight : node.threshold);
      columns.push_back(leaf ? 0 : node.column);
      types.push_back(0);
      covers.push_back(node.rows);
      if (leaf) continue;
      parents[static_cast<std::size_t>(node.left)] = static_cast<std::int64_t>(i);
      parents[static_cast<std::size_t>(node.left) + 1] = static_cast<std::int64_t>(i);
    }
    trees.push_back(json::object{{"base_weights", std::move(weights)},
                                 {"categories", json::array()},
                                 {"categories_nodes", json::array()},
                                 {"categories_segments", json::array()},
                                 {"categories_sizes", json::array()},
                                 {"default_left", std::move(missing_left)},
                                 {"id", static_cast<std::int64_t>(trees.size())},
                                 {"left_children", std::move(lefts)},
                                 {"loss_changes", std::move(gains)},
                                 {"parents", std::move(parents)},
                                 {"right_children", std::move(rights)},
                                 {"split_conditions", std::move(conditions)},
                                 {"split_indices", std::move(columns)},
                                 {"split_type", std::move(types)},
                                 {"sum_hessian", std::move(covers)},
                                 {"tree_param",
                                  {{"num_deleted", "0"},
                                   {"num_feature", shape.at("num_feature")},
                                   {"num_nodes", std::to_string(count)},
                                   {"size_leaf_vector", "0"}}}});
  }
  model["tree_info"] = json::array(trees.size(), json::value(0));
  model.at("gbtree_model_param").as_object()["num_trees"] = std::to_string(trees.size());
  model["trees"] = std::move(trees);
  return json::serialize(whole);
}

}  // namespace pipelines
