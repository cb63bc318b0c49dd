// Baseline statistics, one pass a column.
#include "pipelines/preprocess/statistics.h"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace pipelines {
namespace {

namespace json = boost::json;

constexpr std::size_t kBuckets = 10;

json::array buckets(const std::vector<double>& values, double low, double high) {
  std::array<std::size_t, kBuckets> counts{};
  const double width = (high - low) / kBuckets;
  for (const double value : values) {
    const auto bucket = width > 0 ? static_cast<std::size_t>((value - low) / width) : 0;
    ++counts[std::min(bucket, kBuckets - 1)];
  }
  json::array list;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    const double from = low + width * static_cast<double>(i);
    list.push_back(
        json::object{{"lower_bound", from}, {"upper_bound", from + width}, {"count", counts[i]}});
  }
  return list;
}

json::object column_statistics(std::string_view name, const std::vector<double>& values,
                               std::size_t rows) {
  json::object numbers{
      {"common", {{"num_present", values.size()}, {"num_missing", rows - values.size()}}}};
  if (!values.empty()) {
    const auto count = static_cast<double>(values.size());
    const double sum = std::accumulate(values.begin(), values.end(), 0.0);
    const double mean = sum / count;
    double squares = 0;
    for (const double value : values) squares += (value - mean) * (value - mean);
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    numbers["mean"] = mean;
    numbers["sum"] = sum;
    numbers["std_dev"] = std::sqrt(squares / count);
    numbers["min"] = *low;
    numbers["max"] = *high;
    numbers["distribution"] = {{"kll", {{"buckets", buckets(values, *low, *high)}}}};
  }
  return {{"name", std::string(name)},
          {"inferred_type", values.empty() ? "Unknown" : "Fractional"},
          {"numerical_statistics", std::move(numbers)}};
}

}  // namespace

std::string baseline_statistics(const Table& table, const std::vector<std::string>& names) {
  json::array features;
  std::vector<double> values(table.labels.begin(), table.labels.end());
  features.push_back(column_statistics("ibu", values, table.rows()));
  for (std::size_t column = 0; column < table.columns; ++column) {
    values.clear();
    for (std::size_t row = 0; row < table.rows(); ++row) {
      if (const float value = table.row(row)[column]; !std::isnan(value)) values.push_back(value);
    }
    features.push_back(column_statistics(names.at(column), values, table.rows()));
  }
  return json::serialize(json::object{{"version", 0.0},
                                      {"dataset", {{"item_count", table.rows()}}},
                                      {"features", std::move(features)}}) +
         "\n";
}

}  // namespace pipelines
