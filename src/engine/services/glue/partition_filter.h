// GetPartitions' Expression: "year = 2026 AND (month IN ('01', '02') OR day > '15')".
#pragma once

#include "engine/models/glue.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace engine::glue {

/// A condition over the values of a table's partition keys. Understands =, !=, <>, <, <=, >, >=,
/// IN, BETWEEN, LIKE, IS NULL, NOT, AND, OR and parentheses; keys of number types compare as
/// numbers, the others as text.
class PartitionFilter {
 public:
  /// Throws AwsError InvalidInputException when the expression can't be read.
  PartitionFilter(std::string_view expression, const std::vector<api::Column>& keys);
  ~PartitionFilter();

  /// `values` stand in the order of the keys.
  bool matches(const std::vector<std::string>& values) const;

  struct Node;

 private:
  std::unique_ptr<const Node> root_;
};

}  // namespace engine::glue
