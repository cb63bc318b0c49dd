// The hyperparameters a tuning job searches, and how it picks points among them.
#pragma once

#include "engine/models/sagemaker.h"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace engine::sagemaker {

/// A value for each tuned hyperparameter, as a training job gets them.
using Point = std::map<std::string, std::string>;

/// Ranges that have been checked. Immutable.
class SearchSpace {
 public:
  /// Throws AwsError (ValidationException) for ranges that aren't ones, names that come twice, and,
  /// with the strategy Grid, ranges that aren't categorical.
  SearchSpace(const api::ParameterRanges& ranges, const std::string& strategy);

  /// A point at random: uniform in each range by its scale.
  Point draw(std::mt19937_64& random) const;

  /// The number of points when all ranges are categorical; 0 when there are others.
  std::uint64_t grid_size() const;
  /// One of grid_size() points: the last range changes fastest.
  Point grid_point(std::uint64_t index) const;

 private:
  enum class Scale { kLinear, kLogarithmic, kReverseLogarithmic };
  struct Numeric {
    std::string name;
    double min, max;
    Scale scale;
    bool integer;
  };
  static Scale scale_of(const std::string& name, const std::string& type, double min, double max,
                        bool integer);
  template <class Range>
  void add(const Range& range, bool integer);
  static std::string value_at(const Numeric& range, double share);

  std::vector<Numeric> numeric_;
  std::vector<api::CategoricalParameterRange> categorical_;
};

}  // namespace engine::sagemaker
