// From a model file of XGBoost to flat trees.
#include "pipelines/model/flat_trees.h"
#include "pipelines/model/ubjson.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

namespace pipelines {
namespace {

/// Those whose prediction is the sum of the leaves as it stands.
constexpr std::array<std::string_view, 5> kPlainSums{"reg:squarederror", "reg:linear",
                                                     "reg:absoluteerror", "reg:pseudohubererror",
                                                     "reg:squaredlogerror"};

double number_in(std::string_view text) { return std::strtod(std::string(text).c_str(), nullptr); }

}  // namespace

struct FlatTrees::Grown {
  std::vector<std::int32_t> left, right, column;
  std::vector<float> condition;
  std::vector<std::uint8_t> default_left, type;

  explicit Grown(UbjsonReader& reader) {
    reader.object([&](std::string_view name) {
      if (name == "left_children") {
        left = reader.numbers<std::int32_t>();
      } else if (name == "right_children") {
        right = reader.numbers<std::int32_t>();
      } else if (name == "split_indices") {
        column = reader.numbers<std::int32_t>();
      } else if (name == "split_conditions") {
        condition = reader.numbers<float>();
      } else if (name == "default_left") {
        default_left = reader.numbers<std::uint8_t>();
      } else if (name == "split_type") {
        type = reader.numbers<std::uint8_t>();
      } else {
        reader.skip();
      }
    });
  }

  std::size_t size() const { return left.size(); }
  bool is_leaf(std::size_t node) const { return left[node] == -1; }
  bool is_whole() const {
    const std::size_t count = size();
    return count > 0 && right.size() == count && column.size() == count &&
           condition.size() == count && default_left.size() == count &&
           std::all_of(type.begin(), type.end(), [](auto kind) { return kind == 0; });
  }
};

/// The members of a model file that say what it predicts.
struct FlatTrees::File {
  std::string_view objective, booster, base_score = "0.5", columns = "0", classes = "0",
                                       targets = "1";
  std::vector<int> outputs;  ///< of each tree
  std::vector<Grown> trees;

  explicit File(std::string_view ubjson) : reader(ubjson) {
    reader.object([&](std::string_view name) { name == "learner" ? learner() : reader.skip(); });
  }

  bool is_plain_sum() const {
    return booster == "gbtree" && number_in(classes) <= 1 && number_in(targets) <= 1 &&
           std::find(kPlainSums.begin(), kPlainSums.end(), objective) != kPlainSums.end() &&
           std::all_of(outputs.begin(), outputs.end(), [](int output) { return output == 0; });
  }

 private:
  void learner() {
    reader.object([&](std::string_view name) {
      if (name == "gradient_booster") {
        gradient_booster();
      } else if (name == "learner_model_param") {
        parameters();
      } else if (name == "objective") {
        reader.object([&](std::string_view of_it) {
          of_it == "name" ? void(objective = reader.text()) : reader.skip();
        });
      } else {
        reader.skip();
      }
    });
  }
  void parameters() {
    reader.object([&](std::string_view name) {
      if (name == "base_score") {
        base_score = reader.text();
      } else if (name == "num_feature") {
        columns = reader.text();
      } else if (name == "num_class") {
        classes = reader.text();
      } else if (name == "num_target") {
        targets = reader.text();
      } else {
        reader.skip();
      }
    });
  }
  void gradient_booster() {
    reader.object([&](std::string_view name) {
      if (name == "name") {
        booster = reader.text();
      } else if (name == "model") {
        model();
      } else {
        reader.skip();
      }
    });
  }
  /// Trees have an array "trees"; what a linear model or DART keeps here has none at this place.
  void model() {
    reader.object([&](std::string_view name) {
      if (name == "trees") {
        reader.array([&] { trees.emplace_back(reader); });
      } else if (name == "tree_info") {
        outputs = reader.numbers<int>();
      } else {
        reader.skip();
      }
    });
  }

  UbjsonReader reader;
};

/// Adds the tree, level by level, so that the nodes every row passes share few lines of the cache.
/// False when a node can't stand here.
bool FlatTrees::lay_out(const Grown& tree) {
  if (!tree.is_whole()) return false;
  const std::size_t root = nodes_.size();
  std::vector<std::uint32_t> order{0};  // of the file's nodes
  std::uint32_t depth = 0;
  for (std::size_t at = 0, level_ends = 1; at < order.size(); ++at) {
    if (at == level_ends) {
      ++depth;
      level_ends = order.size();
    }
    const std::size_t node = order[at];
    const float condition = tree.condition[node];
    if (std::isnan(condition)) return false;
    if (tree.is_leaf(node)) {
      nodes_.push_back({order_of(condition), static_cast<std::uint16_t>(columns_ * kLanes), 0});
      continue;
    }
    // XGBoost itself goes from a left child to the next node. A tree has as many nodes as its file,
    // else some node would be its own forebear.
    const auto left = static_cast<std::uint32_t>(tree.left[node]);
    const auto column = static_cast<std::uint32_t>(tree.column[node]);
    const std::size_t further = order.size() - at;
    if (tree.right[node] != tree.left[node] + 1 || left + 1 >= tree.size() ||
        order.size() + 2 > tree.size() || column >= columns_ ||
        further > std::numeric_limits<std::uint16_t>::max()) {
      return false;
    }
    const std::size_t copy = tree.default_left[node] != 0 ? 0 : width();
    nodes_.push_back({order_of(condition), static_cast<std::uint16_t>((copy + column) * kLanes),
                      static_cast<std::uint16_t>(further)});
    order.push_back(left);
    order.push_back(left + 1);
  }
  trees_.push_back({static_cast<std::uint32_t>(root), depth});
  return true;
}

std::optional<FlatTrees> FlatTrees::read(std::string_view ubjson) {
  const File file(ubjson);
  FlatTrees flat;
  flat.columns_ = static_cast<std::size_t>(number_in(file.columns));
  flat.base_ = std::strtof(std::string(file.base_score).c_str(), nullptr);
  if (!file.is_plain_sum() || file.columns.empty() ||
      2 * flat.width() * kLanes > std::numeric_limits<std::uint16_t>::max()) {
    return std::nullopt;
  }
  for (const Grown& tree : file.trees) {
    if (!flat.lay_out(tree)) return std::nullopt;
  }
  return flat;
}

}  // namespace pipelines
