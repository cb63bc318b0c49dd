// The part of JSONPath that batch transform takes for its filters.
// Source: "Associate prediction results with input records", SageMaker developer guide.
#pragma once

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine::sagemaker {

/// $ with any of .name, ['a','b'], [0,-1], [1:3], .* and [*] behind it. An index below zero counts
/// from the end; a slice's end is not in it.
class JsonPath {
 public:
  /// Throws std::invalid_argument with a sentence that says what is wrong.
  explicit JsonPath(std::string_view text);

  /// "$": everything, as it is.
  bool whole() const { return steps_.empty(); }
  /// All it selects, in order.
  boost::json::array select(const boost::json::value& root) const;
  /// The value selected by a path that can select only one, else an array of all. Nothing when
  /// such a path selects none.
  std::optional<boost::json::value> value(const boost::json::value& root) const;

 private:
  struct Step {
    enum class Kind { kNames, kIndices, kSlice, kAll } kind = Kind::kAll;
    std::vector<std::string> names = {};
    std::vector<long> indices = {};
    std::optional<long> from = {}, to = {};
  };
  bool definite() const;
  static void follow(const Step& step, const boost::json::value& at,
                     std::vector<const boost::json::value*>& found);
  static Step bracket(std::string_view inside);

  std::vector<Step> steps_;
};

}  // namespace engine::sagemaker
