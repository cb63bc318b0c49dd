// Baseline statistics and constraints, column by column.
#include "pipelines/preprocess/statistics.h"

#include "pipelines/parallel.h"

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

/// The values that are there: of the label, or of a feature.
std::vector<double> label_values(const Table& table, std::span<const std::uint32_t> rows) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (const std::uint32_t row : rows) values.push_back(table.labels[row]);
  return values;
}

std::vector<double> feature_values(const Table& table, std::span<const std::uint32_t> rows,
                                   std::size_t column) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    if (const float value = table.row(row)[column]; !std::isnan(value)) values.push_back(value);
  }
  return values;
}

/// `describe(name, values)` of the label and of each feature, in order.
template <class F>
json::array each_column(const Table& table, std::span<const std::uint32_t> rows,
                        const std::vector<std::string>& names, F&& describe) {
  std::vector<json::object> columns(table.columns + 1);
  in_parallel(columns.size(), [&](std::size_t i) {
    columns[i] = i == 0 ? describe("ibu", label_values(table, rows))
                        : describe(names.at(i - 1), feature_values(table, rows, i - 1));
  });
  json::array list;
  for (json::object& column : columns) list.push_back(std::move(column));
  return list;
}

json::object column_constraints(std::string_view name, const std::vector<double>& values,
                                std::size_t rows) {
  const bool negative =
      std::any_of(values.begin(), values.end(), [](double value) { return value < 0; });
  const auto share =
      rows == 0 ? 0.0 : static_cast<double>(values.size()) / static_cast<double>(rows);
  json::object column{{"name", std::string(name)},
                      {"inferred_type", values.empty() ? "Unknown" : "Fractional"},
                      {"completeness", share}};
  if (!values.empty()) column["num_constraints"] = {{"is_non_negative", !negative}};
  return column;
}

/// What Model Monitor writes below every suggestion of its own.
json::object monitoring_config() {
  return {{"evaluate_constraints", "Enabled"},
          {"emit_metrics", "Enabled"},
          {"datatype_check_threshold", 1.0},
          {"domain_content_threshold", 1.0},
          {"distribution_constraints",
           {{"perform_comparison", "Enabled"},
            {"comparison_threshold", 0.1},
            {"comparison_method", "Robust"}}}};
}

}  // namespace

std::string baseline_statistics(const Table& table, std::span<const std::uint32_t> rows,
                                const std::vector<std::string>& names) {
  json::array features = each_column(table, rows, names,
                                     [&](std::string_view name, const std::vector<double>& values) {
                                       return column_statistics(name, values, rows.size());
                                     });
  return json::serialize(json::object{{"version", 0.0},
                                      {"dataset", {{"item_count", rows.size()}}},
                                      {"features", std::move(features)}}) +
         "\n";
}

std::string baseline_constraints(const Table& table, std::span<const std::uint32_t> rows,
                                 const std::vector<std::string>& names) {
  json::array features = each_column(table, rows, names,
                                     [&](std::string_view name, const std::vector<double>& values) {
                                       return column_constraints(name, values, rows.size());
                                     });
  return json::serialize(json::object{{"version", 0.0},
                                      {"features", std::move(features)},
                                      {"monitoring_config", monitoring_config()}}) +
         "\n";
}

}  // namespace pipelines
