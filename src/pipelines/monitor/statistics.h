// statistics.json: what a dataset's columns hold, in Model Monitor's form.
#pragma once

#include "pipelines/monitor/dataset.h"

#include <boost/json/fwd.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pipelines::monitor {

/// A column's part of `features`:
///   numbers  name, inferred_type, numerical_statistics {common {num_present, num_missing}, mean,
///            sum, std_dev, min, max, distribution {kll {buckets of equal width, sketch}}}
///   texts    … string_statistics {common, distinct_count, distribution {categorical {buckets}}}
/// The sketch is KLL's data structure: `data[i]` are values that stand for 2^i each. Up to 2,048
/// values it holds all of them; of more, sorted, every 2^i-th.
/// Deviation: buckets are counted exactly, where Model Monitor estimates them from the sketch.
boost::json::object column_statistics(const Column& column);
/// Of a column of numbers: `values` are those that are there, of `rows`.
boost::json::object number_statistics(std::string_view name, Type type,
                                      std::span<const double> values, std::size_t rows);

/// {version, dataset {item_count}, features}. The same data give the same text: no time stands in
/// it.
boost::json::object statistics(const Dataset& data);

/// How a column was distributed, out of its part of `features`.
struct Distribution {
  std::vector<std::pair<double, double>> numbers;     ///< value and weight, sorted
  std::vector<std::pair<std::string, double>> texts;  ///< value and count, sorted
  double count = 0;                                   ///< values, or their weight
};
Distribution distribution_of(const boost::json::value& feature);

/// The largest difference between two distributions: of their cumulated shares for numbers, of the
/// share of a value for texts. Source: L-infinity distance as in Model Monitor's library, Deequ
/// (Distance.scala).
double distance(const Distribution& one, const Distribution& other);
/// Of few values some distance is chance: 1.8 √((n + m) / (n m)) of it is taken off, as Deequ does
/// for the method Robust.
double robust_distance(const Distribution& one, const Distribution& other);

}  // namespace pipelines::monitor
